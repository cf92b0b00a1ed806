//! What was changed of a ticket: by whom, when, from what to what.

use axum::{
    Json,
    extract::{Path, State},
};

use super::{body::Params, query::Part, shapes::TicketHistoryJson, ticket::ticket_id};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Read what was changed of a ticket
///
/// Each field that was changed is an entry of its own, the newest first.
#[utoipa::path(
    get, path = "/tickets/{id}/history", tag = "Tickets", params(("id" = String, Path, description = "The ticket's id or number"), Part),
    responses(
        (status = 200, description = "A page of its history", body = TicketHistoryJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A place that is none", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_ticket_history(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Params(part): Params<Part>,
) -> Result<Json<TicketHistoryJson>, Failure> {
    let limit = part.limit();
    let id = ticket_id(&web, &principal, id).await?;
    let page = web.desk.ticket_history(&principal, &id, part.after, limit).await?;
    Ok(Json(TicketHistoryJson::new(page)))
}
