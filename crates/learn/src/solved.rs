//! A solved ticket as training takes it.

use domain::{ArticleId, Locale, SuggestionOutcome, Timestamp};
use search::Remembered;

/// A solved ticket. Its texts hold no personal data any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// What search remembers of it.
    pub remembered: Remembered,
    /// When it was solved.
    pub solved_at: Timestamp,
    /// The customer's locale.
    pub locale: Locale,
}

impl Solved {
    /// The articles linked in it.
    pub(crate) fn is_right(&self, article: &ArticleId) -> bool {
        self.remembered.links.iter().any(|(linked, weight)| linked == article && *weight > 0.0)
    }
}

/// What a link counts: all of it when an agent wrote it or sent the suggestion as it was, less when the suggestion had to
/// be changed, nothing when it was put aside.
pub fn link_weight(suggested: Option<SuggestionOutcome>) -> f64 {
    match suggested {
        None | Some(SuggestionOutcome::Used) => 1.0,
        Some(SuggestionOutcome::Edited) => 0.7,
        Some(SuggestionOutcome::Dismissed) => 0.0,
    }
}
