//! Searching: words, reader and filter in, tickets out, best first.

use std::collections::BTreeSet;

use domain::{Filter, FilterContext, TicketId, TicketReader};
use tantivy::{TantivyDocument, TantivyError, schema::Value as _};

use super::{TicketHitPlace, TicketIndex, TicketWords, best::Best, query};
use crate::SearchError;

/// A search for tickets.
#[derive(Debug, Clone)]
pub struct TicketRequest {
    /// What they must say; nothing for all.
    pub words: TicketWords,
    /// Which of them, with ids in the place of addresses ([`Filter::with_ids`]).
    pub filter: Filter,
    /// Who asks, and when.
    pub ctx: FilterContext,
    /// Whose tickets.
    pub reader: TicketReader,
    /// After the last hit of the page before.
    pub after: Option<TicketHitPlace>,
    /// How many.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct TicketHits {
    /// Best first, then the newest.
    pub hits: Vec<TicketHit>,
    /// The words that matches are marked by: those of the query, their other endings, what an unfinished one may become.
    pub marked: BTreeSet<String>,
}

/// A ticket that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketHit {
    /// Which one.
    pub ticket_id: TicketId,
    /// How well; comparable within one query only.
    pub score: f64,
    /// Where it stands among the hits.
    pub place: TicketHitPlace,
}

impl TicketIndex {
    /// Finds tickets.
    ///
    /// # Errors
    /// [`SearchError::Incomplete`] while the index is being built, and those of the index.
    pub async fn search(&self, request: TicketRequest) -> Result<TicketHits, SearchError> {
        let index = self.clone();
        tokio::task::spawn_blocking(move || index.search_now(&request))
            .await
            .map_err(|_| SearchError::Stopped)?
    }

    fn search_now(&self, request: &TicketRequest) -> Result<TicketHits, SearchError> {
        let state = self.state();
        state.ready()?;
        let searcher = &state.searcher;
        let compiled = query::compile(&self.0, searcher, request)?;
        let best = Best { limit: request.limit, after: request.after };
        let found = searcher.search(&compiled.query, &best)?;
        let mut hits = Vec::with_capacity(found.len());
        for (place, address) in found {
            let document: TantivyDocument = searcher.doc(address)?;
            let id = document
                .get_first(self.0.fields.id)
                .and_then(|value| value.as_str())
                .ok_or_else(|| TantivyError::InternalError("a ticket's document has no id".to_owned()))?;
            hits.push(TicketHit { ticket_id: TicketId::new(id), score: f64::from(place.score), place });
        }
        Ok(TicketHits { hits, marked: compiled.marked })
    }
}
