//! Searching the help center.

use std::time::Instant;

use domain::{ArticleId, Hits, Locale, Principal};
use search::{SearchMode, SearchRequest};

use crate::{Desk, DeskError, audit::Unrecorded, input};

/// Longest query, in bytes: longer text is a question for the bot, which takes its own limit.
const QUERY_BYTES_MAX: usize = 4 << 10;
/// Most hits of one request.
pub const HITS_MAX: usize = 50;

/// What to search.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// What somebody typed.
    pub query: String,
    /// The locale of the page or of the asker, if known.
    pub locale: Option<Locale>,
    /// How many hits; at most [`HITS_MAX`].
    pub limit: usize,
    /// Whether the last word may be unfinished.
    pub as_you_type: bool,
    /// Only this collection, by slug.
    pub collection: Option<String>,
    /// Whether the search is remembered for the gap list.
    pub recording: Recording,
}

/// Whether a search is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Somebody meant it: a results page.
    Record,
    /// It came while typing, or from a machine.
    Skip,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Searched {
    /// The hits.
    pub hits: Hits,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Under which id it is remembered, for [`Desk::search_led_to`]; nothing when it is not.
    pub search_id: Option<String>,
}

impl Desk {
    /// Searches what the principal may read.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for an empty query, [`DeskError::TooLarge`] for one that is too long.
    pub async fn search(&self, principal: &Principal, query: SearchQuery) -> Result<Searched, DeskError> {
        let started = Instant::now();
        let text = input::text("q", &query.query, QUERY_BYTES_MAX)?;
        let request = SearchRequest {
            query: text.to_owned(),
            locale: query.locale.clone(),
            readable: principal.readable(),
            limit: query.limit.clamp(1, HITS_MAX),
            mode: SearchMode::Hybrid,
            as_you_type: query.as_you_type,
            collection: query.collection,
            ..SearchRequest::default()
        };
        let mut hits = self.find_readable(principal, &request).await?;
        self.keep_seen(principal, hits.hits.iter_mut().map(|hit| &mut hit.past_tickets)).await?;
        let took_ms = crate::conversation::elapsed_ms(started);
        let mut search_id = None;
        if query.recording == Recording::Record {
            let locale = query.locale.as_ref().unwrap_or(&self.site().default_locale);
            // A full disk must not take search away.
            match self.remember_search(text, locale, &hits).await {
                Ok(id) => search_id = Some(id),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot remember a search");
                }
            }
        }
        Ok(Searched { hits, took_ms, search_id })
    }

    async fn remember_search(&self, query: &str, locale: &Locale, hits: &Hits) -> Result<String, DeskError> {
        let id = self.id();
        // Vectors always find something; what is not near is a gap all the same.
        let n_near = hits.hits.iter().filter(|hit| hit.legs.is_near()).count();
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Reading).await?;
        tx.insert_search(&id, query, locale, n_near, self.now()).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Remembers that a search led to an article: what often does so is proposed as an alternative question of it.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] without the article. A search that is not known, or led somewhere before, is none.
    pub async fn search_led_to(&self, search_id: &str, article_id: &ArticleId) -> Result<(), DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Reading).await?;
        tx.set_search_click(search_id, article_id).await?;
        tx.commit().await
    }

    /// Searches the index alone, as benches measure it.
    ///
    /// # Errors
    /// Those of the index and the model.
    pub async fn search_raw(&self, request: &SearchRequest) -> Result<Hits, DeskError> {
        self.0.engine.search(request).await.map_err(|error| DeskError::failed("cannot search", error))
    }

    /// Searches, then checks every hit against the database: what was withdrawn or restricted since the index last
    /// followed is not shown, not even once.
    pub(crate) async fn find_readable(
        &self,
        principal: &Principal,
        request: &SearchRequest,
    ) -> Result<Hits, DeskError> {
        let mut hits = self.search_raw(request).await?;
        let versions: Vec<_> = hits.hits.iter().map(|hit| hit.version_id.clone()).collect();
        let readable = self.0.store.readable_versions(principal, &versions).await?;
        hits.hits.retain(|hit| readable.contains(&hit.version_id));
        Ok(hits)
    }
}
