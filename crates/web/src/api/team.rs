//! Teams and who is in them.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::UserId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{TeamJson, TeamsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A team to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTeam {
    /// What tickets name it by: 1 to 64 of `a-z 0-9 _ -`. It never changes.
    key: String,
    /// What people call it.
    name: String,
}

/// What to change of a team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamChange {
    /// What people call it.
    name: String,
}

/// List teams
///
/// Those whose tickets the key sees.
#[utoipa::path(
    get, path = "/teams", tag = "Teams", responses((status = 200, description = "The teams, by key", body = TeamsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_teams(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<TeamsJson>, Failure> {
    let teams = web.desk.list_teams(&principal).await?;
    Ok(Json(TeamsJson { teams: teams.iter().map(TeamJson::new).collect() }))
}

/// Make a team
#[utoipa::path(
    post, path = "/teams", tag = "Teams", request_body = NewTeam,
    responses(
        (status = 201, description = "The team", body = TeamJson),
        (status = 409, description = "There is one with this key", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn create_team(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewTeam>,
) -> Result<(StatusCode, Json<TeamJson>), Failure> {
    let row = web.desk.create_team(&principal, &new.key, &new.name).await?;
    Ok((StatusCode::CREATED, Json(TeamJson::new(&row))))
}

/// Rename a team
#[utoipa::path(
    patch, path = "/teams/{key}", tag = "Teams", request_body = TeamChange, params(("key" = String, Path, description = "The team's key")),
    responses(
        (status = 204, description = "Renamed"),
        (status = 404, description = "No such team", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn change_team(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
    Body(change): Body<TeamChange>,
) -> Result<StatusCode, Failure> {
    web.desk.rename_team(&principal, &key, &change.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a team
///
/// Only one that has no tickets, views, canned replies or macros.
#[utoipa::path(
    delete, path = "/teams/{key}", tag = "Teams", params(("key" = String, Path, description = "The team's key")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such team", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has tickets, views, canned replies or macros", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn delete_team(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_team(&principal, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a person into a team
#[utoipa::path(
    put, path = "/teams/{key}/members/{user_id}", tag = "Teams",
    params(("key" = String, Path, description = "The team's key"), ("user_id" = String, Path, description = "The person")),
    responses(
        (status = 204, description = "In it"),
        (status = 404, description = "No such team or person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn add_member(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((key, user_id)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    web.desk.add_team_member(&principal, &key, &UserId::new(user_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a person out of a team
///
/// Their tickets stay theirs.
#[utoipa::path(
    delete, path = "/teams/{key}/members/{user_id}", tag = "Teams",
    params(("key" = String, Path, description = "The team's key"), ("user_id" = String, Path, description = "The person")),
    responses(
        (status = 204, description = "Not in it"),
        (status = 404, description = "No such team", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn remove_member(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((key, user_id)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    web.desk.remove_team_member(&principal, &key, &UserId::new(user_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
