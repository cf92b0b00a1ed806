//! Roles.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use desk::{RoleChange, RoleView, parse_scopes};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    revision::{etag, if_match},
    shapes::{RoleJson, RolesJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A role to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// What people are given it by: 1 to 64 of `a-z 0-9 _ -`. It never changes.
    key: String,
    /// What people call it.
    name: String,
    /// What it may do. Only what whoever asks may do themselves.
    scopes: Vec<String>,
}

/// What to change of a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChangeJson {
    /// What people call it.
    name: Option<String>,
    /// What it may do instead.
    scopes: Option<Vec<String>>,
}

/// A role with its `ETag`.
type TaggedRole = (Option<[(HeaderName, HeaderValue); 1]>, Json<RoleJson>);

/// List roles
#[utoipa::path(
    get, path = "/roles", tag = "People", responses((status = 200, description = "The built-in ones, then the site's own", body = RolesJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn list_roles(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<RolesJson>, Failure> {
    let roles = web.desk.roles(&principal).await?;
    Ok(Json(RolesJson { roles: roles.iter().map(RoleJson::new).collect() }))
}

/// Make a role
///
/// Nobody grants what they may not do themselves.
#[utoipa::path(
    post, path = "/roles", tag = "People", request_body = NewRole,
    responses(
        (status = 201, description = "The role", body = RoleJson),
        (status = 409, description = "There is one with this key", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value is refused", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn create_role(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewRole>,
) -> Result<(StatusCode, Option<[(HeaderName, HeaderValue); 1]>, Json<RoleJson>), Failure> {
    let scopes = parse_scopes(&new.scopes)?;
    let role = web.desk.create_role(&principal, &new.key, &new.name, scopes).await?;
    Ok((StatusCode::CREATED, role.revision.map(|revision| [etag(revision)]), Json(RoleJson::new(&role))))
}

/// Change a role
///
/// Absent fields stay. It holds for everybody who has the role from their next request on.
#[utoipa::path(
    patch, path = "/roles/{key}", tag = "People", request_body = RoleChangeJson,
    params(("key" = String, Path, description = "The role's key"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The role after it", body = RoleJson),
        (status = 404, description = "No such role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A built-in role stays as it is", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn change_role(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
    headers: HeaderMap,
    Body(change): Body<RoleChangeJson>,
) -> Result<TaggedRole, Failure> {
    let expected_revision = if_match(&headers)?;
    let scopes = change.scopes.as_deref().map(parse_scopes).transpose()?;
    let change = RoleChange { name: change.name, scopes };
    let role: RoleView = web.desk.change_role(&principal, &key, change, expected_revision).await?;
    Ok((role.revision.map(|revision| [etag(revision)]), Json(RoleJson::new(&role))))
}

/// Delete a role
///
/// Only one that nobody has.
#[utoipa::path(
    delete, path = "/roles/{key}", tag = "People", params(("key" = String, Path, description = "The role's key")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such role", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody has it, or it is built in", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn delete_role(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_role(&principal, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
