//! What was done to two tickets at once, and can be taken back for a while.

use serde::{Deserialize, Serialize};

use crate::{Author, Link, MessageId, OperationId, SlaState, Ticket, TicketId, TicketStatus, Timestamp};

/// How long a merge, a split, or a change of links can be undone: until the same time of the next day.
pub const UNDO_WITHIN_MS: i64 = 24 * 60 * 60 * 1_000;
/// Most messages that one split moves.
pub const SPLIT_MESSAGES_MAX: usize = 200;

/// Something that was done to two tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The ticket at which it was done: the one that was merged, that was split, that was linked.
    pub ticket_id: TicketId,
    /// The other one.
    pub other_id: TicketId,
    /// What was done, and what is needed to take it back.
    pub deed: Deed,
    /// Who did it.
    pub by: Author,
    /// When.
    pub at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
}

/// How a ticket stood before a merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// Its status.
    pub status: TicketStatus,
    /// The site's own.
    pub custom_status: Option<String>,
    /// Until when it was snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// When it had been closed.
    pub closed_at: Option<Timestamp>,
    /// Its clocks, where it had some.
    pub clock: Option<SlaState>,
}

impl Stood {
    /// How a ticket stands.
    pub fn of(ticket: &Ticket, clock: Option<SlaState>) -> Self {
        Self {
            status: ticket.status,
            custom_status: ticket.handling.custom_status.clone(),
            snoozed_until: ticket.handling.snoozed_until,
            closed_at: ticket.handling.closed_at,
            clock,
        }
    }

    /// The same ticket as it stood. A snooze that has ended meanwhile is none.
    #[must_use]
    pub fn restored(&self, mut ticket: Ticket, now: Timestamp) -> Ticket {
        ticket.status = self.status;
        ticket.handling.custom_status.clone_from(&self.custom_status);
        ticket.handling.snoozed_until = self.snoozed_until.filter(|until| *until > now);
        ticket.handling.closed_at = self.closed_at;
        ticket
    }
}

/// What was done, and what is needed to take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[expect(clippy::large_enum_variant, reason = "one is alive at a time, on its way to or from a row")]
pub enum Deed {
    /// The ticket was merged into the other one.
    Merge {
        /// How the ticket stood.
        source: Stood,
        /// How the other one stood, where it was woken because nobody had answered the ticket.
        target: Option<Stood>,
        /// The revision of the other one after it.
        target_revision: i64,
        /// The replies that waited in the ticket and now wait in the other one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        waiting: Vec<MessageId>,
    },
    /// Messages of the ticket were moved into the other one.
    Split {
        /// Which.
        message_ids: Vec<MessageId>,
    },
    /// They were linked.
    Link {
        /// How.
        link: Link,
    },
    /// They are linked no more.
    Unlink {
        /// How they were.
        link: Link,
    },
}

impl Deed {
    /// What was done, as the API names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Merge { .. } => "merge",
            Self::Split { .. } => "split",
            Self::Link { .. } => "link",
            Self::Unlink { .. } => "unlink",
        }
    }
}

impl Operation {
    /// Until when it can be undone.
    pub fn undo_until(&self) -> Timestamp {
        Timestamp(self.at.0.saturating_add(UNDO_WITHIN_MS))
    }
}
