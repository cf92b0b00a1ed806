//! Tickets: the list, one with everything in it, changing it, replies and notes.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{TicketChange, TicketQuery};
use domain::{MessageKind, Priority, SuggestionId, TicketId, TicketStatus, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params, nullable},
    revision::{Tagged, etag, if_match},
    shapes::{MessageJson, TicketJson, TicketViewJson, TicketsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Tickets on one page where nothing else is asked for.
const TICKETS_DEFAULT: usize = 50;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicketsParams {
    /// `new`, `open`, `pending`, `on_hold`, `solved` or `closed`.
    status: Option<String>,
    /// The page's first ticket is the one after this id: `next` of the page before.
    after: Option<String>,
    /// At most this many, up to 100.
    limit: Option<usize>,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketChangeJson {
    /// `open`, `pending`, `on_hold`, `solved` or `closed`.
    #[schema(value_type = Option<String>)]
    status: Option<TicketStatus>,
    /// `low`, `normal`, `high` or `urgent`.
    #[schema(value_type = Option<String>)]
    priority: Option<Priority>,
    /// The team, by key.
    team: Option<String>,
    /// The person who owns it, or null for nobody.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    assignee_id: Option<Option<String>>,
}

/// A reply or a note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// `reply`: the customer reads it. `note`: the team reads it.
    #[schema(value_type = String)]
    kind: MessageKind,
    /// Markdown.
    body: String,
    /// The suggested reply it was made from; records whether it was edited.
    suggestion_id: Option<String>,
}

/// List tickets
///
/// Newest first.
#[utoipa::path(
    get, path = "/tickets", tag = "Tickets", params(TicketsParams),
    responses((status = 200, description = "A page of tickets", body = TicketsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_tickets(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(params): Params<TicketsParams>,
) -> Result<Json<TicketsJson>, Failure> {
    let status = params
        .status
        .map(|status| {
            TicketStatus::parse(&status).ok_or_else(|| Failure::bad_request("status: no such status"))
        })
        .transpose()?;
    let limit = params.limit.unwrap_or(TICKETS_DEFAULT).clamp(1, desk::TICKETS_PER_PAGE_MAX);
    let rows = web.desk.list_tickets(&principal, TicketQuery { status, after: params.after, limit }).await?;
    let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.ticket.id.to_string());
    let tickets =
        rows.iter().map(|row| TicketJson::new(&row.ticket, row.customer.as_ref(), row.assignee.as_deref()));
    Ok(Json(TicketsJson { tickets: tickets.collect(), next }))
}

/// Read a ticket
///
/// With the transcript, what the bot cited or tried, replies, notes, its history, and the drafts made so far. `ETag` is its
/// revision.
#[utoipa::path(
    get, path = "/tickets/{id}", tag = "Tickets", params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 200, description = "The ticket", body = TicketViewJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_ticket(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<TicketViewJson>, Failure> {
    let view = match id.parse::<i64>() {
        Ok(number) => web.desk.ticket_by_number(&principal, number).await?,
        Err(_) => web.desk.ticket(&principal, &TicketId::new(id)).await?,
    };
    Ok(([etag(view.ticket.revision)], Json(TicketViewJson::new(&view))))
}

/// Change a ticket
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first. What changed, by whom and
/// from what to what stands in the ticket's `history`.
#[utoipa::path(
    patch, path = "/tickets/{id}", tag = "Tickets", request_body = TicketChangeJson,
    params(("id" = String, Path, description = "The ticket"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The ticket after it", body = TicketJson),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A closed ticket stays closed", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn change_ticket(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<TicketChangeJson>,
) -> Result<Tagged<TicketJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let change = TicketChange {
        status: change.status,
        priority: change.priority,
        team: change.team,
        assignee: change.assignee_id.map(|id| id.map(UserId::new)),
    };
    let row = web.desk.change_ticket(&principal, &TicketId::new(id), change, expected_revision).await?;
    let json = TicketJson::new(&row.ticket, row.customer.as_ref(), row.assignee.as_deref());
    Ok(([etag(row.ticket.revision)], Json(json)))
}

/// Reply, or add a note
#[utoipa::path(
    post, path = "/tickets/{id}/messages", tag = "Tickets", request_body = NewMessage, params(("id" = String, Path, description = "The ticket")),
    responses((status = 201, description = "The message", body = MessageJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn create_message(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewMessage>,
) -> Result<(StatusCode, Json<MessageJson>), Failure> {
    let id = TicketId::new(id);
    let message = match new.kind {
        MessageKind::Reply => {
            let from = new.suggestion_id.map(SuggestionId::new);
            web.desk.reply(&principal, &id, &new.body, from.as_ref()).await?
        }
        MessageKind::Note => web.desk.note(&principal, &id, &new.body).await?,
        MessageKind::Event => return Err(Failure::bad_request("kind: one of reply, note")),
    };
    Ok((StatusCode::CREATED, Json(MessageJson::new(&message))))
}
