//! Schedules: when people work.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::ScheduleInput;
use domain::ScheduleId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    revision::{Tagged, etag, if_match},
    shapes::{HolidayJson, ScheduleJson, SchedulesJson, WeekJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A schedule as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleBody {
    name: String,
    /// Its time zone, as the IANA database names it: `Europe/Berlin`.
    zone: String,
    /// Up to eight stretches a day, none over another; at least one in the week.
    hours: WeekJson,
    /// Whole days of the zone, up to 400.
    #[serde(default)]
    holidays: Vec<HolidayJson>,
}

impl ScheduleBody {
    fn into_input(self) -> ScheduleInput {
        ScheduleInput {
            name: self.name,
            zone: self.zone,
            hours: self.hours.into_days(),
            holidays: self.holidays.into_iter().map(|day| (day.date, day.name)).collect(),
        }
    }
}

/// List schedules
#[utoipa::path(
    get, path = "/schedules", tag = "Schedules", responses((status = 200, description = "The schedules, by name", body = SchedulesJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn list_schedules(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<SchedulesJson>, Failure> {
    let now = web.desk.now();
    let schedules = web.desk.list_schedules(&principal).await?;
    let schedules = schedules.iter().map(|schedule| ScheduleJson::new(schedule, now)).collect();
    Ok(Json(SchedulesJson { schedules }))
}

/// Make a schedule
#[utoipa::path(
    post, path = "/schedules", tag = "Schedules", request_body = ScheduleBody,
    responses(
        (status = 201, description = "The schedule", body = ScheduleJson),
        (status = 409, description = "There are 500 already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such zone, or hours or holidays that make no sense", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn create_schedule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<ScheduleBody>,
) -> Result<(StatusCode, Tagged<ScheduleJson>), Failure> {
    let schedule = web.desk.create_schedule(&principal, &new.into_input()).await?;
    let json = ScheduleJson::new(&schedule, web.desk.now());
    Ok((StatusCode::CREATED, ([etag(schedule.revision)], Json(json))))
}

/// Read a schedule
#[utoipa::path(
    get, path = "/schedules/{id}", tag = "Schedules", params(("id" = String, Path, description = "The schedule")),
    responses(
        (status = 200, description = "The schedule", body = ScheduleJson),
        (status = 404, description = "No such schedule", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn get_schedule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<ScheduleJson>, Failure> {
    let schedule = web.desk.schedule(&principal, &ScheduleId::new(id)).await?;
    Ok(([etag(schedule.revision)], Json(ScheduleJson::new(&schedule, web.desk.now()))))
}

/// Change a schedule
///
/// The whole of it. Clocks of unsolved tickets are counted by it as if it had always been so. With `If-Match` the change is
/// refused when somebody else changed it first.
#[utoipa::path(
    put, path = "/schedules/{id}", tag = "Schedules", request_body = ScheduleBody,
    params(("id" = String, Path, description = "The schedule"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The schedule after it", body = ScheduleJson),
        (status = 404, description = "No such schedule", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such zone, or hours or holidays that make no sense", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn change_schedule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<ScheduleBody>,
) -> Result<Tagged<ScheduleJson>, Failure> {
    let expected = if_match(&headers)?;
    let id = ScheduleId::new(id);
    let schedule = web.desk.change_schedule(&principal, &id, &change.into_input(), expected).await?;
    Ok(([etag(schedule.revision)], Json(ScheduleJson::new(&schedule, web.desk.now()))))
}

/// Delete a schedule
///
/// Only one by which no agent, team or SLA policy counts.
#[utoipa::path(
    delete, path = "/schedules/{id}", tag = "Schedules", params(("id" = String, Path, description = "The schedule")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such schedule", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody works by it", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn delete_schedule(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_schedule(&principal, &ScheduleId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
