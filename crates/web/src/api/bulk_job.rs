//! Bulk jobs: the same actions for a selection of tickets or for all that a filter admits, with progress, a report and an undo.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::{BulkSelection, BulkTicketsAsked, NewBulkJob, TicketRef};
use domain::BulkJobId;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params},
    shapes::{
        BulkJobJson, BulkJobsJson, BulkPreviewJson, BulkTicketStateJson, BulkTicketsJson, BulkUndoJson,
    },
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Jobs on one page where nothing else is asked for.
const JOBS_DEFAULT: usize = 50;
/// Tickets on one page where nothing else is asked for.
const TICKETS_DEFAULT: usize = 100;

/// A bulk job to make. Send either `tickets` or `filter`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBulkJobJson {
    /// Numbers or ids, at most 1,000. What is no ticket of yours fails by itself and keeps the others from nothing.
    tickets: Option<Vec<TicketRefJson>>,
    /// In the filter language; `me` and `mine` mean you. At most 100,000 tickets.
    filter: Option<String>,
    /// As in a macro.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
    /// How many tickets you have in mind, from a preview or a count. The job is refused when over a tenth more or fewer match now.
    expected_count: Option<usize>,
}

/// What a bulk job would be. Send either `tickets` or `filter`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkPreviewOfJson {
    /// Numbers or ids, at most 1,000.
    tickets: Option<Vec<TicketRefJson>>,
    /// In the filter language; `me` and `mine` mean you.
    filter: Option<String>,
    /// As in a macro.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
}

/// A ticket's number or id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum TicketRefJson {
    /// Its number.
    Number(i64),
    /// Its id.
    Id(String),
}

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BulkJobsParams {
    /// Where the page begins: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 100.
    limit: Option<usize>,
}

/// Which tickets of a job.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BulkTicketsParams {
    /// `waiting`, `done`, `unchanged` or `failed`.
    #[param(inline)]
    state: Option<BulkTicketStateJson>,
    /// `none`, `undone`, `partly` or `kept`: what became of putting them back.
    #[param(inline)]
    undo: Option<BulkUndoJson>,
    /// Where the page begins: `next` of the page before.
    after: Option<i64>,
    /// At most this many, up to 1,000.
    limit: Option<usize>,
}

