//! The archive of tickets: taking one out.

use axum::{
    Json,
    extract::{Path, State},
};

use super::{
    revision::{Tagged, etag},
    shapes::TicketJson,
    ticket::ticket_id,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Take a ticket out of the archive
///
/// It stands in lists and views again, and counts as changed now. One that is not in the archive stays as it is. A ticket that is
/// changed, or whose customer writes, comes out by itself.
#[utoipa::path(
    delete, path = "/tickets/{id}/archive", tag = "Tickets", params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 200, description = "The ticket", body = TicketJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn unarchive_ticket(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<TicketJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let row = web.desk.unarchive_ticket(&principal, &id).await?;
    let json = TicketJson::of(&row);
    Ok(([etag(row.ticket.revision)], Json(json)))
}
