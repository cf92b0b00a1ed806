//! How a team's tickets are given to its people.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{AssignmentMode, ScheduleId, TeamRouting};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{body::Body, shapes::TeamRoutingJson};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// How it shall be; what is left out is as for a new team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamRoutingBody {
    /// `manual`: people give the tickets. `automatic`: Askwell does, with tickets that are opened or come to the team from now
    /// on.
    #[schema(value_type = String)]
    assignment: AssignmentMode,
    /// When the team works; all the time when null or left out. An agent's own schedule counts before it.
    schedule_id: Option<String>,
    /// The teams that are asked when nobody of its own can take a ticket, by key, in this order; at most 10.
    #[serde(default)]
    fallback_teams: Vec<String>,
    /// Minutes in which the agent who is given a ticket must reply, write a note or change it, 1 to 10080; then it goes to
    /// somebody else. For as long as they like when null or left out.
    accept_within_min: Option<u32>,
}

/// Read a team's routing
#[utoipa::path(
    get, path = "/teams/{key}/routing", tag = "Routing", params(("key" = String, Path, description = "The team's key")),
    responses(
        (status = 200, description = "How its tickets are given to people", body = TeamRoutingJson),
        (status = 404, description = "No such team", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn get_team_routing(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
) -> Result<Json<TeamRoutingJson>, Failure> {
    Ok(Json(TeamRoutingJson::new(&web.desk.team_routing(&principal, &key).await?)))
}

/// Set a team's routing
#[utoipa::path(
    put, path = "/teams/{key}/routing", tag = "Routing", request_body = TeamRoutingBody, params(("key" = String, Path, description = "The team's key")),
    responses(
        (status = 200, description = "How it is now", body = TeamRoutingJson),
        (status = 404, description = "No such team", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such schedule or fallback team", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn set_team_routing(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
    Body(body): Body<TeamRoutingBody>,
) -> Result<Json<TeamRoutingJson>, Failure> {
    let routing = TeamRouting {
        assignment: body.assignment,
        schedule_id: body.schedule_id.map(ScheduleId::new),
        fallbacks: body.fallback_teams,
        accept_within_min: body.accept_within_min,
    };
    Ok(Json(TeamRoutingJson::new(&web.desk.set_team_routing(&principal, &key, routing).await?)))
}
