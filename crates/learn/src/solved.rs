//! A solved ticket as training takes it.

use domain::{ArticleId, Locale, Timestamp};
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
