//! What was learned from solved tickets.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{LearnedVersionJson, LearnedVersionsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Which version searches use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedChoice {
    /// Its number; `null` for none, as on a new site.
    number: Option<i64>,
}

/// List learned versions
///
/// Newest first, at most 100, each with how good it is.
#[utoipa::path(
    get, path = "/learning/versions", tag = "Learning",
    responses((status = 200, description = "The versions", body = LearnedVersionsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_versions(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<LearnedVersionsJson>, Failure> {
    let versions = web.desk.learned_versions(&principal).await?;
    let json = |(version, report): &(_, _)| LearnedVersionJson::new(version, report);
    Ok(Json(LearnedVersionsJson { versions: versions.iter().map(json).collect() }))
}

/// Learn now
///
/// Remembers what was solved since the last time, learns, and uses the result where it finds more.
#[utoipa::path(
    post, path = "/learning/versions", tag = "Learning",
    responses((status = 201, description = "The new version", body = LearnedVersionJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin"))),
)]
pub(crate) async fn create_version(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<(StatusCode, Json<LearnedVersionJson>), Failure> {
    let outcome = web.desk.learn(&principal, &mut |_| {}).await?;
    Ok((StatusCode::CREATED, Json(LearnedVersionJson::new(&outcome.version, &outcome.report))))
}

/// Choose a learned version
///
/// Searches use it from the next one on.
#[utoipa::path(
    put, path = "/learning/choice", tag = "Learning", request_body = LearnedChoice,
    responses(
        (status = 204, description = "Chosen"),
        (status = 404, description = "No such version", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin"))),
)]
pub(crate) async fn choose_version(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(choice): Body<LearnedChoice>,
) -> Result<StatusCode, Failure> {
    web.desk.choose_learned_version(&principal, choice.number).await?;
    web.desk.refresh_learned().await?;
    Ok(StatusCode::NO_CONTENT)
}
