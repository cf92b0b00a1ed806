//! How long a search takes on generated articles.

use std::{path::Path, process::Command, sync::Arc, time::Instant};

use anyhow::{Context as _, ensure};
use desk::{Desk, ImportOptions, ImportPublication, ImportRun};
use domain::{Locale, Principal};
use embed::{Embedder, HashEmbedder};
use evals::generated::{article, query};
use search::{SearchMode, SearchRequest};
use serde::{Deserialize, Serialize};

use super::{Percentiles, percentiles};
use crate::{
    Config, WriteAccess,
    wiring::{self, Opened, Seams},
};

/// Articles of one import batch.
const BATCH: usize = 500;

#[derive(Debug, Serialize)]
pub(super) struct SearchReport {
    n_articles: usize,
    n_passages: usize,
    #[serde(flatten)]
    case: SearchCase,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SearchCase {
    /// Embedding the query with the bundled model.
    embed_ms: Percentiles,
    /// Everything of a hybrid search but the embedding.
    hybrid_outside_embedding_ms: Percentiles,
    lexical_ms: Percentiles,
    /// From loading the model to the first search.
    restart_s: f64,
    /// Of the process, with the model, after the queries.
    resident_mb: f64,
}

/// Fills a directory with generated articles and measures in a process of its own, as a restarted server would be.
pub(super) async fn fill_and_measure(n_articles: usize, n_queries: usize) -> anyhow::Result<SearchReport> {
    let dir = tempfile::tempdir()?;
    let n_passages = fill(&open(dir.path()).await?.desk, n_articles).await?;
    let output = Command::new(std::env::current_exe()?)
        .args(["bench", "search", "--json", "--queries", &n_queries.to_string(), "--filled"])
        .arg(dir.path())
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot start the measuring process")?;
    ensure!(output.status.success(), "the measuring process ended with {}", output.status);
    Ok(SearchReport { n_articles, n_passages, case: serde_json::from_slice(&output.stdout)? })
}

/// Measures on a directory that [`fill_and_measure`] has filled.
pub(super) async fn measure(dir: &Path, n_queries: usize) -> anyhow::Result<SearchCase> {
    let started = Instant::now();
    let model = wiring::load_model(&Config::from_environment()?)?;
    let opened = open(dir).await?;
    opened.desk.catch_up().await?;
    search_once(&opened.desk, &query(0), SearchMode::Hybrid).await?;
    let restart_s = started.elapsed().as_secs_f64();

    let mut embed_times = Vec::new();
    let mut hybrid = Vec::new();
    let mut lexical = Vec::new();
    for n in 0..n_queries {
        let query = query(n);
        let started = Instant::now();
        model.embed(&[&query]).context("cannot embed")?;
        embed_times.push(started.elapsed().as_secs_f64() * 1000.0);
        for (mode, times) in [(SearchMode::Hybrid, &mut hybrid), (SearchMode::Lexical, &mut lexical)] {
            let started = Instant::now();
            search_once(&opened.desk, &query, mode).await?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(SearchCase {
        embed_ms: percentiles(&mut embed_times),
        hybrid_outside_embedding_ms: percentiles(&mut hybrid),
        lexical_ms: percentiles(&mut lexical),
        restart_s,
        resident_mb: resident_mb(),
    })
}

/// Opens with vectors of hashed words: what a search costs does not depend on what the vectors mean, and embedding the
/// articles in earnest would take hours.
async fn open(dir: &Path) -> anyhow::Result<Opened> {
    let cheap: Arc<dyn Embedder> = Arc::new(HashEmbedder);
    wiring::open_with_seams(dir, Config::default(), WriteAccess::Required, Seams::system(cheap)).await
}

async fn fill(desk: &Desk, n_articles: usize) -> anyhow::Result<usize> {
    let options = ImportOptions {
        collection: None,
        locale: Locale::english(),
        publication: ImportPublication::Publish,
        run: ImportRun::Write,
    };
    let parse = ingest::ImportOptions::default();
    let mut n_passages = 0;
    for first in (0..n_articles).step_by(BATCH) {
        let last = (first + BATCH).min(n_articles);
        let batch: Vec<_> = (first..last)
            .map(|n| ingest::parse_markdown(&format!("article-{n}.md"), &article(n), &parse))
            .collect();
        n_passages += desk.import_batch(&Principal::System, &batch, &options).await?.n_passages;
    }
    desk.catch_up().await?;
    Ok(n_passages)
}

async fn search_once(desk: &Desk, query: &str, mode: SearchMode) -> anyhow::Result<()> {
    let request = SearchRequest {
        query: query.to_owned(),
        readable: Principal::anonymous().readable(),
        limit: 10,
        mode,
        ..SearchRequest::default()
    };
    desk.search_raw(&request).await.context("cannot search")?;
    Ok(())
}

/// Resident memory of this process, in MiB, where the system tells.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
