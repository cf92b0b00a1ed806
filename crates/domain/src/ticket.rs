//! Tickets: the work that agents own, and the messages in it.

use serde::{Deserialize, Serialize};

use crate::{
    Channel, ConversationId, CustomerId, FieldValues, Handling, HandoffReason, Locale, MessageId,
    OrganisationId, Tag, TicketId, Timestamp, UserId,
};

/// Longest reply or note, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 256 << 10;

/// Longest HTML that is kept of a message, in bytes: cleaning adds what each link needs.
pub const MESSAGE_HTML_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody has answered yet.
    New,
    /// Waits for the team.
    Open,
    /// Waits for the customer.
    Pending,
    /// Waits for somebody else.
    OnHold,
    /// Done, until the customer writes again.
    Solved,
    /// Done for good.
    Closed,
}

impl TicketStatus {
    /// Every status, in the order of a ticket's life.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Open, Self::Pending, Self::OnHold, Self::Solved, Self::Closed];

    /// The status as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::OnHold => "on_hold",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }

    /// Parses a stored status.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether the work is done, for now or for good.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Solved | Self::Closed)
    }

    /// Whether an agent may move a ticket from here to there. Closed is final, and nothing becomes new again.
    pub fn may_become(self, next: Self) -> bool {
        self != Self::Closed && next != Self::New
    }
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Can wait.
    Low,
    /// The usual.
    Normal,
    /// Before the others.
    High,
    /// Now.
    Urgent,
}

impl Priority {
    /// Every priority, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// The priority as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// Parses a stored priority.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == text)
    }
}

/// Most messages of a customer in one ticket: more than anybody reads, and a script could write for ever. Then they open another.
pub const CUSTOMER_MESSAGES_MAX: i64 = 2_000;

/// Work that an agent owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// What customers and agents call it; counts from 1 without gaps that matter.
    pub number: i64,
    /// One line about what it is.
    pub subject: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// The team that should take it, by key: `support`, `billing` …
    pub team: String,
    /// What it is about, in the team's own words; in order, each once.
    pub tags: Vec<Tag>,
    /// The values of its own fields.
    pub fields: FieldValues,
    /// The agent who owns it.
    pub assignee_id: Option<UserId>,
    /// Who asked, if known.
    pub customer_id: Option<CustomerId>,
    /// The organisation the customer belonged to when it was opened, unless somebody changed it since.
    pub organisation_id: Option<OrganisationId>,
    /// The conversation it came from. At most one ticket per conversation.
    pub conversation_id: Option<ConversationId>,
    /// Why the bot handed over; absent where it had no part.
    pub handoff_reason: Option<HandoffReason>,
    /// The way by which it came; it never changes.
    pub channel: Channel,
    /// The customer's language.
    pub locale: Locale,
    /// A few sentences for the agent who opens it.
    pub summary: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
    /// When it was last solved.
    pub solved_at: Option<Timestamp>,
    /// How it is handled.
    pub handling: Handling,
    /// When it went to the archive; absent while it is not there.
    pub archived_at: Option<Timestamp>,
    /// Counts its changes, from 1.
    pub revision: i64,
}

impl Ticket {
    /// A new ticket of normal urgency, of nobody and about nothing yet. Its number is given to it when it is stored.
    pub fn new(id: TicketId, team: String, channel: Channel, locale: Locale, at: Timestamp) -> Self {
        Self {
            id,
            number: 0,
            subject: String::new(),
            status: TicketStatus::New,
            priority: Priority::Normal,
            team,
            tags: vec![],
            fields: FieldValues::new(),
            assignee_id: None,
            customer_id: None,
            organisation_id: None,
            conversation_id: None,
            handoff_reason: None,
            channel,
            locale,
            summary: String::new(),
            created_at: at,
            updated_at: at,
            solved_at: None,
            handling: Handling::default(),
            archived_at: None,
            revision: 1,
        }
    }

    /// The key of its status: the site's own, or the built-in one of its category.
    pub fn status_key(&self) -> &str {
        self.handling.custom_status.as_deref().unwrap_or(self.status.as_str())
    }

    /// Whether it waits for the team: it is new or open, and not snoozed.
    pub fn is_waiting(&self) -> bool {
        matches!(self.status, TicketStatus::New | TicketStatus::Open) && self.handling.snoozed_until.is_none()
    }

