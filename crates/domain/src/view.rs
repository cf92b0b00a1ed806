//! Views: saved lists of tickets, and the orders that lists can have.

use serde::{Deserialize, Serialize};

use crate::{Filter, Timestamp, UserId, ViewId};

/// Most views that somebody has and still makes another.
pub const VIEWS_MAX: usize = 100;

/// A saved list of tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// What people call it.
    pub name: String,
    /// Which tickets are in it.
    pub filter: Filter,
    /// In which order.
    pub sort: TicketSort,
    /// What they are grouped by, before that order.
    pub group_by: Option<TicketGroup>,
    /// What is shown of each, in order, each once.
    pub columns: Vec<TicketColumn>,
    /// Who has it.
    pub sharing: Sharing,
    /// Its place among the views; ties go by id.
    pub position: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// Who has a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// One person.
    Private(UserId),
    /// The members of a team, by key.
    Team(String),
    /// Everybody who may read tickets.
    Everyone,
}

/// What a list shows of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketColumn {
    /// Its number.
    Number,
    /// Its subject.
    Subject,
    /// Who asked.
    Customer,
    /// Where it stands.
    Status,
    /// How urgent it is.
    Priority,
    /// The team.
    Team,
    /// The agent who owns it.
    Assignee,
    /// Its tags.
    Tags,
    /// The customer's language.
    Locale,
    /// When it was opened.
    Created,
    /// When anything of it last changed.
    Updated,
    /// When it was last solved.
    Solved,
}

impl TicketColumn {
    /// What a view shows where nothing else is said.
    pub const USUAL: [Self; 6] =
        [Self::Subject, Self::Customer, Self::Status, Self::Priority, Self::Assignee, Self::Updated];
}

/// What tickets are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketGroup {
    /// Where they stand, in the order of a ticket's life.
    Status,
    /// How urgent they are, the most urgent first.
    Priority,
    /// The team, by key, in the direction of the list.
    Team,
    /// The agent, by id, in the direction of the list; nobody is before all.
    Assignee,
}

impl TicketGroup {
    /// Every way to group.
    pub const ALL: [Self; 4] = [Self::Status, Self::Priority, Self::Team, Self::Assignee];

    /// The group as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Team => "team",
            Self::Assignee => "assignee",
        }
    }

    /// Parses a stored group.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str() == text)
    }
}

/// The order of a list. Ties go by id, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketSort {
    /// By what.
    pub by: TicketSortBy,
    /// Which way.
    pub direction: Direction,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketSortBy {
    /// When they were opened.
    Created,
    /// When anything of them last changed.
    Updated,
    /// How urgent they are, then when they were opened.
    Priority,
    /// When the next of what their customers are promised is due; those of which nothing is are behind all others.
    Due,
}

/// Which way a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the oldest or least urgent on.
    Ascending,
    /// From the newest or most urgent on.
    Descending,
}

impl TicketSort {
    /// The newest first.
    pub const NEWEST: Self = Self { by: TicketSortBy::Created, direction: Direction::Descending };

    /// Every order, with its name.
    pub const ALL: [(&'static str, Self); 8] = [
        ("-created", Self::NEWEST),
        ("created", Self { by: TicketSortBy::Created, direction: Direction::Ascending }),
        ("-updated", Self { by: TicketSortBy::Updated, direction: Direction::Descending }),
        ("updated", Self { by: TicketSortBy::Updated, direction: Direction::Ascending }),
        ("-priority", Self { by: TicketSortBy::Priority, direction: Direction::Descending }),
        ("priority", Self { by: TicketSortBy::Priority, direction: Direction::Ascending }),
        ("-due", Self { by: TicketSortBy::Due, direction: Direction::Descending }),
        ("due", Self { by: TicketSortBy::Due, direction: Direction::Ascending }),
    ];

    /// The order as it is stored.
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, sort)| *sort == self).map_or("", |(name, _)| name)
    }

    /// Parses a stored order.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == text).map(|(_, sort)| sort)
    }
}
