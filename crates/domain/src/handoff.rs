//! The hand-over from bot to human: why, who owns it now and until when.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Why the bot hands over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum HandoffReason {
    /// The customer asked for a human.
    Asked,
    /// Two answers in a row did not help.
    Unhelpful,
    /// Nothing readable answers the question.
    Abstained,
    /// The message touches a topic that humans decide on.
    Policy {
        /// The topic of the configured list: `legal`, `refund_dispute`, `safety` …
        topic: String,
    },
    /// A part failed: a model that answered nothing, an index that was gone.
    Failure,
}

impl HandoffReason {
    /// Whether the ticket is opened at once. An abstention first offers it, so that the customer can add an address or
    /// ask in other words; the watchdog opens it when the offer's deadline passes.
    pub fn is_immediate(&self) -> bool {
        !matches!(self, Self::Abstained)
    }

    /// The reason's name as it is stored and shown by the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Unhelpful => "unhelpful",
            Self::Abstained => "abstained",
            Self::Policy { .. } => "policy",
            Self::Failure => "failure",
        }
    }

    /// Why, as agents read it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Asked => "asked for a human",
            Self::Unhelpful => "two answers did not help",
            Self::Abstained => "no article answers it",
            Self::Policy { .. } => "a topic that people decide",
            Self::Failure => "something failed",
        }
    }
}

/// A hand-over on its way to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// Why.
    pub reason: HandoffReason,
    /// Who has to act before the deadline.
    pub owner: HandoffOwner,
    /// When it was decided.
    pub requested_at: Timestamp,
    /// When the watchdog opens the ticket, whatever has happened.
    pub deadline_at: Timestamp,
}

/// Who has to act next on a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffOwner {
    /// The customer was offered a ticket and may add an address.
    Customer,
    /// Askwell is opening the ticket.
    System,
}