    /// The same ticket with another status of this category; the built-in one when no key is given.
    #[must_use]
    pub fn with_status(mut self, status: TicketStatus, custom: Option<String>) -> Self {
        self.status = status;
        self.handling.custom_status = custom.filter(|key| key != status.as_str());
        self
    }

    /// What follows by itself from another state of this ticket: a status of its own goes with its category, a ticket that is
    /// done rests no more, and closing has a time.
    #[must_use]
    pub fn settled_after(mut self, before: &Self, now: Timestamp) -> Self {
        if self.status != before.status && self.handling.custom_status == before.handling.custom_status {
            self.handling.custom_status = None;
        }
        if self.status.is_done() {
            self.handling.snoozed_until = None;
        }
        self.handling.closed_at = match (self.status, before.status) {
            (TicketStatus::Closed, TicketStatus::Closed) => {
                self.handling.closed_at.or(before.handling.closed_at)
            }
            (TicketStatus::Closed, _) => Some(now),
            _ => None,
        };
        self
    }
}

/// One entry of a ticket's thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Of which ticket.
    pub ticket_id: TicketId,
    /// Who wrote it.
    pub author: Author,
    /// Who may read it.
    pub kind: MessageKind,
    /// Markdown from agents and the bot, plain text from customers.
    pub body: String,
    /// The same as clean HTML, where it was written as HTML; the body is what was made of it then.
    pub html: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Author {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
    /// An agent.
    Agent {
        /// Who; an API key's id when a program wrote in the team's name.
        id: String,
        /// The name that readers see.
        name: String,
    },
    /// Askwell itself, for events such as "handed over".
    System,
    /// A rule of the site's, which acts by itself.
    Rule {
        /// Which.
        id: String,
        /// What it was called then. Customers do not read it.
        name: String,
    },
}

/// Who may read a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Public: the customer reads it.
    Reply,
    /// Internal: the team reads it.
    Note,
    /// Something that happened; the team reads it.
    Event,
}

impl MessageKind {
    /// The kind as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
            Self::Event => "event",
        }
    }

    /// Parses a stored kind.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reply, Self::Note, Self::Event].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(7_000);

    fn ticket(status: TicketStatus, handling: Handling) -> Ticket {
        Ticket {
            number: 1,
            status,
            handling,
            ..Ticket::new(
                TicketId::new("t"),
                "support".to_owned(),
                Channel::api(),
                Locale::english(),
                Timestamp(0),
            )
        }
    }

    #[test]
    fn a_status_of_its_own_goes_with_its_category() {
        let vendor = Handling { custom_status: Some("vendor".to_owned()), ..Handling::default() };
        let before = ticket(TicketStatus::Pending, vendor);
        assert_eq!(before.status_key(), "vendor");
        let woken = Ticket { status: TicketStatus::Open, ..before.clone() }.settled_after(&before, NOW);
        assert_eq!(woken.status_key(), "open");
        let chosen = before.clone().with_status(TicketStatus::Open, Some("urgent".to_owned()));
        assert_eq!(chosen.settled_after(&before, NOW).status_key(), "urgent");
        let same = Ticket { priority: Priority::High, ..before.clone() }.settled_after(&before, NOW);
        assert_eq!(same.status_key(), "vendor");
        let built_in = before.clone().with_status(TicketStatus::Pending, Some("pending".to_owned()));
        assert_eq!(built_in.handling.custom_status, None);
    }

    #[test]
    fn what_is_done_rests_no_more_and_closing_has_a_time() {
        let asleep = Handling { snoozed_until: Some(Timestamp(9_000)), ..Handling::default() };
        let before = ticket(TicketStatus::Open, asleep);
        assert!(!before.is_waiting(), "a snoozed ticket waits for nobody");
        let closed = before.clone().with_status(TicketStatus::Closed, None).settled_after(&before, NOW);
        assert_eq!((closed.handling.snoozed_until, closed.handling.closed_at), (None, Some(NOW)));
        let later = closed.clone().settled_after(&closed, Timestamp(8_000));
        assert_eq!(later.handling.closed_at, Some(NOW));
        let open = closed.clone().with_status(TicketStatus::Open, None).settled_after(&closed, NOW);
        assert!(open.is_waiting() && open.handling.closed_at.is_none());
        let held = before.clone().with_status(TicketStatus::OnHold, None).settled_after(&before, NOW);
        assert_eq!(held.handling.snoozed_until, Some(Timestamp(9_000)));
    }
}
