//! `askwell bench`: where the time goes. Numbers are for comparing two builds on one machine, never for tests.

use std::{process::ExitCode, sync::Arc, time::Instant};

use anyhow::Context as _;
use desk::{Desk, ImportOptions, ImportPublication, ImportRun};
use domain::{Locale, Principal};
use embed::{Embedder, HashEmbedder};
use search::{SearchMode, SearchRequest};
use serde::Serialize;

use crate::{
    Config, WriteAccess,
    cli::BenchCommand,
    print,
    wiring::{self, Opened, Seams},
};

/// Lengths measured by `bench embed`, in tokens.
const TOKENS: [usize; 6] = [8, 16, 32, 64, 128, 256];
/// Batch sizes measured by `bench embed`.
const BATCHES: [usize; 3] = [1, 8, 32];
/// Runs of each case: enough for a median, few enough that the largest ends in a minute.
const RUNS: usize = 9;
/// Sections of a generated article; about the passages of an average documentation page.
const SECTIONS: usize = 6;
/// Words of a generated section: one passage.
const WORDS_PER_SECTION: usize = 120;
/// Articles of one import batch.
const BATCH: usize = 500;

pub(crate) async fn bench(command: BenchCommand) -> anyhow::Result<ExitCode> {
    match command {
        BenchCommand::Embed { json } => {
            let model = wiring::load_model(&Config::default())?;
            show(
                &serde_json::json!({ "model": model.model_id(), "candle": embed_cases(model.as_ref())? }),
                json,
            )
        }
        BenchCommand::Search { articles, queries, json } => {
            show(&search_case(articles, queries).await?, json)
        }
    }
}

fn show(report: &impl Serialize, json: bool) -> anyhow::Result<ExitCode> {
    let text = if json { serde_json::to_string(report)? } else { serde_json::to_string_pretty(report)? };
    print::line(&text);
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Serialize)]
struct EmbedCase {
    tokens: usize,
    batch: usize,
    median_ms: f64,
    p95_ms: f64,
    tokens_per_s: f64,
}

fn embed_cases(model: &dyn Embedder) -> anyhow::Result<Vec<EmbedCase>> {
    let mut cases = Vec::new();
    for tokens in TOKENS {
        for batch in BATCHES {
            // "water" is one token; the model adds its start and end marks.
            let texts: Vec<String> =
                (0..batch).map(|n| format!("{} {}", n % 10, vec!["water"; tokens - 3].join(" "))).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut times = Vec::new();
            for run in 0..=RUNS {
                let started = Instant::now();
                model.embed(&texts).context("cannot embed")?;
                if run > 0 {
                    times.push(started.elapsed().as_secs_f64() * 1000.0);
                }
            }
            let median_ms = percentile(&mut times, 0.5);
            cases.push(EmbedCase {
                tokens,
                batch,
                median_ms,
                p95_ms: percentile(&mut times, 0.95),
                tokens_per_s: (tokens * batch) as f64 / median_ms * 1000.0,
            });
        }
    }
    Ok(cases)
}

#[derive(Debug, Serialize)]
struct SearchCase {
    n_articles: usize,
    n_passages: usize,
    /// Embedding the query with the bundled model.
    embed_ms: Percentiles,
    /// Everything of a hybrid search but the embedding.
    hybrid_outside_embedding_ms: Percentiles,
    lexical_ms: Percentiles,
    /// From opening the directory to the first search.
    restart_s: f64,
    resident_mb: f64,
}

#[derive(Debug, Serialize)]
struct Percentiles {
    p50: f64,
    p95: f64,
}

/// Generated articles with vectors of hashed words: what a search costs does not depend on what the vectors mean, and
/// embedding them in earnest would take hours.
async fn search_case(n_articles: usize, n_queries: usize) -> anyhow::Result<SearchCase> {
    let dir = tempfile::tempdir()?;
    let model = wiring::load_model(&Config::default())?;
    let cheap: Arc<dyn Embedder> = Arc::new(HashEmbedder);
    let open = || async {
        let seams = Seams::system(Arc::clone(&cheap));
        wiring::open_with_seams(dir.path(), Config::default(), WriteAccess::Required, seams).await
    };
    let opened: Opened = open().await?;
    let n_passages = fill(&opened.desk, n_articles).await?;
    drop(opened);

    let started = Instant::now();
    let opened = open().await?;
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
        n_articles,
        n_passages,
        embed_ms: percentiles(&mut embed_times),
        hybrid_outside_embedding_ms: percentiles(&mut hybrid),
        lexical_ms: percentiles(&mut lexical),
        restart_s,
        resident_mb: resident_mb(),
    })
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

/// A word of a vocabulary whose frequencies fall off as in real text (Zipf): half of all words come from a small core.
fn word(state: &mut u64) -> String {
    // SplitMix64, so that every run generates the same articles.
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let uniform = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
    let rank = (30_000_f64.powf(uniform)) as u64;
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "ter", "sun", "ba", "ren", "vo", "di", "pel", "gro", "fa", "nis", "hu", "cor", "ze",
    ];
    let mut rest = rank + 16;
    let mut word = String::new();
    while rest > 0 {
        word.push_str(SYLLABLES[(rest % 16) as usize]);
        rest /= 16;
    }
    word
}

fn words(state: &mut u64, n: usize) -> String {
    (0..n).map(|_| word(state)).collect::<Vec<_>>().join(" ")
}

fn article(n: usize) -> String {
    let mut state = n as u64 * 1_000_003;
    let mut text = format!("# {} {n}\n\n", words(&mut state, 4));
    for _ in 0..SECTIONS {
        text.push_str(&format!(
            "## {}\n\n{}.\n\n",
            words(&mut state, 3),
            words(&mut state, WORDS_PER_SECTION)
        ));
    }
    text
}

/// Queries of two to nine words.
fn query(n: usize) -> String {
    words(&mut (n as u64 * 7_919 + 1), 2 + n % 8)
}

fn percentiles(times: &mut [f64]) -> Percentiles {
    Percentiles { p50: percentile(times, 0.5), p95: percentile(times, 0.95) }
}

fn percentile(times: &mut [f64], p: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = ((times.len() as f64 * p).ceil() as usize).clamp(1, times.len().max(1)) - 1;
    times.get(at).copied().unwrap_or(0.0)
}

/// Resident memory of this process, in MiB, where the system tells.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
