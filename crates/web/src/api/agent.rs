//! How agents work: whether they take tickets, when, which, how many, and when they are away.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{AbsenceId, Availability, ScheduleId, Timestamp, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    assignment::SkillsBody,
    body::Body,
    shapes::{AbsenceJson, AbsencesJson, AgentRoutingJson},
};
use crate::{caller::Bearer, dates, dress::Problem, failure::Failure, state::Web};

/// Whether somebody takes new tickets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AvailabilityBody {
    /// `available` or `away`.
    #[schema(value_type = String)]
    availability: Availability,
}

/// How many tickets somebody is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapacityBody {
    /// Tickets at a time by channel, 0 to 1000; 20 for a channel that is left out. Tickets from conversations are of `chat`, those of programs of `api`, those that agents open of `agent`.
    capacity: BTreeMap<String, u32>,
}

/// By which schedule somebody works.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentScheduleBody {
    /// The schedule; null to work with their team.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    schedule_id: Option<String>,
}

/// An absence to enter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAbsence {
    /// RFC 3339.
    from: String,
    /// When they are back, RFC 3339.
    to: String,
    /// Why, for colleagues; up to 500 bytes.
    reason: Option<String>,
}

/// Read how somebody works
///
/// People may read it of themselves, with `tickets:read`; of others with `admin:users`.
#[utoipa::path(
    get, path = "/users/{id}/routing", tag = "Routing", params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "How they work", body = AgentRoutingJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!(["admin:users", "tickets:read"]))),
)]
pub(crate) async fn get_agent_routing(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<AgentRoutingJson>, Failure> {
    Ok(Json(AgentRoutingJson::new(&web.desk.agent_profile(&principal, &UserId::new(id)).await?)))
}

/// Say whether somebody takes new tickets
///
/// Tickets that are theirs stay theirs. People may say it of themselves; of others with `admin:users`.
#[utoipa::path(
    put, path = "/users/{id}/availability", tag = "Routing", request_body = AvailabilityBody, params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "How they work now", body = AgentRoutingJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!(["admin:users", "tickets:read"]))),
)]
pub(crate) async fn set_availability(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(body): Body<AvailabilityBody>,
) -> Result<Json<AgentRoutingJson>, Failure> {
    let profile = web.desk.set_availability(&principal, &UserId::new(id), body.availability).await?;
    Ok(Json(AgentRoutingJson::new(&profile)))
}

/// Say what somebody can do
///
/// In place of what was said before.
#[utoipa::path(
    put, path = "/users/{id}/skills", tag = "Routing", request_body = SkillsBody, params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "How they work now", body = AgentRoutingJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such skill or level", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn set_skills(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(body): Body<SkillsBody>,
) -> Result<Json<AgentRoutingJson>, Failure> {
    let profile = web.desk.set_skills(&principal, &UserId::new(id), &body.skills).await?;
    Ok(Json(AgentRoutingJson::new(&profile)))
}

/// Say how many tickets somebody is given
///
/// In place of what was said before. Only tickets that are new or open count.
#[utoipa::path(
    put, path = "/users/{id}/capacity", tag = "Routing", request_body = CapacityBody, params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "How they work now", body = AgentRoutingJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such channel, or too many tickets", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn set_capacity(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(body): Body<CapacityBody>,
) -> Result<Json<AgentRoutingJson>, Failure> {
    let profile = web.desk.set_capacity(&principal, &UserId::new(id), &body.capacity).await?;
    Ok(Json(AgentRoutingJson::new(&profile)))
}

/// Say by which schedule somebody works
#[utoipa::path(
    put, path = "/users/{id}/schedule", tag = "Routing", request_body = AgentScheduleBody, params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "How they work now", body = AgentRoutingJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such schedule", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn set_agent_schedule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(body): Body<AgentScheduleBody>,
) -> Result<Json<AgentRoutingJson>, Failure> {
    let schedule_id = body.schedule_id.map(ScheduleId::new);
    let profile = web.desk.set_agent_schedule(&principal, &UserId::new(id), schedule_id).await?;
    Ok(Json(AgentRoutingJson::new(&profile)))
}

/// List somebody's absences
///
/// Those that have not ended. People may read their own; those of others with `admin:users`.
#[utoipa::path(
    get, path = "/users/{id}/absences", tag = "Routing", params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The absences, in order", body = AbsencesJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!(["admin:users", "tickets:read"]))),
)]
pub(crate) async fn list_absences(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<AbsencesJson>, Failure> {
    let absences = web.desk.list_absences(&principal, &UserId::new(id)).await?;
    Ok(Json(AbsencesJson { absences: absences.iter().map(AbsenceJson::new).collect() }))
}

/// Enter an absence
///
/// Nobody gets new tickets while they are absent; those that are theirs stay theirs. People may enter their own; those
/// of others are entered with `admin:users`.
#[utoipa::path(
    post, path = "/users/{id}/absences", tag = "Routing", request_body = NewAbsence, params(("id" = String, Path, description = "The person")),
    responses(
        (status = 201, description = "The absence", body = AbsenceJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There are 100 ahead already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It ends before it begins, or is over", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!(["admin:users", "tickets:read"]))),
)]
pub(crate) async fn create_absence(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewAbsence>,
) -> Result<(StatusCode, Json<AbsenceJson>), Failure> {
    let (from, to) = (time("from", &new.from)?, time("to", &new.to)?);
    let id = UserId::new(id);
    let absence = web.desk.create_absence(&principal, &id, from, to, new.reason.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(AbsenceJson::new(&absence))))
}

/// Take an absence back
///
/// People may take back their own.
#[utoipa::path(
    delete, path = "/users/{id}/absences/{absence_id}", tag = "Routing",
    params(("id" = String, Path, description = "The person"), ("absence_id" = String, Path, description = "The absence")),
    responses(
        (status = 204, description = "Taken back"),
        (status = 404, description = "No such absence of this person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!(["admin:users", "tickets:read"]))),
)]
pub(crate) async fn delete_absence(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, absence_id)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_absence(&principal, &UserId::new(id), &AbsenceId::new(absence_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn time(field: &str, text: &str) -> Result<Timestamp, Failure> {
    let refused = || Failure::bad_request(format!("{field}: write a time such as 2026-12-24T18:00:00+01:00"));
    dates::parse(text).ok_or_else(refused)
}
