//! What is remembered of solved tickets, and the versions of what was learned from them.

use serde::{Deserialize, Serialize};

use crate::{ArticleId, Audience, CustomerId, Locale, TicketId, Timestamp};

/// What is remembered of a solved ticket. Texts hold no personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct SolvedTicket {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: i64,
    /// Its subject, as it stands in the ticket.
    pub subject: String,
    /// Its place in the order of remembering; 0 before it is stored.
    pub seq: i64,
    /// When it was last solved.
    pub solved_at: Timestamp,
    /// Who asked, if known.
    pub customer_id: Option<CustomerId>,
    /// The customer's language.
    pub locale: Locale,
    /// Whoever may not read one of these learns nothing from the ticket.
    pub audiences: Vec<Audience>,
    /// The articles that agents linked.
    pub links: Vec<SolvedLink>,
    /// What was asked.
    pub question: String,
    /// What an agent answered, fit to be sent to somebody else; empty where nothing is.
    pub reply: String,
    /// Whether the reply is one to suggest.
    pub is_reply_offered: bool,
}

/// An article linked in a solved ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SolvedLink {
    /// The article.
    pub article_id: ArticleId,
    /// What the link counts, 0 to 1.
    pub weight: f64,
}

/// One version of what was learned.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedVersion {
    /// Counts from 1.
    pub number: i64,
    /// Whether searches use it.
    pub in_use: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// It knows the solved tickets up to this place.
    pub last_seq: i64,
    /// How good it is, as the training reported it.
    pub report_json: String,
}
