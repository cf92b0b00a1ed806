//! What people do that says which article answers a question, and what it counts.

use domain::SuggestionOutcome;

/// Something that somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An agent linked the article in a reply to a ticket that was solved.
    Linked,
    /// An agent sent a suggested reply from the article as it was.
    SuggestionUsed,
    /// An agent changed a suggested reply from the article and sent it.
    SuggestionEdited,
    /// An agent put a suggested reply from the article aside.
    SuggestionDismissed,
    /// The customer said that an answer from the article helped.
    Helpful,
    /// The customer said that it did not.
    Unhelpful,
    /// The customer said that it was solved; this was the last answer.
    Resolved,
    /// A human had to take over; this was the last answer.
    HandedOver,
    /// The customer asked again in other words, and the answer to those helped.
    Rephrased,
    /// The customer opened the article behind a citation.
    CitationOpened,
    /// Somebody searched and opened the article.
    SearchOpened,
}

impl Act {
    /// What became of a suggested reply.
    pub fn of_suggestion(outcome: SuggestionOutcome) -> Self {
        match outcome {
            SuggestionOutcome::Used => Self::SuggestionUsed,
            SuggestionOutcome::Edited => Self::SuggestionEdited,
            SuggestionOutcome::Dismissed => Self::SuggestionDismissed,
        }
    }

    /// What it counts, -1 to 1: an agent who links an article has read question and article; who clicks has read a title.
    pub fn weight(self) -> f64 {
        match self {
            Self::Linked | Self::SuggestionUsed => 1.0,
            Self::SuggestionEdited => 0.7,
            Self::SuggestionDismissed => -0.3,
            Self::Helpful => 0.5,
            Self::Unhelpful => -0.5,
            Self::Resolved => 0.3,
            Self::HandedOver => -0.3,
            Self::Rephrased | Self::SearchOpened => 0.2,
            Self::CitationOpened => 0.1,
        }
    }

    /// Whether only agents can do it. What customers do is worth what they make of it: it proposes questions to editors,
    /// and changes no ranking by itself.
    pub fn is_by_agent(self) -> bool {
        matches!(
            self,
            Self::Linked | Self::SuggestionUsed | Self::SuggestionEdited | Self::SuggestionDismissed
        )
    }
}
