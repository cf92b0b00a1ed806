//! The life of a ticket, as far as reports notice, as it is read from the database.

use crate::{SlaMetric, SuggestionOutcome, Ticket, TicketField, Timestamp};

/// Changes of one ticket that reports look at; of one with more, the first so many and how it stands now.
pub const LIFE_CHANGES_MAX: usize = 1_000;
/// Replies of one ticket that reports count.
pub const LIFE_REPLIES_MAX: usize = 2_000;
/// Drafts of one ticket that reports count, and outcomes of promises.
pub const LIFE_MARKS_MAX: usize = 500;

/// What happened to a ticket. Each list is in order and no longer than its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketLife {
    /// How it stands now.
    pub ticket: Ticket,
    /// Changes of its status, priority, team and assignee.
    pub changes: Vec<LifeChange>,
    /// Replies that the customer reads, by agents.
    pub replies: Vec<LifeReply>,
    /// Drafts that were made for it.
    pub drafts: Vec<LifeDraft>,
    /// What became of what the customer was promised.
    pub promises: Vec<LifePromise>,
}

/// A change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeChange {
    /// When.
    pub at: Timestamp,
    /// Of what.
    pub field: TicketField,
    /// What it was, as a key.
    pub from: Option<String>,
    /// What it is, as a key.
    pub to: Option<String>,
}

/// A reply of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeReply {
    /// When.
    pub at: Timestamp,
    /// By whom: the id of a person or key.
    pub by: Option<String>,
}

/// A draft of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifeDraft {
    /// When it was made.
    pub at: Timestamp,
    /// What became of it, and when.
    pub outcome: Option<(SuggestionOutcome, Timestamp)>,
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifePromise {
    /// Which promise.
    pub metric: SlaMetric,
    /// Whether it was kept.
    pub outcome: PromiseOutcome,
    /// When it was kept, or when it should have been.
    pub at: Timestamp,
}

/// Whether a promise was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseOutcome {
    /// In time.
    Met,
    /// Late, or not at all so far.
    Missed,
}

impl PromiseOutcome {
    /// The outcome as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
        }
    }

    /// Parses a stored outcome.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Met, Self::Missed].into_iter().find(|outcome| outcome.as_str() == text)
    }
}
