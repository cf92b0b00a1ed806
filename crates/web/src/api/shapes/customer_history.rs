//! What happened with a customer.

use desk::{CustomerHistory, HistoryItem, HistoryWhat};
use serde::Serialize;
use utoipa::ToSchema;

use super::MessageJson;
use crate::dates::iso;

/// A page of the time line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerHistoryJson {
    /// The newest first.
    items: Vec<HappenedJson>,
    /// `after` of the next page; null on the last one.
    next: Option<String>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HappenedJson {
    at: String,
    /// `conversation`, `ticket` or `message`.
    what: &'static str,
    /// The id of what happened.
    id: String,
    ticket_id: Option<String>,
    ticket_number: Option<i64>,
    /// Of a ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Where a ticket stands now.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    /// Turns of a conversation so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    n_turns: Option<u32>,
    /// A reply, or a note that only the team reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageJson>,
}

impl CustomerHistoryJson {
    pub(crate) fn new(history: &CustomerHistory) -> Self {
        Self { items: history.items.iter().map(HappenedJson::new).collect(), next: history.next.clone() }
    }
}

impl HappenedJson {
    fn new(item: &HistoryItem) -> Self {
        let bare = Self {
            at: iso(item.at),
            what: "message",
            id: item.id().to_owned(),
            ticket_id: item.ticket.as_ref().map(|(id, _)| id.to_string()),
            ticket_number: item.ticket.as_ref().map(|(_, number)| *number),
            subject: None,
            status: None,
            n_turns: None,
            message: None,
        };
        match &item.what {
            HistoryWhat::Conversation { n_turns, .. } => {
                Self { what: "conversation", n_turns: Some(*n_turns), ..bare }
            }
            HistoryWhat::Ticket { subject, status, .. } => {
                Self { what: "ticket", subject: Some(subject.clone()), status: Some(status.as_str()), ..bare }
            }
            HistoryWhat::Message(message) => {
                Self { message: Some(MessageJson::new(message, None, &[])), ..bare }
            }
        }
    }
}
