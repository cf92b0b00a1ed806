//! How well search finds, on a corpus with judged queries.

use std::{collections::HashMap, path::Path, sync::Arc, time::Instant};

use embed::Embedder;
use learn::metrics::{ndcg_at, recall_at, reciprocal_rank_at};
use search::{SearchMode, SearchRequest};
use serde::{Deserialize, Serialize};

use crate::{
    HistoryReport,
    corpus::{self, PastText, past},
    history,
    library::{Library, Vectors},
};

/// Deepest rank that is measured.
const DEPTH: usize = 20;

/// Which legs run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvalMode {
    /// Words and meaning: the shipped default.
    Hybrid,
    /// Words alone; nothing is embedded.
    Lexical,
    /// Meaning alone.
    Dense,
}

/// What was measured; means over the queries, 0 to 1.
#[derive(Debug, Clone, Serialize)]
pub struct RetrievalReport {
    /// Normalised discounted cumulative gain of the first 10.
    pub ndcg_at_10: f64,
    /// Reciprocal rank within the first 10.
    pub mrr_at_10: f64,
    /// Share of the relevant documents among the first 5.
    pub recall_at_5: f64,
    /// Share of the relevant documents among the first 20.
    pub recall_at_20: f64,
    /// Queries with at least one relevant document.
    pub n_queries: usize,
    /// Time of a query, embedding included.
    pub query_ms: QueryTimes,
    /// Share of the queries whose first document is relevant.
    pub hit_at_1: f64,
    /// Seconds spent on reading, splitting, embedding and indexing.
    pub index_s: f64,
    /// What was learned from the history; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryReport>,
    /// Each query by itself, in the order of the file.
    #[serde(skip)]
    pub per_query: Vec<QueryResult>,
}

/// What was measured of one query.
#[derive(Debug, Clone)]
pub struct QueryResult {
    /// Its id.
    pub id: String,
    /// Its nDCG of the first 10.
    pub ndcg_at_10: f64,
    /// The documents found, best first.
    pub ranked: Vec<String>,
}

/// Percentiles of the time of a query, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct QueryTimes {
    /// The median.
    pub p50: f64,
    /// 95 in 100 are faster.
    pub p95: f64,
}

#[derive(Debug, Deserialize)]
struct Query {
    #[serde(rename = "_id")]
    id: serde_json::Value,
    text: String,
    /// The conversation before it, oldest first; absent in most sets.
    #[serde(default)]
    history: Vec<PastText>,
}

/// Measures search on a corpus with the shipped defaults. With a file of solved tickets it learns from them first, those
/// left out that are asked about.
///
/// # Errors
/// Files that cannot be read or have another shape; those of the engine.
pub async fn retrieval(
    corpus: &Path,
    queries: &Path,
    qrels: &Path,
    past: Option<&Path>,
    mode: EvalMode,
    model: Arc<dyn Embedder>,
) -> anyhow::Result<RetrievalReport> {
    let judged = corpus::qrels(qrels)?;
    let queries: Vec<Query> = corpus::values(queries)?;
    let vectors = if mode == EvalMode::Lexical { Vectors::LeftOut } else { Vectors::Made };
    let library = Library::of_corpus(corpus, model, vectors).await?;
    let asked = queries.iter().map(|query| id(&query.id)).collect();
    let history = match past {
        Some(past) => Some(history::learn_from(&library, &history::read(past, &asked)?).await?),
        None => None,
    };
    let mode = match mode {
        EvalMode::Hybrid => SearchMode::Hybrid,
        EvalMode::Lexical => SearchMode::Lexical,
        EvalMode::Dense => SearchMode::Dense,
    };
    let mut sums = [0.0; 5];
    let mut times = Vec::new();
    let mut per_query = Vec::new();
    for query in queries {
        let id = id(&query.id);
        let Some(grades) = judged.get(&id) else { continue };
        if !grades.values().any(|&grade| grade > 0.0) {
            continue;
        }
        let started = Instant::now();
        let ranked = rank(&library, query, mode).await?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        let measured = measure(&ranked, grades);
        for (sum, value) in sums.iter_mut().zip(measured) {
            *sum += value;
        }
        per_query.push(QueryResult { id, ndcg_at_10: measured[0], ranked });
    }
    let n = times.len().max(1) as f64;
    times.sort_by(f64::total_cmp);
    let at = |p: f64| times.get(((times.len() as f64 * p) as usize).min(times.len().saturating_sub(1)));
    Ok(RetrievalReport {
        ndcg_at_10: sums[0] / n,
        mrr_at_10: sums[1] / n,
        recall_at_5: sums[2] / n,
        recall_at_20: sums[3] / n,
        hit_at_1: sums[4] / n,
        n_queries: times.len(),
        query_ms: QueryTimes { p50: at(0.5).copied().unwrap_or(0.0), p95: at(0.95).copied().unwrap_or(0.0) },
        index_s: library.index_s,
        history,
        per_query,
    })
}

/// The documents found for a query, best first.
async fn rank(library: &Library, query: Query, mode: SearchMode) -> anyhow::Result<Vec<String>> {
    if query.text.trim().is_empty() {
        return Ok(vec![]);
    }
    let history = past(&query.history);
    let request =
        SearchRequest { query: query.text, history, mode, limit: DEPTH, ..SearchRequest::default() };
    let hits = library.search(request).await?;
    Ok(hits.hits.into_iter().map(|hit| hit.article_id.to_string()).collect())
}

fn measure(ranked: &[String], grades: &HashMap<String, f64>) -> [f64; 5] {
    [
        ndcg_at(10, ranked, grades),
        reciprocal_rank_at(10, ranked, grades),
        recall_at(5, ranked, grades),
        recall_at(20, ranked, grades),
        reciprocal_rank_at(1, ranked, grades),
    ]
}

/// Ids are strings in most sets and numbers in some.
pub(crate) fn id(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
