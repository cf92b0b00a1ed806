//! What was done to two tickets at once, and taking it back.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::OperationId;

use super::{
    shapes::{OperationJson, OperationsJson},
    ticket::ticket_id,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// List merges, splits and links
///
/// What was done to a ticket and another one that you see too, newest first, at most 100.
#[utoipa::path(
    get, path = "/tickets/{id}/operations", tag = "Tickets", params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 200, description = "What was done", body = OperationsJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_operations(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<OperationsJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let operations = web.desk.list_operations(&principal, &id).await?;
    Ok(Json(OperationsJson { operations: operations.iter().map(OperationJson::new).collect() }))
}

/// Undo a merge, a split or a change of links
///
/// Within 24 hours, while nothing that has happened since makes it impossible.
#[utoipa::path(
    post, path = "/tickets/{id}/operations/{operation_id}/undo", tag = "Tickets",
    params(
        ("id" = String, Path, description = "Either ticket"),
        ("operation_id" = String, Path, description = "What was done")
    ),
    responses(
        (status = 200, description = "What was done, undone", body = OperationJson),
        (status = 404, description = "No such ticket, or nothing that was done to it", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be undone, and why", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn undo_operation(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, operation_id)): Path<(String, String)>,
) -> Result<Json<OperationJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let undone = web.desk.undo(&principal, &id, &OperationId::new(operation_id)).await?;
    Ok(Json(OperationJson::new(&undone)))
}
