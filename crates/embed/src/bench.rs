//! Measures the engine beside candle, for `askwell bench embed`. Numbers are for comparing two builds,
//! or two ways, on one machine.

use std::time::Instant;

use serde::Serialize;

use crate::engine::EngineOptions;
use crate::error::EmbedError;
use crate::{Embedder, bundled_reference, bundled_with};

/// Lengths of the texts, in tokens.
const TOKENS: [usize; 6] = [8, 16, 32, 64, 128, 256];
/// Texts that are embedded together.
const BATCHES: [usize; 3] = [1, 8, 32];
/// Rounds of a case, in each of which both take their turn: a machine that is busy for a while slows
/// both. Within a turn the runs follow one another, so that neither finds the other's weights in the
/// cache.
const ROUNDS: usize = 5;
/// How long a turn takes, so that short cases are run often.
const TURN_MS: f64 = 40.0;
const TURN_RUNS_MIN: usize = 2;
const TURN_RUNS_MAX: usize = 40;

/// Both ways to embed, measured in the same run.
#[derive(Debug, Serialize)]
pub struct BenchReport {
    /// The kind of processor that the engine ran for.
    pub kernels: &'static str,
    /// Threads of each.
    pub n_threads: usize,
    /// The engine's cases.
    pub engine: Vec<BenchCase>,
    /// The same cases by candle.
    pub candle: Vec<BenchCase>,
}

/// How long one call takes for `batch` texts of `tokens` tokens each, the tokenizer included.
#[derive(Debug, Serialize)]
pub struct BenchCase {
    /// Tokens of each text, start and end among them.
    pub tokens: usize,
    /// Texts in the call.
    pub batch: usize,
    /// Half of the calls took no longer.
    pub median_ms: f64,
    /// 95 of 100 calls took no longer.
    pub p95_ms: f64,
    /// All texts' tokens by the median.
    pub tokens_per_s: f64,
}

/// Measures the bundled model with the engine and with candle.
///
/// # Errors
/// When the processor cannot run the kernels, or there are no threads to run on.
pub fn bench(options: EngineOptions) -> Result<BenchReport, EmbedError> {
    let engine = bundled_with(options)?;
    let candle = bundled_reference()?;
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(options.n_threads).build().map_err(EmbedError::run)?;
    let mut report = BenchReport {
        kernels: options.kernels.name(),
        n_threads: options.n_threads,
        engine: Vec::new(),
        candle: Vec::new(),
    };
    for tokens in TOKENS {
        for batch in BATCHES {
            // Each word is one token; start and end are two more, the number is a third.
            let words = vec!["water"; tokens - 3].join(" ");
            let texts: Vec<String> = (0..batch).map(|n| format!("{} {words}", n % 10)).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut engine_ms = Vec::new();
            let mut candle_ms = Vec::new();
            for _ in 0..ROUNDS {
                turn(&engine, &texts, &mut engine_ms)?;
                pool.install(|| turn(&candle, &texts, &mut candle_ms))?;
            }
            report.engine.push(BenchCase::new(tokens, batch, engine_ms));
            report.candle.push(BenchCase::new(tokens, batch, candle_ms));
        }
    }
    Ok(report)
}

impl BenchCase {
    fn new(tokens: usize, batch: usize, mut times_ms: Vec<f64>) -> Self {
        times_ms.sort_unstable_by(f64::total_cmp);
        let percentile = |p: usize| times_ms[(times_ms.len() - 1) * p / 100];
        let median_ms = percentile(50);
        let tokens_per_s = (tokens * batch) as f64 / median_ms * 1_000.0;
        Self { tokens, batch, median_ms, p95_ms: percentile(95), tokens_per_s }
    }
}

/// Notes the milliseconds of some calls, after one that warms up.
fn turn(model: &dyn Embedder, texts: &[&str], times_ms: &mut Vec<f64>) -> Result<(), EmbedError> {
    let time_ms = || {
        let start = Instant::now();
        model.embed(texts).map(|_| start.elapsed().as_secs_f64() * 1_000.0)
    };
    let n_runs = ((TURN_MS / time_ms()?) as usize).clamp(TURN_RUNS_MIN, TURN_RUNS_MAX);
    for _ in 0..n_runs {
        times_ms.push(time_ms()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_speed_follow_the_times() {
        let case = BenchCase::new(16, 8, (1..=101).rev().map(f64::from).collect());
        assert_eq!((case.median_ms, case.p95_ms), (51.0, 96.0));
        assert!((case.tokens_per_s - 128.0 / 0.051).abs() < 1e-6);
    }
}