/// Make a bulk job
///
/// The tickets are those that match now; they are changed one after the other, each as if you had run a macro on it, with the
/// rights that you have then. The answer comes before that: read the job to see how far it is, or follow `bulk_job_changed`. At
/// most three jobs of yours are not at their end at once.
#[utoipa::path(
    post, path = "/bulk-jobs", tag = "Bulk jobs", request_body = NewBulkJobJson,
    responses(
        (status = 202, description = "The job, which waits", body = BulkJobJson),
        (status = 409, description = "Not about as many tickets as expected, or too many jobs of yours", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No actions, no filter, no tickets or too many", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn create_bulk_job(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewBulkJobJson>,
) -> Result<(StatusCode, Json<BulkJobJson>), Failure> {
    let which = selection(new.tickets, new.filter)?;
    let new = NewBulkJob { which, actions: new.actions, expected_count: new.expected_count };
    let job = web.desk.create_bulk_job(&principal, new).await?;
    Ok((StatusCode::ACCEPTED, Json(BulkJobJson::new(&job))))
}

/// Try a bulk job
///
/// How many tickets it would be for, and what it would do to the first ones. Nothing is written. The rules and the routing that
/// may follow are not tried.
#[utoipa::path(
    post, path = "/bulk-jobs/preview", tag = "Bulk jobs", request_body = BulkPreviewOfJson,
    responses(
        (status = 200, description = "What would be done", body = BulkPreviewJson),
        (status = 422, description = "No actions, no filter, or too many tickets", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn preview_bulk_job(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(of): Body<BulkPreviewOfJson>,
) -> Result<Json<BulkPreviewJson>, Failure> {
    let which = selection(of.tickets, of.filter)?;
    let preview = web.desk.preview_bulk_job(&principal, &which, &of.actions).await?;
    Ok(Json(BulkPreviewJson::new(&preview)))
}

/// List bulk jobs
///
/// Your own, the newest first; everybody's with `admin` and the sight of all tickets. Jobs are kept for 30 days.
#[utoipa::path(
    get, path = "/bulk-jobs", tag = "Bulk jobs", params(BulkJobsParams),
    responses((status = 200, description = "A page of jobs", body = BulkJobsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_bulk_jobs(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(params): Params<BulkJobsParams>,
) -> Result<Json<BulkJobsJson>, Failure> {
    let after = params.after.map(BulkJobId::new);
    let limit = params.limit.unwrap_or(JOBS_DEFAULT);
    let page = web.desk.list_bulk_jobs(&principal, after.as_ref(), limit).await?;
    Ok(Json(BulkJobsJson::new(&page)))
}

/// Read a bulk job
///
/// How far it is, and how many of its tickets were changed, were as they should be already, or failed.
#[utoipa::path(
    get, path = "/bulk-jobs/{id}", tag = "Bulk jobs", params(("id" = String, Path, description = "The job")),
    responses(
        (status = 200, description = "The job", body = BulkJobJson),
        (status = 404, description = "No such job of yours", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_bulk_job(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<BulkJobJson>, Failure> {
    Ok(Json(BulkJobJson::new(&web.desk.bulk_job(&principal, &BulkJobId::new(id)).await?)))
}

/// List the tickets of a bulk job
///
/// In their order, each with what became of it and why; after an undo, with what was not put back.
#[utoipa::path(
    get, path = "/bulk-jobs/{id}/tickets", tag = "Bulk jobs",
    params(("id" = String, Path, description = "The job"), BulkTicketsParams),
    responses(
        (status = 200, description = "A page of tickets", body = BulkTicketsJson),
        (status = 404, description = "No such job of yours", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_bulk_job_tickets(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(params): Params<BulkTicketsParams>,
) -> Result<Json<BulkTicketsJson>, Failure> {
    let asked = BulkTicketsAsked {
        state: params.state.map(BulkTicketStateJson::asked),
        undo: params.undo.map(BulkUndoJson::asked),
        after: params.after.unwrap_or(0),
        limit: params.limit.unwrap_or(TICKETS_DEFAULT),
    };
    let page = web.desk.bulk_job_tickets(&principal, &BulkJobId::new(id), asked).await?;
    Ok(Json(BulkTicketsJson::new(&page)))
}

/// Cancel a bulk job
///
/// What it has changed stays, and can be undone; the other tickets stay as they are.
#[utoipa::path(
    post, path = "/bulk-jobs/{id}/cancel", tag = "Bulk jobs", params(("id" = String, Path, description = "The job")),
    responses(
        (status = 200, description = "The job, cancelled", body = BulkJobJson),
        (status = 404, description = "No such job of yours", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is at its end, or is undone", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn cancel_bulk_job(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<BulkJobJson>, Failure> {
    Ok(Json(BulkJobJson::new(&web.desk.cancel_bulk_job(&principal, &BulkJobId::new(id)).await?)))
}

/// Undo a bulk job
///
/// Within 24 hours of its end, beside the requests like the job itself. Of each ticket what the job changed is put back, but for
/// what somebody has changed since. Notes and replies stay. The tickets of the job say what was not put back, and why.
#[utoipa::path(
    post, path = "/bulk-jobs/{id}/undo", tag = "Bulk jobs", params(("id" = String, Path, description = "The job")),
    responses(
        (status = 202, description = "The job, which is undone from now on", body = BulkJobJson),
        (status = 404, description = "No such job of yours", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be undone, and why", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn undo_bulk_job(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<BulkJobJson>), Failure> {
    let job = web.desk.undo_bulk_job(&principal, &BulkJobId::new(id)).await?;
    Ok((StatusCode::ACCEPTED, Json(BulkJobJson::new(&job))))
}

/// The tickets that are meant: named or filtered, and not both.
fn selection(tickets: Option<Vec<TicketRefJson>>, filter: Option<String>) -> Result<BulkSelection, Failure> {
    match (tickets, filter) {
        (Some(tickets), None) => {
            let refs = tickets.into_iter().map(|named| match named {
                TicketRefJson::Number(number) => TicketRef::Number(number),
                // A text of digits alone is a number, as in the address of a ticket.
                TicketRefJson::Id(id) => id.parse().map_or(TicketRef::Id(id), TicketRef::Number),
            });
            Ok(BulkSelection::Tickets(refs.collect()))
        }
        (None, Some(text)) => Ok(BulkSelection::Filter(desk::filter("filter", &text)?)),
        _ => Err(Failure::bad_request("tickets: send either tickets or filter")),
    }
}
