//! Tickets that a search found.

use desk::{FoundTicket, TicketsFound};
use serde::Serialize;
use utoipa::ToSchema;

use super::TicketJson;

/// A page of what was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundTicketsJson {
    /// Best first, then the newest.
    hits: Vec<FoundTicketJson>,
    /// `after` of the next page; null on the last one.
    next: Option<String>,
    took_ms: u64,
}

/// A ticket that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundTicketJson {
    #[serde(flatten)]
    ticket: TicketJson,
    /// A plain excerpt of what was said in it.
    snippet: String,
    /// The parts of `snippet` that matched: start and end in Unicode characters.
    marks: Vec<[usize; 2]>,
    /// Comparable within one query only.
    score: f64,
}

impl FoundTicketsJson {
    pub(crate) fn new(found: &TicketsFound) -> Self {
        Self {
            hits: found.hits.iter().map(FoundTicketJson::new).collect(),
            next: found.next.clone(),
            took_ms: found.took_ms,
        }
    }
}

impl FoundTicketJson {
    fn new(found: &FoundTicket) -> Self {
        let FoundTicket { row, score, snippet } = found;
        Self {
            ticket: TicketJson::of(row),
            snippet: snippet.text.clone(),
            marks: super::marks(snippet),
            score: *score,
        }
    }
}
