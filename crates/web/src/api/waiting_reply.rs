//! Replies that wait to be sent: reading, changing and taking them back.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::WaitingChange;
use domain::MessageId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{WaitingRepliesJson, WaitingReplyJson},
    ticket::ticket_id,
    ticket::{FormatJson, attachment_ids, send_at},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// What to change of a reply that waits; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitingReplyChangeJson {
    body: Option<String>,
    /// In which format the body is; Markdown when absent.
    #[serde(default)]
    format: FormatJson,
    /// When it is to be sent, in the next 365 days.
    send_at: Option<String>,
    /// Its files, in place of those it has.
    attachment_ids: Option<Vec<String>>,
}

/// List the replies that wait in a ticket
///
/// Those that could not be sent too, with the reason in `stopped`.
#[utoipa::path(
    get, path = "/tickets/{id}/waiting-replies", tag = "Tickets", params(("id" = String, Path, description = "The ticket's id or number")),
    responses(
        (status = 200, description = "The replies, the next one first", body = WaitingRepliesJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_waiting_replies(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<WaitingRepliesJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let replies = web.desk.waiting_replies(&principal, &id).await?;
    let attachments = web.desk.attachments_of(&principal, &id).await?;
    let replies = replies.iter().map(|reply| WaitingReplyJson::new(reply, attachments.of(&reply.id)));
    Ok(Json(WaitingRepliesJson { waiting_replies: replies.collect() }))
}

/// Change a reply of one's own that waits
///
/// One that was stopped waits again then. The mark that the customer wrote meanwhile goes.
#[utoipa::path(
    patch, path = "/tickets/{id}/waiting-replies/{reply_id}", tag = "Tickets", request_body = WaitingReplyChangeJson,
    params(("id" = String, Path, description = "The ticket's id or number"), ("reply_id" = String, Path, description = "The reply")),
    responses(
        (status = 200, description = "The reply after it", body = WaitingReplyJson),
        (status = 403, description = "Somebody else's", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is sent, taken back or was never there", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The ticket is closed", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nothing written, a time that cannot be, or a file that is not there", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn change_waiting_reply(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((ticket, id)): Path<(String, String)>,
    Body(change): Body<WaitingReplyChangeJson>,
) -> Result<Json<WaitingReplyJson>, Failure> {
    let format = change.format.into();
    let change = WaitingChange {
        body: change.body.map(|body| (body, format)),
        send_at: change.send_at.as_deref().map(send_at).transpose()?,
        attachments: change.attachment_ids.map(attachment_ids),
    };
    let (ticket_id, id) = (ticket_id(&web, &principal, ticket).await?, MessageId::new(id));
    let reply = web.desk.change_waiting_reply(&principal, &ticket_id, &id, change).await?;
    let attachments = web.desk.attachments_of(&principal, &ticket_id).await?;
    Ok(Json(WaitingReplyJson::new(&reply, attachments.of(&reply.id))))
}

/// Take back a reply that waits
///
/// Its files belong to nothing again, and are deleted after a day.
#[utoipa::path(
    delete, path = "/tickets/{id}/waiting-replies/{reply_id}", tag = "Tickets",
    params(("id" = String, Path, description = "The ticket's id or number"), ("reply_id" = String, Path, description = "The reply")),
    responses(
        (status = 204, description = "It will not be sent"),
        (status = 404, description = "It is sent, taken back or was never there", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn cancel_waiting_reply(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((ticket, id)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    let ticket_id = ticket_id(&web, &principal, ticket).await?;
    web.desk.cancel_waiting_reply(&principal, &ticket_id, &MessageId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
