//! API keys.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{KeyChange, parse_scopes};
use domain::ApiKeyId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::{Body, OptionalBody, nullable},
    revision::{Tagged, etag, if_match},
    shapes::{CreatedKeyJson, KeyJson, KeysJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// What it is for.
    name: String,
    /// What it may do: `kb:read`, `kb:write`, `tickets:read`, `tickets:write`, `customers:read`, `customers:write`, `reports:read`,
    /// `conversations:write`, `admin:users`, `admin:keys`, `admin:webhooks`, `admin:settings`, `admin:rules`, or `admin` for
    /// everything. Only what whoever asks may do themselves.
    scopes: Vec<String>,
    /// The teams whose tickets it sees, by key; all when absent.
    teams: Option<BTreeSet<String>>,
    /// When it ends by itself.
    expires_in_days: Option<u32>,
}

/// List keys
#[utoipa::path(
    get, path = "/keys", tag = "Keys", responses((status = 200, description = "The keys, without their secrets", body = KeysJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:keys"))),
)]
pub(crate) async fn list_keys(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<KeysJson>, Failure> {
    let keys = web.desk.list_keys(&principal).await?;
    Ok(Json(KeysJson { keys: keys.iter().map(KeyJson::new).collect() }))
}

/// Make a key
///
/// The secret is shown once.
#[utoipa::path(
    post, path = "/keys", tag = "Keys", request_body = NewKey,
    responses((status = 201, description = "The key and its secret", body = CreatedKeyJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:keys"))),
)]
pub(crate) async fn create_key(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewKey>,
) -> Result<(StatusCode, Tagged<CreatedKeyJson>), Failure> {
    let new = desk::NewKey {
        name: new.name,
        scopes: parse_scopes(&new.scopes)?,
        teams: new.teams,
        expires_in_days: new.expires_in_days,
    };
    let created = web.desk.create_key(&principal, new).await?;
    let revision = created.key.revision;
    let created = CreatedKeyJson { key: KeyJson::new(&created.key), secret: created.secret };
    Ok((StatusCode::CREATED, ([etag(revision)], Json(created))))
}

/// What to change of a key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyChangeJson {
    /// What it is for.
    name: Option<String>,
    /// What it may do instead. Only what whoever asks may do themselves.
    scopes: Option<Vec<String>>,
    /// Days from now until it ends by itself; null for never.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>)]
    expires_in_days: Option<Option<u32>>,
}

/// How a key gets another secret.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRotation {
    /// How long the old secret lives on: 0 to 168, a day when absent.
    overlap_hours: Option<u32>,
}

/// How long an old secret lives on when nothing is said: long enough to change a program on the next working day.
const OVERLAP_HOURS: u32 = 24;

/// Read a key
#[utoipa::path(
    get, path = "/keys/{id}", tag = "Keys", params(("id" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "The key, without its secret; `ETag` is its revision", body = KeyJson),
        (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:keys"))),
)]
pub(crate) async fn get_key(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<KeyJson>, Failure> {
    let key = web.desk.api_key(&principal, &ApiKeyId::new(id)).await?;
    Ok(([etag(key.revision)], Json(KeyJson::new(&key))))
}

/// Change a key
///
/// Absent fields stay. It holds from the key's next request on.
#[utoipa::path(
    patch, path = "/keys/{id}", tag = "Keys", request_body = KeyChangeJson,
    params(("id" = String, Path, description = "The key"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The key after it", body = KeyJson),
        (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is revoked", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:keys"))),
)]
pub(crate) async fn change_key(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<KeyChangeJson>,
) -> Result<Tagged<KeyJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let change = KeyChange {
        name: change.name,
        scopes: change.scopes.as_deref().map(parse_scopes).transpose()?,
        expires_in_days: change.expires_in_days,
    };
    let key = web.desk.change_key(&principal, &ApiKeyId::new(id), change, expected_revision).await?;
    Ok(([etag(key.revision)], Json(KeyJson::new(&key))))
}

/// Rotate a key
///
/// It gets another secret, shown once; the old one lives on for the overlap, so that a program can change over without a gap.
#[utoipa::path(
    post, path = "/keys/{id}/rotation", tag = "Keys", request_body = KeyRotation, params(("id" = String, Path, description = "The key")),
    responses(
        (status = 201, description = "The key and its new secret", body = CreatedKeyJson),
        (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is dead", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The overlap is too long", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:keys"))),
)]
pub(crate) async fn rotate_key(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    OptionalBody(rotation): OptionalBody<KeyRotation>,
) -> Result<(StatusCode, Tagged<CreatedKeyJson>), Failure> {
    let overlap_hours = rotation.overlap_hours.unwrap_or(OVERLAP_HOURS);
    let created = web.desk.rotate_key(&principal, &ApiKeyId::new(id), overlap_hours).await?;
    let revision = created.key.revision;
    let created = CreatedKeyJson { key: KeyJson::new(&created.key), secret: created.secret };
    Ok((StatusCode::CREATED, ([etag(revision)], Json(created))))
}

/// Revoke a key
///
/// It is refused from the next request on. A key that may do or see more than who asks is not theirs to revoke.
#[utoipa::path(
    delete, path = "/keys/{id}", tag = "Keys", params(("id" = String, Path, description = "The key")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, description = "No such key", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:keys"))),
)]
pub(crate) async fn revoke_key(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.revoke_key(&principal, &ApiKeyId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
