//! API keys.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::ApiKeyId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    scopes::parse_scopes,
    shapes::{CreatedKeyJson, KeyJson, KeysJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// What it is for.
    name: String,
    /// What it may do: `kb:read`, `kb:write`, `tickets:read`, `tickets:write`, `conversations:write`, `admin:users`, `admin:keys`,
    /// `admin:webhooks`, `admin:settings`, or `admin` for everything. Only what whoever asks may do themselves.
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
) -> Result<(StatusCode, Json<CreatedKeyJson>), Failure> {
    let new = desk::NewKey {
        name: new.name,
        scopes: parse_scopes(&new.scopes)?,
        teams: new.teams,
        expires_in_days: new.expires_in_days,
    };
    let created = web.desk.create_key(&principal, new).await?;
    let created = CreatedKeyJson { key: KeyJson::new(&created.key), secret: created.secret };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke a key
///
/// It is refused from the next request on.
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
