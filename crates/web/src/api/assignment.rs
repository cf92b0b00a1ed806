//! What a ticket needs, and why it went to whom.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{AssignmentsJson, SkillsJson},
    ticket::ticket_id,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Skills with levels.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SkillsBody {
    /// Levels of 1 to 5 by skill, at most 50. A skill is 1 to 40 of `a-z 0-9 _ -`.
    pub(super) skills: BTreeMap<String, u8>,
}

/// Read why a ticket went to whom
///
/// The newest decision first, up to a hundred. Each says of everybody who was looked at why they were taken or not.
#[utoipa::path(
    get, path = "/tickets/{id}/assignments", tag = "Routing", params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 200, description = "The decisions; none where people give the team's tickets", body = AssignmentsJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_assignments(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<AssignmentsJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    Ok(Json(AssignmentsJson::new(&web.desk.list_assignments(&principal, &id).await?)))
}

/// Read what a ticket needs
#[utoipa::path(
    get, path = "/tickets/{id}/skills", tag = "Routing", params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 200, description = "What its agent must be able to do, at least so well", body = SkillsJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_ticket_skills(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<SkillsJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    Ok(Json(SkillsJson::new(&web.desk.ticket_skills(&principal, &id).await?)))
}

/// Say what a ticket needs
///
/// It counts when the ticket is next given to somebody. One that waits for somebody is looked at now.
#[utoipa::path(
    put, path = "/tickets/{id}/skills", tag = "Routing", request_body = SkillsBody, params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 200, description = "What it needs now", body = SkillsJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such skill or level", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn set_ticket_skills(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(body): Body<SkillsBody>,
) -> Result<Json<SkillsJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let skills = web.desk.set_ticket_skills(&principal, &id, &body.skills).await?;
    Ok(Json(SkillsJson::new(&skills)))
}
