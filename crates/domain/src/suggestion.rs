//! Suggested replies: drafts for a ticket, with their sources, and what became of them.

use serde::{Deserialize, Serialize};

use crate::{Citation, SuggestionId, TicketId, Timestamp};

/// Most drafts that are offered for a ticket at once.
pub const SUGGESTIONS_MAX: usize = 3;

/// A draft that an agent may use. Never sent by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Its id.
    pub id: SuggestionId,
    /// For which ticket.
    pub ticket_id: TicketId,
    /// Its place among the drafts of one request, from 1.
    pub rank: u32,
    /// Markdown, ready to be edited.
    pub body: String,
    /// Where it comes from; at least one.
    pub sources: Vec<SuggestionSource>,
    /// One sentence for the agent: why this draft.
    pub why: String,
    /// What became of it.
    pub outcome: Option<SuggestionOutcome>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where a draft comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum SuggestionSource {
    /// Words of an article.
    Article {
        /// Which words.
        citation: Citation,
    },
    /// The reply of a solved ticket.
    Ticket {
        /// Its id.
        ticket_id: TicketId,
        /// Its number.
        number: i64,
        /// Its subject.
        subject: String,
    },
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionOutcome {
    /// Sent as it was.
    Used,
    /// Sent after changes.
    Edited,
    /// Put aside.
    Dismissed,
}

impl SuggestionOutcome {
    /// The outcome as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Edited => "edited",
            Self::Dismissed => "dismissed",
        }
    }

    /// Parses a stored outcome.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Used, Self::Edited, Self::Dismissed].into_iter().find(|outcome| outcome.as_str() == text)
    }
}
