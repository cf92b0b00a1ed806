//! The history of a ticket: who changed what, when, from what to what.

use std::{borrow::Cow, collections::BTreeSet};

use crate::{Author, Field, HistoryId, Tag, Ticket, TicketId, Timestamp};

/// A part of a ticket whose changes are recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// A custom field, by key; its value as filters read it, with commas between several.
    Custom(String),
}

/// What stands before the key of a custom field.
const CUSTOM: &str = "field.";

impl TicketField {
    /// Every field that tickets always have, in the order in which changes are listed.
    pub const BUILT_IN: [Self; 6] =
        [Self::Status, Self::Priority, Self::Team, Self::Assignee, Self::Customer, Self::Tags];

    /// The field as it is stored: a name, or `field.` and the key of a custom one.
    pub fn key(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Team => "team",
            Self::Assignee => "assignee",
            Self::Customer => "customer",
            Self::Tags => "tags",
            Self::Custom(key) => return Cow::Owned(format!("{CUSTOM}{key}")),
        })
    }

    /// Parses a stored field.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(CUSTOM) {
            Some(key) => Field::is_key(key).then(|| Self::Custom(key.to_owned())),
            None => Self::BUILT_IN.into_iter().find(|field| field.key() == text),
        }
    }

    fn of(&self, ticket: &Ticket) -> Option<String> {
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
            Self::Custom(key) => ticket.fields.get(key).map(|value| value.texts().join(", ")),
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
    pub fn changes(&self, after: &Self) -> Vec<(TicketField, Option<String>, Option<String>)> {
        let custom: BTreeSet<&String> = self.fields.keys().chain(after.fields.keys()).collect();
        let custom = custom.into_iter().map(|key| TicketField::Custom(key.clone()));
        let fields = TicketField::BUILT_IN.into_iter().chain(custom);
        let values = fields.map(|field| {
            let (from, to) = (field.of(self), field.of(after));
            (field, from, to)
        });
        values.filter(|(_, from, to)| from != to).collect()
    }
}
