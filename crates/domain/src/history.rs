//! The history of a ticket: who changed what, when, from what to what.

use crate::{Author, HistoryId, Ticket, TicketId, Timestamp};

/// A part of a ticket whose changes are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketField {
    /// Where it stands.
    Status,
    /// How urgent it is.
    Priority,
    /// The team, by key.
    Team,
    /// The agent who owns it, by id.
    Assignee,
    /// Who asked, by id.
    Customer,
}

impl TicketField {
    /// Every field, in the order in which changes are listed.
    pub const ALL: [Self; 5] = [Self::Status, Self::Priority, Self::Team, Self::Assignee, Self::Customer];

    /// The field as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Team => "team",
            Self::Assignee => "assignee",
            Self::Customer => "customer",
        }
    }

    /// Parses a stored field.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }

    fn of(self, ticket: &Ticket) -> Option<&str> {
        match self {
            Self::Status => Some(ticket.status.as_str()),
            Self::Priority => Some(ticket.priority.as_str()),
            Self::Team => Some(&ticket.team),
            Self::Assignee => ticket.assignee_id.as_ref().map(crate::UserId::as_str),
            Self::Customer => ticket.customer_id.as_ref().map(crate::CustomerId::as_str),
        }
    }
}

/// One change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its id.
    pub id: HistoryId,
    /// Of which ticket.
    pub ticket_id: TicketId,
    /// When.
    pub at: Timestamp,
    /// Who changed it.
    pub by: Author,
    /// What.
    pub field: TicketField,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

impl Ticket {
    /// The fields in which another state of this ticket differs, each with its value here and there.
    pub fn changes<'t>(
        &'t self,
        after: &'t Self,
    ) -> impl Iterator<Item = (TicketField, Option<&'t str>, Option<&'t str>)> {
        let values = |field: TicketField| (field, field.of(self), field.of(after));
        TicketField::ALL.into_iter().map(values).filter(|(_, from, to)| from != to)
    }
}
