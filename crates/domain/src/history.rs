//! The history of a ticket: who changed what, when, from what to what.

use crate::{Author, HistoryId, Tag, Ticket, TicketId, Timestamp};

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
    /// Its tags, with commas between.
    Tags,
}

impl TicketField {
    /// Every field, in the order in which changes are listed.
    pub const ALL: [Self; 6] =
        [Self::Status, Self::Priority, Self::Team, Self::Assignee, Self::Customer, Self::Tags];

    /// The field as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Team => "team",
            Self::Assignee => "assignee",
            Self::Customer => "customer",
            Self::Tags => "tags",
        }
    }

    /// Parses a stored field.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }

    fn of(self, ticket: &Ticket) -> Option<String> {
        match self {
            Self::Status => Some(ticket.status.as_str().to_owned()),
            Self::Priority => Some(ticket.priority.as_str().to_owned()),
            Self::Team => Some(ticket.team.clone()),
            Self::Assignee => ticket.assignee_id.as_ref().map(ToString::to_string),
            Self::Customer => ticket.customer_id.as_ref().map(ToString::to_string),
            Self::Tags => {
                let tags: Vec<&str> = ticket.tags.iter().map(Tag::as_str).collect();
                (!tags.is_empty()).then(|| tags.join(", "))
            }
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
    pub fn changes(
        &self,
        after: &Self,
    ) -> impl Iterator<Item = (TicketField, Option<String>, Option<String>)> {
        let values = |field: TicketField| (field, field.of(self), field.of(after));
        TicketField::ALL.into_iter().map(values).filter(|(_, from, to)| from != to)
    }
}
