//! Tickets: one with everything in it, changing it, replies and notes.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use desk::{BodyFormat, DeskError, NewNote, NewReply, NewTicket, SentReply, TicketChange};
use domain::{
    AttachmentId, Locale, OrganisationId, Principal, Priority, SuggestionId, TicketId, TicketStatus,
    Timestamp, UserId,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    body::{Body, nullable},
    revision::{Tagged, etag, if_match},
    shapes::{MessageJson, TicketJson, TicketViewJson, WaitingReplyJson},
};
use crate::{caller::Bearer, dates, dress::Problem, failure::Failure, state::Web};

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketChangeJson {
    /// The category: `open`, `pending`, `on_hold`, `solved` or `closed`. Alone, the ticket gets its built-in status.
    #[schema(value_type = Option<String>)]
    status: Option<TicketStatus>,
    /// The status, by key: a built-in one or the site's own (`GET /statuses`). Its category follows from it.
    custom_status: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    #[schema(value_type = Option<String>)]
    priority: Option<Priority>,
    /// The team, by key.
    team: Option<String>,
    /// The person who owns it, or null for nobody.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    assignee_id: Option<Option<String>>,
    /// The organisation, or null for none. A new ticket has that of its customer.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    organisation_id: Option<Option<String>>,
    /// The tags, in place of the old ones: at most 20, each of up to 40 characters without a comma. They are stored in lower
    /// case, with hyphens for spaces.
    tags: Option<Vec<String>>,
    /// Until when it is out of the queues, as `2026-11-30T08:00:00Z`; null to wake it. It wakes before when the customer writes.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    snoozed_until: Option<Option<String>>,
    /// The addresses in copy, in place of the old ones: at most 20.
    cc: Option<Vec<String>>,
    /// New values of custom fields, by key; null takes one away, what is not named stays.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
}

/// A ticket to open. What is absent is taken from the words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTicketJson {
    /// One line about what it is.
    subject: Option<String>,
    /// What it is about: the customer's words where there is a customer, else a note that only the team reads.
    body: String,
    /// In which format that is; Markdown when absent.
    #[serde(default)]
    format: FormatJson,
    /// Files of the first message: ids of uploads of the same key or person that belong to nothing yet.
    #[serde(default)]
    attachment_ids: Vec<String>,
    /// Who asks.
    customer: Option<NewCustomerJson>,
    /// `low`, `normal`, `high` or `urgent`.
    #[schema(value_type = Option<String>)]
    priority: Option<Priority>,
    /// The team, by key.
    team: Option<String>,
    /// The person who owns it.
    assignee_id: Option<String>,
    /// Tags, as of a change.
    #[serde(default)]
    tags: Vec<String>,
    /// Values of custom fields, by key.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
    /// The customer's language; the site's own when absent.
    #[schema(value_type = Option<String>)]
    locale: Option<Locale>,
}

/// Who asks.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomerJson {
    name: Option<String>,
    /// One that is known is that customer.
    email: Option<String>,
}

/// A reply or a note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    kind: NewKind,
    body: String,
    /// In which format the body is; Markdown when absent.
    #[serde(default)]
    format: FormatJson,
    /// Its files: ids of uploads of the same key or person that belong to nothing yet; at most 10.
    #[serde(default)]
    attachment_ids: Vec<String>,
    /// When the reply is to be sent, in the next 365 days; at once when absent, or as soon as people can no longer take it back.
    send_at: Option<String>,
    /// The suggested reply it was made from; records whether it was edited.
    suggestion_id: Option<String>,
    /// What the ticket becomes with the reply: `open`, `pending`, `on_hold` or `solved`; `pending` when absent. What the ticket
    /// cannot become refuses the reply; one that waits is sent without it then.
    #[schema(value_type = Option<String>)]
    then_status: Option<TicketStatus>,
}

/// Who reads a message.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewKind {
    /// The customer.
    Reply,
    /// The team.
    Note,
}

/// In which format a text is.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FormatJson {
    /// Markdown in which each line end counts.
    #[default]
    Markdown,
    /// HTML, of which is kept what text needs.
    Html,
}

impl From<FormatJson> for BodyFormat {
    fn from(format: FormatJson) -> Self {
        match format {
            FormatJson::Markdown => Self::Markdown,
            FormatJson::Html => Self::Html,
        }
    }
}

