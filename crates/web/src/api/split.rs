//! Splitting a ticket.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::Split;
use domain::MessageId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{OperationJson, SplitJson, TicketJson},
    ticket::ticket_id,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// What to move into a new ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitBody {
    /// The messages, by id: replies and notes of the ticket, at most 200 and not all of them.
    message_ids: Vec<String>,
    /// What the new ticket is about; taken from the first message when absent.
    subject: Option<String>,
}

/// Split a ticket
///
/// The messages move to a new ticket of the same customer and team. Replies there reach the customer in the same conversation.
/// Can be undone for 24 hours, unless somebody has written in the new ticket.
#[utoipa::path(
    post, path = "/tickets/{id}/split", tag = "Tickets", request_body = SplitBody,
    params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 201, description = "What was done, and the new ticket", body = SplitJson),
        (status = 404, description = "No such ticket, or a message that is not its", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was merged", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No messages, all of them, or some that cannot be moved", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn split_ticket(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(split): Body<SplitBody>,
) -> Result<(StatusCode, Json<SplitJson>), Failure> {
    let message_ids = split.message_ids.into_iter().map(MessageId::new).collect();
    let split = Split { message_ids, subject: split.subject };
    let id = ticket_id(&web, &principal, id).await?;
    let (done, row) = web.desk.split_ticket(&principal, &id, split).await?;
    let json = SplitJson { operation: OperationJson::new(&done), ticket: TicketJson::of(&row) };
    Ok((StatusCode::CREATED, Json(json)))
}
