//! Replies that wait to be sent.

use domain::{Attachment, StopReason, TicketStatus, WaitingReply};
use serde::Serialize;
use utoipa::ToSchema;

use super::AttachmentJson;
use crate::{dates::iso, markup};

/// A reply that waits to be sent, or could not be sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingReplyJson {
    /// Its id, and that of the message it becomes.
    id: String,
    ticket_id: String,
    /// The id of the person or key who wrote it.
    author_id: String,
    /// The name that the customer will read.
    name: String,
    /// Markdown.
    body: String,
    /// The same as HTML that may stand in a page.
    html: String,
    attachments: Vec<AttachmentJson>,
    send_at: String,
    /// What the ticket becomes when it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    then_status: Option<&'static str>,
    /// Why it will not be sent: `author_gone` or `ticket_closed`; null while it waits.
    stopped: Option<&'static str>,
    /// When the customer wrote after it was written or last changed; null when they did not.
    customer_wrote_at: Option<String>,
    created_at: String,
}

/// The replies that wait in a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingRepliesJson {
    /// The next one first.
    pub(crate) waiting_replies: Vec<WaitingReplyJson>,
}

impl WaitingReplyJson {
    pub(crate) fn new(reply: &WaitingReply, attachments: &[Attachment]) -> Self {
        Self {
            id: reply.id.to_string(),
            ticket_id: reply.ticket_id.to_string(),
            author_id: reply.writer.id().to_owned(),
            name: reply.writer_name.clone(),
            body: reply.body.clone(),
            html: markup::formatted(&reply.body, reply.html.as_deref()).to_string(),
            attachments: attachments.iter().map(AttachmentJson::new).collect(),
            send_at: iso(reply.send_at),
            then_status: reply.then.map(TicketStatus::as_str),
            stopped: reply.stopped.map(StopReason::as_str),
            customer_wrote_at: reply.customer_wrote_at.map(iso),
            created_at: iso(reply.created_at),
        }
    }
}