/// Open a ticket
#[utoipa::path(
    post, path = "/tickets", tag = "Tickets", request_body = NewTicketJson,
    responses((status = 201, description = "The ticket", body = TicketJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn create_ticket(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewTicketJson>,
) -> Result<(StatusCode, Tagged<TicketJson>), Failure> {
    let customer = new.customer.unwrap_or_default();
    let new = NewTicket {
        subject: new.subject,
        body: new.body,
        format: new.format.into(),
        attachments: attachment_ids(new.attachment_ids),
        customer_name: customer.name,
        customer_email: customer.email,
        priority: new.priority,
        team: new.team,
        assignee: new.assignee_id.map(UserId::new),
        tags: new.tags,
        fields: new.fields,
        locale: new.locale,
    };
    let row = web.desk.create_ticket(&principal, new).await?;
    let json = TicketJson::of(&row);
    Ok((StatusCode::CREATED, ([etag(row.ticket.revision)], Json(json))))
}

/// A ticket that a caller names by its id or its number.
///
/// # Errors
/// Those of the database. A number that is no ticket's, or not theirs to see, is taken for an id, which is not there either.
pub(super) async fn ticket_id(web: &Web, principal: &Principal, named: String) -> Result<TicketId, Failure> {
    // An id may be of digits alone: it is longer than any number, or begins with a zero.
    let number = named.parse::<i64>().ok().filter(|number| number.to_string() == named);
    let Some(number) = number else { return Ok(TicketId::new(named)) };
    match web.desk.ticket_id(principal, number).await {
        Err(DeskError::NotFound | DeskError::Forbidden) => Ok(TicketId::new(named)),
        found => Ok(found?),
    }
}

/// Read a ticket
///
/// With the transcript, what the bot cited or tried, replies, notes, its last changes, and the drafts made so far. `ETag` is its
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
    let id = ticket_id(&web, &principal, id).await?;
    let view = web.desk.ticket(&principal, &id).await?;
    Ok(([etag(view.ticket.revision)], Json(TicketViewJson::new(&view))))
}

/// Change a ticket
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first. What changed, by whom and
/// from what to what stands in the ticket's `history`.
#[utoipa::path(
    patch, path = "/tickets/{id}", tag = "Tickets", request_body = TicketChangeJson,
    params(("id" = String, Path, description = "The ticket's id or number"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The ticket after it", body = TicketJson),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Its status does not allow it", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A change that cannot be", body = Problem, content_type = "application/problem+json"),
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
    let snoozed_until = match change.snoozed_until {
        None => None,
        Some(None) => Some(None),
        Some(Some(text)) => {
            let refused = || Failure::bad_request("snoozed_until: write a time such as 2026-11-30T08:00:00Z");
            Some(Some(dates::parse(&text).ok_or_else(refused)?))
        }
    };
    let change = TicketChange {
        status: change.status,
        custom_status: change.custom_status,
        snoozed_until,
        cc: change.cc,
        priority: change.priority,
        team: change.team,
        assignee: change.assignee_id.map(|id| id.map(UserId::new)),
        organisation: change.organisation_id.map(|id| id.map(OrganisationId::new)),
        tags: change.tags,
        fields: change.fields,
    };
    let id = ticket_id(&web, &principal, id).await?;
    let row = web.desk.change_ticket(&principal, &id, change, expected_revision).await?;
    let json = TicketJson::of(&row);
    Ok(([etag(row.ticket.revision)], Json(json)))
}

/// Reply, or add a note
///
/// A reply with `send_at` waits until then. Where the site lets people take replies back, those of people wait for that long too. Who
/// is named in a note, as `@ada` or `@[Ada](user:ID)`, is mentioned.
#[utoipa::path(
    post, path = "/tickets/{id}/messages", tag = "Tickets", request_body = NewMessage, params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 201, description = "The message", body = MessageJson),
        (status = 202, description = "The reply, which waits to be sent", body = WaitingReplyJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The ticket is closed, or too many replies wait in it", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too long", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nothing written, a time that cannot be, a file that is not there, or a mention of who may not see the ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn create_message(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewMessage>,
) -> Result<Response, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let attachments = attachment_ids(new.attachment_ids);
    let message = match new.kind {
        NewKind::Reply => {
            let reply = NewReply {
                body: new.body,
                format: new.format.into(),
                suggestion_id: new.suggestion_id.map(SuggestionId::new),
                attachments,
                then: new.then_status,
                send_at: new.send_at.as_deref().map(send_at).transpose()?,
            };
            match web.desk.send_reply(&principal, &id, reply).await? {
                SentReply::Sent(message) => message,
                SentReply::Waiting(reply) => {
                    let files = web.desk.own_attachments_of(&principal, &id, &reply.id).await?;
                    let json = WaitingReplyJson::new(&reply, &files);
                    return Ok((StatusCode::ACCEPTED, Json(json)).into_response());
                }
            }
        }
        NewKind::Note if new.send_at.is_some() => {
            return Err(Failure::bad_request("send_at: only of a reply"));
        }
        NewKind::Note if new.then_status.is_some() => {
            return Err(Failure::bad_request("then_status: only with a reply"));
        }
        NewKind::Note => {
            let note = NewNote { body: new.body, format: new.format.into(), attachments };
            web.desk.add_note(&principal, &id, note).await?
        }
    };
    let files = web.desk.own_attachments_of(&principal, &id, &message.id).await?;
    Ok((StatusCode::CREATED, Json(MessageJson::new(&message, None, &files))).into_response())
}

/// The ids of files.
pub(crate) fn attachment_ids(ids: Vec<String>) -> Vec<AttachmentId> {
    ids.into_iter().map(AttachmentId::new).collect()
}

/// When a reply is to be sent.
pub(crate) fn send_at(text: &str) -> Result<Timestamp, Failure> {
    dates::parse(text).ok_or_else(|| Failure::bad_request("send_at: a time such as 2026-01-31T12:00:00Z"))
}
