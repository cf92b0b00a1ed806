//! The statuses that tickets can have.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{NewStatus, StatusChange};
use domain::{StatusState, TicketStatus};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::{Body, nullable},
    revision::{Tagged, etag, if_match},
    shapes::{StatusJson, StatusesJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A status to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStatusJson {
    /// What filters and programs name it by, as in `status:vendor`: a small letter, then small letters, digits and `_`. It
    /// never changes.
    key: String,
    /// What agents read.
    name: String,
    /// What customers read; the same as agents when absent.
    customer_name: Option<String>,
    /// What it counts as: `new`, `open`, `pending`, `on_hold`, `solved` or `closed`. It never changes.
    #[schema(value_type = String)]
    category: TicketStatus,
    /// Its place among the others, smaller first; 0 when absent.
    #[serde(default)]
    position: i64,
    /// The keys that agents may move a ticket to from here; all that the categories allow when absent.
    next: Option<BTreeSet<String>>,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusChangeJson {
    name: Option<String>,
    customer_name: Option<String>,
    position: Option<i64>,
    /// `active`, or `retired`: tickets are given it no more, and those that have it keep it.
    #[schema(value_type = Option<String>)]
    state: Option<StatusState>,
    /// The keys that agents may move a ticket to from here; null for all that the categories allow.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>)]
    next: Option<Option<BTreeSet<String>>>,
}

/// List statuses
///
/// By position, those that are retired too.
#[utoipa::path(
    get, path = "/statuses", tag = "Statuses",
    responses((status = 200, description = "The statuses", body = StatusesJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_statuses(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<StatusesJson>, Failure> {
    let statuses = web.desk.list_statuses(&principal).await?;
    Ok(Json(StatusesJson { statuses: statuses.iter().map(StatusJson::new).collect() }))
}

/// Add a status
///
/// Tickets can have it from the next request on.
#[utoipa::path(
    post, path = "/statuses", tag = "Statuses", request_body = NewStatusJson,
    responses(
        (status = 201, description = "The status", body = StatusJson),
        (status = 409, description = "There is one with this key, or there are too many", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A status that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn create_status(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewStatusJson>,
) -> Result<(StatusCode, Tagged<StatusJson>), Failure> {
    let new = NewStatus {
        key: new.key,
        name: new.name,
        customer_name: new.customer_name,
        category: new.category,
        position: new.position,
        next: new.next,
    };
    let status = web.desk.create_status(&principal, new).await?;
    Ok((StatusCode::CREATED, ([etag(status.revision)], Json(StatusJson::new(&status)))))
}

/// Change a status
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first. A built-in status can be
/// renamed, not retired.
#[utoipa::path(
    patch, path = "/statuses/{key}", tag = "Statuses", request_body = StatusChangeJson,
    params(("key" = String, Path, description = "The status's key"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The status after it", body = StatusJson),
        (status = 404, description = "No such status", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A built-in status stays", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A status that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn change_status(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(key): Path<String>,
    headers: HeaderMap,
    Body(change): Body<StatusChangeJson>,
) -> Result<Tagged<StatusJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let change = StatusChange {
        name: change.name,
        customer_name: change.customer_name,
        position: change.position,
        state: change.state,
        next: change.next,
    };
    let status = web.desk.change_status(&principal, &key, change, expected_revision).await?;
    Ok(([etag(status.revision)], Json(StatusJson::new(&status))))
}
