//! How long the model takes for texts of several lengths, alone and in batches.

use std::time::Instant;

use anyhow::Context as _;
use embed::Embedder;
use serde::Serialize;

use super::percentile;
use crate::{Config, wiring};

/// Lengths in tokens.
const TOKENS: [usize; 6] = [8, 16, 32, 64, 128, 256];
const BATCHES: [usize; 3] = [1, 8, 32];
/// Runs of each case: enough for a median, few enough that the largest ends in a minute.
const RUNS: usize = 9;

#[derive(Debug, Serialize)]
pub(super) struct EmbedReport {
    model: String,
    candle: Vec<EmbedCase>,
}

pub(super) fn measure() -> anyhow::Result<EmbedReport> {
    let model = wiring::load_model(&Config::default())?;
    Ok(EmbedReport { model: model.model_id().to_owned(), candle: embed_cases(model.as_ref())? })
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
