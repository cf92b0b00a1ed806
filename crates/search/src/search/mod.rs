//! A search from the query to the hits.

mod hits;
mod rank;

use std::sync::{Arc, PoisonError};

use domain::{ArticleId, Evidence, Hits, LegScores};
use language::Language;

use crate::{
    Learned, Learning, SearchEngine, SearchError, SearchMode, SearchRequest,
    engine::{Parts, State},
    fusion,
    lexical::weighted_turns,
    request::QUERY_CHARS_MAX,
};

/// A search that is ready to run: what the query is in, its vector and what was learned.
struct Asked {
    request: SearchRequest,
    language: Language,
    /// Of the vectors beside the words.
    weight: f64,
    vector: Option<Vec<f32>>,
    learned: Option<Arc<Learned>>,
}

/// An article in the order of a search.
#[derive(Debug, Clone)]
pub struct RankedArticle {
    /// The article.
    pub article_id: ArticleId,
    /// Its score with what was learned; comparable within one query only.
    pub score: f64,
    /// What was learned, as part of the score.
    pub learned: f64,
    /// Whether it is a candidate without what was learned.
    pub is_found_anyway: bool,
    /// The scores of the legs.
    pub legs: LegScores,
}

/// The candidates of a search in order, without their texts.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Best first, one entry per article; ties by article id.
    pub articles: Vec<RankedArticle>,
    /// Numbers about the whole list.
    pub evidence: Evidence,
}

impl SearchEngine {
    /// Finds the articles that match, best first, one hit per article; ties by article id.
    ///
    /// When the vector index cannot be reached, words alone decide and the log says so.
    ///
    /// # Errors
    /// Those of the text index and the model.
    pub async fn search(&self, request: &SearchRequest) -> Result<Hits, SearchError> {
        self.run(request, hits::hits).await
    }

    /// Ranks like [`SearchEngine::search`], every candidate and whatever the limit, and reads no texts.
    ///
    /// # Errors
    /// As for [`SearchEngine::search`].
    pub async fn rank(&self, request: &SearchRequest) -> Result<Ranking, SearchError> {
        self.run(request, |parts, state, asked| Ok(rank::rank(parts, state, asked)?.ranking())).await
    }

    /// Prepares a search and runs it away from the async threads.
    async fn run<T: Send + 'static>(
        &self,
        request: &SearchRequest,
        then: impl FnOnce(&Parts, &State, &Asked) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let mut request = request.clone();
        let texts = request.history.iter_mut().map(|turn| &mut turn.text);
        for text in texts.chain([&mut request.query]) {
            if let Some((end, _)) = text.char_indices().nth(QUERY_CHARS_MAX) {
                text.truncate(end);
            }
        }
        let language = self.query_language(&request);
        let weight = match request.mode {
            SearchMode::Lexical => 0.0,
            SearchMode::Dense => 1.0,
            SearchMode::Hybrid => {
                let n = self.n_searched(language);
                fusion::dense_weight(language, n, &self.0.settings.dense_weights)
            }
        };
        let vector = if weight > 0.0 { Some(self.embed(&request).await?) } else { None };
        let learned = match &request.learning {
            _ if request.mode != SearchMode::Hybrid => None,
            Learning::InUse => self.learned(),
            Learning::Off => None,
            Learning::Of(learned) => Some(Arc::clone(learned)),
        };
        let asked = Asked { request, language, weight, vector, learned };
        let parts = Arc::clone(&self.0);
        let run = move || {
            let state = parts.state.read().unwrap_or_else(PoisonError::into_inner);
            then(&parts, &state, &asked)
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| SearchError::Stopped)?
    }

    /// The language of the query among those of the articles: by script, then by the asker's locale when it is short.
    fn query_language(&self, request: &SearchRequest) -> Language {
        let expected = self.state().catalog.languages();
        let by_locale = request
            .locale
            .as_ref()
            .and_then(|locale| Language::parse(locale.language()))
            .filter(|language| expected.is_empty() || expected.contains(language));
        let fallback =
            by_locale.or_else(|| expected.first().copied()).unwrap_or(self.0.settings.default_language);
        language::detect(&request.query, &expected, fallback)
    }

    /// How many articles a query in this language is about: those in it, or all when there is none.
    fn n_searched(&self, language: Language) -> usize {
        let state = self.state();
        match state.catalog.n_in(language) {
            0 => state.catalog.len(),
            n => n,
        }
    }

    /// The query's vector: its turns' vectors, older ones counting less.
    async fn embed(&self, request: &SearchRequest) -> Result<Vec<f32>, SearchError> {
        let mut sum: Vec<f32> = vec![0.0; self.0.embedder.dims()];
        for (text, weight) in weighted_turns(&request.query, &request.history) {
            let vector = self.0.embedder.embed_query(text).await?;
            for (sum, x) in sum.iter_mut().zip(&vector) {
                *sum += weight as f32 * x;
            }
        }
        let length = embed::dot(&sum, &sum).sqrt();
        if length > 0.0 {
            for x in &mut sum {
                *x /= length;
            }
        }
        Ok(sum)
    }
}
