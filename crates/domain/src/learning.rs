//! What is remembered of solved tickets, and the versions of what was learned from them.

use serde::{Deserialize, Serialize};

use crate::{ArticleId, Audience, CustomerId, Locale, ProposalId, TicketId, Timestamp};

/// What is remembered of a solved ticket. Texts hold no personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct SolvedTicket {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: i64,
    /// Its subject, as it stands in the ticket.
    pub subject: String,
    /// The team it is with now, by key.
    pub team: String,
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
    /// The articles that agents linked, and those whose suggested replies they put aside.
    pub links: Vec<SolvedLink>,
    /// What was asked, in short: the subject.
    pub topic: String,
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
    /// What the link counts, -1 to 1: less than nothing where it was put aside.
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

/// A question in customers' own words, proposed as an alternative question of the article that answered it. Its text holds
/// no personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedQuestion {
    /// Its id.
    pub id: ProposalId,
    /// The article.
    pub article_id: ArticleId,
    /// The locale it was asked in.
    pub locale: Locale,
    /// The words.
    pub question: String,
    /// How many asked like this.
    pub n_askers: usize,
    /// How sure it is that the article answers it, 0 to 1.
    pub confidence: f64,
    /// Whose words they are, if known.
    pub customer_id: Option<CustomerId>,
    /// What became of it.
    pub state: ProposalState,
}

/// What became of a proposed question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// It waits for an editor.
    Proposed,
    /// It is an alternative question of the article.
    Accepted,
    /// It is none, and is not proposed again.
    Dismissed,
}
