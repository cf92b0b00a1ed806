//! From a query to candidates in order: the legs run, their scores become one.

use std::{cmp::Ordering, collections::HashSet};

use domain::{Evidence, LegScores};
use tantivy::Searcher;

use super::{Asked, RankedArticle, Ranking};
use crate::{
    SearchError, SearchMode,
    dense::{DenseQuery, DenseScores},
    engine::{Parts, State},
    fusion::{self, ArticleCosines},
    index::Entry,
    lexical::{self, LexicalQuery, LexicalScores},
    memory::{Question, Taught, TaughtArticle},
    mention,
};

/// Candidates of each leg (`evals/retrieval.md`: 100 loses nothing, 50 costs .2).
const CANDIDATES: usize = 100;

/// Scores that confidence looks at.
const SCORES: usize = 20;

/// An article on its way to becoming a hit.
pub(super) struct Candidate<'a> {
    pub(super) slot: usize,
    pub(super) entry: &'a Entry,
    pub(super) score: f64,
    pub(super) taught: TaughtArticle,
    is_found_anyway: bool,
    pub(super) legs: LegScores,
}

/// Candidates in order, and what the legs found.
pub(super) struct Ranked<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) candidates: Vec<Candidate<'a>>,
    pub(super) query: LexicalQuery,
    pub(super) words: LexicalScores,
    pub(super) dense: DenseScores,
    pub(super) evidence: Evidence,
}

pub(super) fn rank<'a>(parts: &Parts, state: &'a State, asked: &Asked) -> Result<Ranked<'a>, SearchError> {
    let State { catalog, searcher, .. } = state;
    let Asked { request, language, weight, vector, learned } = asked;
    let mut wanted = vec![language.as_str()];
    wanted.extend(request.locale.as_ref().map(domain::Locale::language));
    let allowed = catalog.allowed(&request.readable, request.collection.as_deref(), &wanted);
    let query = LexicalQuery::new(
        &request.query,
        &request.history,
        *language,
        &parts.settings.synonyms,
        request.as_you_type,
    );
    let mut words = lexical::score(state, &parts.fields, &allowed, &query)?;
    if request.mode == SearchMode::Dense {
        words.articles.fill(0.0);
    }
    let taught = learned.as_ref().map_or_else(Taught::default, |learned| {
        let terms: Vec<(&str, f64)> =
            query.terms.iter().map(|term| (term.text.as_str(), term.weight)).collect();
        learned.teach(&Question { vector: vector.as_deref(), terms: &terms, readable: &request.readable })
    });
    let voted: Vec<usize> = taught
        .voted()
        .flat_map(|article| catalog.slots_of(article))
        .copied()
        .filter(|&slot| allowed[slot])
        .collect();
    let by_words = catalog.best(&words.articles, 0.0, CANDIDATES);
    let dense = match vector {
        None => DenseScores::default(),
        Some(vector) => {
            let also: Vec<usize> = by_words.iter().chain(&voted).copied().collect();
            let query = DenseQuery {
                vector,
                catalog,
                allowed: &allowed,
                readable: &request.readable,
                collection: request.collection.as_deref(),
                n_nearest: CANDIDATES,
                also: &also,
            };
            parts.vectors.search(&query).unwrap_or_else(|error| {
                tracing::error!(%error, "cannot search the vectors; words alone decide");
                DenseScores::default()
            })
        }
    };
    let mentioned = mention::mentions(catalog, &request.query, &request.history, *language, |term| {
        lexical::doc_freq(state, parts.fields.full, term).unwrap_or(0)
    });
    let mut slots: HashSet<usize> = by_words.iter().copied().collect();
    slots.extend(dense.nearest.iter());
    let found_anyway = slots.clone();
    slots.extend(voted);
    let mut candidates: Vec<Candidate<'_>> = slots
        .into_iter()
        .filter_map(|slot| Some((slot, catalog.get(slot)?)))
        .map(|(slot, entry)| {
            let lexical = words.articles[slot];
            let cosines = dense.articles.get(&slot).map(|all| fusion::article_cosines(all, entry.n_words));
            let mention =
                entry.collection.as_ref().and_then(|name| mentioned.get(name)).copied().unwrap_or(0.0);
            let mention = if request.mode == SearchMode::Hybrid { mention } else { 0.0 };
            let taught = taught.of(&entry.article_id);
            Candidate {
                slot,
                entry,
                score: lexical
                    + weight * cosines.map_or(0.0, |cosines| cosines.score)
                    + fusion::MENTION * mention
                    + taught.score,
                legs: legs(lexical, cosines, &taught),
                taught,
                is_found_anyway: found_anyway.contains(&slot),
            }
        })
        .collect();
    candidates.sort_by(best_first);
    let mut evidence = evidence(&words, &dense, &candidates, vector.is_some());
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(candidate.entry.article_id.clone()));
    evidence.scores =
        candidates.iter().take(SCORES).map(|candidate| (candidate.score, candidate.taught.score)).collect();
    Ok(Ranked { searcher, candidates, query, words, dense, evidence })
}

impl Ranked<'_> {
    pub(super) fn ranking(self) -> Ranking {
        let articles = self.candidates.into_iter().map(|candidate| RankedArticle {
            article_id: candidate.entry.article_id.clone(),
            score: candidate.score,
            learned: candidate.taught.score,
            is_found_anyway: candidate.is_found_anyway,
            legs: candidate.legs,
        });
        Ranking { articles: articles.collect(), evidence: self.evidence }
    }
}

fn best_first(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    b.score
        .total_cmp(&a.score)
        .then_with(|| a.entry.article_id.cmp(&b.entry.article_id))
        .then_with(|| a.entry.locale.cmp(&b.entry.locale))
}

fn legs(lexical: f64, cosines: Option<ArticleCosines>, taught: &TaughtArticle) -> LegScores {
    LegScores {
        lexical: (lexical > 0.0).then_some(lexical),
        dense_passage: cosines.and_then(|cosines| cosines.passage),
        dense_title: cosines.and_then(|cosines| cosines.title),
        dense_question: cosines.and_then(|cosines| cosines.question),
        learned: (taught.score != 0.0).then_some(taught.score),
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
        scores: vec![],
        terms: words.idf.clone(),
    }
}
