//! Who follows a ticket.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::UserId;

use super::{
    revision::{Tagged, etag},
    shapes::TicketJson,
    ticket::ticket_id,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Let a person follow a ticket
///
/// Doing it again changes nothing. At most 50 people follow a ticket.
#[utoipa::path(
    put, path = "/tickets/{id}/followers/{user_id}", tag = "Tickets",
    params(("id" = String, Path, description = "The ticket's id or number"), ("user_id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The ticket after it", body = TicketJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Enough people follow it", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No such person, or one who does not see the ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn add_follower(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, user_id)): Path<(String, String)>,
) -> Result<Tagged<TicketJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let row = web.desk.follow_ticket(&principal, &id, &UserId::new(user_id)).await?;
    Ok(([etag(row.ticket.revision)], Json(TicketJson::of(&row))))
}

/// Let a person no longer follow a ticket
///
/// Who does not follow it stays so.
#[utoipa::path(
    delete, path = "/tickets/{id}/followers/{user_id}", tag = "Tickets",
    params(("id" = String, Path, description = "The ticket's id or number"), ("user_id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The ticket after it", body = TicketJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn remove_follower(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, user_id)): Path<(String, String)>,
) -> Result<Tagged<TicketJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let row = web.desk.unfollow_ticket(&principal, &id, &UserId::new(user_id)).await?;
    Ok(([etag(row.ticket.revision)], Json(TicketJson::of(&row))))
}
