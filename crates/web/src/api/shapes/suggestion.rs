//! Suggested replies.

use domain::{Suggestion, SuggestionOutcome, SuggestionSource};
use serde::Serialize;
use utoipa::ToSchema;

use super::CitationJson;
use crate::dates::iso;

/// Drafts, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionsJson {
    pub(crate) suggestions: Vec<SuggestionJson>,
}

/// A draft that an agent may use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuggestionJson {
    id: String,
    rank: u32,
    /// Markdown.
    body: String,
    /// Where it comes from; at least one.
    sources: Vec<SourceJson>,
    /// Why this draft, in a sentence.
    why: String,
    /// `used`, `edited` or `dismissed`, once it is known.
    outcome: Option<&'static str>,
    created_at: String,
}

/// Where a draft comes from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(crate) enum SourceJson {
    /// Words of an article.
    Article { citation: CitationJson },
    /// The reply of a solved ticket.
    Ticket { ticket_id: String, number: i64, subject: String },
}

impl SuggestionJson {
    pub(crate) fn new(suggestion: &Suggestion) -> Self {
        let sources = suggestion.sources.iter().map(|source| match source {
            SuggestionSource::Article { citation } => {
                SourceJson::Article { citation: CitationJson::new(citation) }
            }
            SuggestionSource::Ticket { ticket_id, number, subject } => SourceJson::Ticket {
                ticket_id: ticket_id.to_string(),
                number: *number,
                subject: subject.clone(),
            },
        });
        Self {
            id: suggestion.id.to_string(),
            rank: suggestion.rank,
            body: suggestion.body.clone(),
            sources: sources.collect(),
            why: suggestion.why.clone(),
            outcome: suggestion.outcome.map(SuggestionOutcome::as_str),
            created_at: iso(suggestion.created_at),
        }
    }
}
