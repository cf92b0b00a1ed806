//! A search from the query to the hits.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError},
};

use domain::{Evidence, Hit, Hits, LegScores, ScoredPassage, Snippet};
use language::Language;
use tantivy::{
    Searcher, TantivyDocument, Term,
    collector::TopDocs,
    query::TermQuery,
    schema::{IndexRecordOption, Value as _},
};

use crate::{
    SearchEngine, SearchError, SearchMode, SearchRequest,
    dense::{DenseQuery, DenseScores},
    engine::{Parts, State},
    fusion::{self, ArticleCosines},
    index::{Entry, StoredPassage, passage_key},
    lexical::{self, LexicalQuery, LexicalScores, PassageScore, weighted_turns},
    mention,
    request::QUERY_CHARS_MAX,
    snippet,
    text::VectorKind,
};

/// Candidates of each leg (`evals/retrieval.md`: 100 loses nothing, 50 costs .2).
const CANDIDATES: usize = 100;
/// Passages that come with a hit.
const PASSAGES_PER_HIT: usize = 3;

impl SearchEngine {
    /// Finds the articles that match, best first, one hit per article; ties by article id.
    ///
    /// When the vector index cannot be reached, words alone decide and the log says so.
    ///
    /// # Errors
    /// Those of the text index and the model.
    pub async fn search(&self, request: &SearchRequest) -> Result<Hits, SearchError> {
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
        let parts = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || search(&parts, &request, language, weight, vector.as_deref()))
            .await
            .map_err(|_| SearchError::Stopped)?
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

/// An article on its way to becoming a hit.
struct Candidate<'a> {
    slot: usize,
    entry: &'a Entry,
    score: f64,
    legs: LegScores,
}

fn search(
    parts: &Parts,
    request: &SearchRequest,
    language: Language,
    weight: f64,
    vector: Option<&[f32]>,
) -> Result<Hits, SearchError> {
    let state = parts.state.read().unwrap_or_else(PoisonError::into_inner);
    let State { catalog, searcher, .. } = &*state;
    let mut wanted = vec![language.as_str()];
    wanted.extend(request.locale.as_ref().map(domain::Locale::language));
    let allowed = catalog.allowed(&request.readable, request.collection.as_deref(), &wanted);
    let query = LexicalQuery::new(
        &request.query,
        &request.history,
        language,
        &parts.settings.synonyms,
        request.as_you_type,
    );
    let mut words = lexical::score(&state, &parts.fields, &allowed, &query)?;
    if request.mode == SearchMode::Dense {
        words.articles.fill(0.0);
    }
    let by_words = catalog.best(&words.articles, 0.0, CANDIDATES);
    let dense = match vector {
        None => DenseScores::default(),
        Some(vector) => {
            let query = DenseQuery {
                vector,
                catalog,
                allowed: &allowed,
                readable: &request.readable,
                collection: request.collection.as_deref(),
                n_nearest: CANDIDATES,
                also: &by_words,
            };
            parts.vectors.search(&query).unwrap_or_else(|error| {
                tracing::error!(%error, "cannot search the vectors; words alone decide");
                DenseScores::default()
            })
        }
    };
    let mentioned = mention::mentions(catalog, &request.query, &request.history, language, |term| {
        lexical::doc_freq(&state, parts.fields.full, term).unwrap_or(0)
    });
    let mut slots: HashSet<usize> = by_words.into_iter().collect();
    slots.extend(dense.articles.keys());
    let mut candidates: Vec<Candidate<'_>> = slots
        .into_iter()
        .filter_map(|slot| Some((slot, catalog.get(slot)?)))
        .map(|(slot, entry)| {
            let lexical = words.articles[slot];
            let cosines = dense.articles.get(&slot).map(|all| fusion::article_cosines(all, entry.n_words));
            let mention =
                entry.collection.as_ref().and_then(|name| mentioned.get(name)).copied().unwrap_or(0.0);
            let mention = if request.mode == SearchMode::Hybrid { mention } else { 0.0 };
            Candidate {
                slot,
                entry,
                score: lexical
                    + weight * cosines.map_or(0.0, |cosines| cosines.score)
                    + fusion::MENTION * mention,
                legs: legs(lexical, cosines),
            }
        })
        .collect();
    candidates.sort_by(best_first);
    let evidence = evidence(&words, &dense, &candidates, vector.is_some());
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(candidate.entry.article_id.clone()));
    candidates.truncate(request.limit);
    let terms: HashSet<&str> =
        query.terms.iter().chain(&words.extra).map(|term| term.text.as_str()).collect();
    let mut by_slot = passages_of(searcher, &words.passages, &candidates)?;
    let hits = candidates
        .into_iter()
        .map(|candidate| {
            let lexical = by_slot.remove(&candidate.slot).unwrap_or_default();
            let cosines = dense.articles.get(&candidate.slot).map(Vec::as_slice).unwrap_or_default();
            hit(parts, searcher, &candidate, &lexical, cosines, weight, &terms, language)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Hits {
        query: request.query.clone(),
        language: language.as_str().to_owned(),
        hits,
        evidence,
        index_seq: parts.seq.load(std::sync::atomic::Ordering::SeqCst),
    })
}

