//! Replies that wait to be sent: until a time that their writer has set, or for the moment in which they can be taken back.

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, MessageId, Principal, SuggestionId, TicketId, TicketStatus, Timestamp, UserId};

/// Longest time ahead for which a reply can be set, in days. Who writes further ahead wants a reminder, not a letter.
pub const SEND_AHEAD_DAYS_MAX: i64 = 365;
/// Replies that wait in one ticket at once.
pub const WAITING_REPLIES_MAX: usize = 20;
/// Longest time in which replies can be taken back, in seconds: a customer waits for it each time.
pub const UNDO_SEND_S_MAX: u32 = 60;

/// A reply that is not sent yet. Only the team knows of it; it becomes the message with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingReply {
    /// Its id, and that of the message it becomes.
    pub id: MessageId,
    /// Of which ticket.
    pub ticket_id: TicketId,
    /// Who wrote it.
    pub writer: Writer,
    /// The name that the customer will read.
    pub writer_name: String,
    /// Markdown.
    pub body: String,
    /// The same as clean HTML, where it was written as HTML.
    pub html: Option<String>,
    /// The suggestion it was made from.
    pub suggestion_id: Option<SuggestionId>,
    /// What becomes of the ticket when it is sent, if the ticket may become that then.
    pub then: Option<TicketStatus>,
    /// When it is sent.
    pub send_at: Timestamp,
    /// Why it will not be sent; absent while it waits.
    pub stopped: Option<StopReason>,
    /// When the customer wrote after it was written or last changed.
    pub customer_wrote_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Who wrote a reply or uploaded a file: a person or a program.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "id")]
pub enum Writer {
    /// A person of the team.
    Person(UserId),
    /// A program, by its key.
    Key(ApiKeyId),
}

impl Writer {
    /// Who a principal is, when they can write at all.
    pub fn of(principal: &Principal) -> Option<Self> {
        match principal {
            Principal::Staff { id, .. } => Some(Self::Person(id.clone())),
            Principal::ApiKey { id, .. } => Some(Self::Key(id.clone())),
            Principal::Customer { .. } | Principal::Visitor { .. } | Principal::System => None,
        }
    }

    /// What kind of somebody it is, as it is stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Key(_) => "key",
        }
    }

    /// Their id.
    pub fn id(&self) -> &str {
        match self {
            Self::Person(id) => id.as_str(),
            Self::Key(id) => id.as_str(),
        }
    }

    /// Who is stored so.
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "person" => Some(Self::Person(UserId::new(id))),
            "key" => Some(Self::Key(ApiKeyId::new(id))),
            _ => None,
        }
    }
}

/// Why a reply that waited is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Who wrote it was deactivated, or may no longer write in this ticket.
    AuthorGone,
    /// The ticket is closed.
    TicketClosed,
}

impl StopReason {
    /// The reason as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorGone => "author_gone",
            Self::TicketClosed => "ticket_closed",
        }
    }

    /// Parses a stored reason.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::AuthorGone, Self::TicketClosed].into_iter().find(|reason| reason.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    #[test]
    fn writers_are_people_and_programs() {
        let person = Principal::staff(UserId::new("u"), Role::Agent);
        let key = Principal::api_key(ApiKeyId::new("k"), []);
        for (principal, kind, id) in [(person, "person", "u"), (key, "key", "k")] {
            let writer = Writer::of(&principal).unwrap();
            assert_eq!((writer.kind(), writer.id()), (kind, id));
            assert_eq!(Writer::parse(kind, id), Some(writer));
        }
        assert_eq!(Writer::of(&Principal::System), None);
        assert_eq!(Writer::of(&Principal::anonymous()), None);
        assert_eq!(Writer::parse("bot", "b"), None);
    }
}