/// The lexical scores of the passages of these articles, by ordinal.
fn passages_of(
    searcher: &Searcher,
    scores: &[PassageScore],
    candidates: &[Candidate<'_>],
) -> Result<HashMap<usize, Vec<(u32, f64)>>, SearchError> {
    let mut by_slot: HashMap<usize, Vec<(u32, f64)>> =
        candidates.iter().map(|candidate| (candidate.slot, vec![])).collect();
    for passage in scores {
        let Some(found) = by_slot.get_mut(&passage.slot) else { continue };
        let (segment, doc) = passage.doc;
        let ordinals = searcher.segment_readers()[segment].fast_fields().u64("ordinal")?;
        let ordinal = ordinals.first(doc).and_then(|ordinal| u32::try_from(ordinal).ok());
        found.push((ordinal.unwrap_or(0), passage.score));
    }
    Ok(by_slot)
}

fn best_first(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    b.score
        .total_cmp(&a.score)
        .then_with(|| a.entry.article_id.cmp(&b.entry.article_id))
        .then_with(|| a.entry.locale.cmp(&b.entry.locale))
}

fn legs(lexical: f64, cosines: Option<ArticleCosines>) -> LegScores {
    LegScores {
        lexical: (lexical > 0.0).then_some(lexical),
        dense_passage: cosines.and_then(|cosines| cosines.passage),
        dense_title: cosines.and_then(|cosines| cosines.title),
        dense_question: cosines.and_then(|cosines| cosines.question),
    }
}

fn evidence(
    words: &LexicalScores,
    dense: &DenseScores,
    candidates: &[Candidate<'_>],
    ran_dense: bool,
) -> Evidence {
    let best = |of: fn(&LegScores) -> Option<f64>| {
        candidates.iter().filter_map(|candidate| of(&candidate.legs)).fold(0.0, f64::max)
    };
    Evidence {
        n_terms: u32::try_from(words.idf.len()).unwrap_or(u32::MAX),
        article_coverage: best(|legs| legs.lexical),
        passage_coverage: words.passage_best,
        corpus_coverage: words.corpus_coverage,
        cosine_mean: dense.mean,
        cosine_sd: dense.sd,
        cosine_best: best(|legs| legs.dense_passage),
        cosine_title_best: best(|legs| {
            legs.dense_title.into_iter().chain(legs.dense_question).reduce(f64::max)
        }),
        lexical_best: best(|legs| legs.lexical),
        dense: ran_dense && !dense.articles.is_empty(),
        terms: words.idf.clone(),
    }
}

#[expect(clippy::too_many_arguments, reason = "everything that one search has found about one article")]
fn hit(
    parts: &Parts,
    searcher: &Searcher,
    candidate: &Candidate<'_>,
    lexical: &[(u32, f64)],
    cosines: &[(VectorKind, f64)],
    weight: f64,
    terms: &HashSet<&str>,
    language: Language,
) -> Result<Hit, SearchError> {
    let entry = candidate.entry;
    let mut by_ordinal: HashMap<u32, (f64, Option<f64>)> = HashMap::new();
    for &(ordinal, score) in lexical {
        by_ordinal.entry(ordinal).or_default().0 = score;
    }
    for &(kind, cosine) in cosines {
        if let VectorKind::Passage(ordinal) = kind {
            by_ordinal.entry(ordinal).or_default().1 = Some(cosine);
        }
    }
    if by_ordinal.is_empty() && entry.n_passages > 0 {
        by_ordinal.insert(0, (0.0, None));
    }
    let mut ranked: Vec<(u32, f64, Option<f64>)> = by_ordinal
        .into_iter()
        .map(|(ordinal, (words, cosine))| (ordinal, words + weight * cosine.unwrap_or(0.0), cosine))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut passages = Vec::new();
    let mut excerpt = Snippet::default();
    for (ordinal, score, cosine) in ranked.into_iter().take(PASSAGES_PER_HIT) {
        let Some(stored) = stored_passage(parts, searcher, passage_key(entry.key, ordinal))? else {
            continue;
        };
        if passages.is_empty() {
            excerpt = snippet::snippet(&stored, terms, language);
        }
        passages.push(ScoredPassage {
            passage: stored.passage,
            source: stored.source,
            source_start_chars: stored.source_start_chars,
            score,
            cosine,
        });
    }
    Ok(Hit {
        article_id: entry.article_id.clone(),
        version_id: entry.version_id.clone(),
        external_id: entry.external_id.clone(),
        slug: entry.slug.clone(),
        title: entry.title.clone(),
        collection: entry.collection.clone(),
        locale: entry.locale.clone(),
        audience: entry.audience.clone(),
        score: candidate.score,
        legs: candidate.legs,
        passages,
        snippet: excerpt,
    })
}

fn stored_passage(
    parts: &Parts,
    searcher: &Searcher,
    key: u64,
) -> Result<Option<StoredPassage>, SearchError> {
    let query = TermQuery::new(Term::from_field_u64(parts.fields.passage, key), IndexRecordOption::Basic);
    let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
    let Some((_, address)) = found.first() else { return Ok(None) };
    let document: TantivyDocument = searcher.doc(*address)?;
    let json = document.get_first(parts.fields.content).and_then(|value| value.as_str()).unwrap_or_default();
    Ok(serde_json::from_str(json).ok())
}
