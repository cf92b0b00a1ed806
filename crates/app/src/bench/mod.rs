//! `askwell bench`: where the time goes. Numbers are for comparing two builds on one machine, never for tests.

mod deciding;
mod desk;
mod learn;
mod reports;
mod search;
mod seed;
mod tickets;
mod words;

use std::{process::ExitCode, time::Instant};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::{Config, cli::BenchCommand, print, wiring};

pub(crate) async fn bench(command: BenchCommand) -> anyhow::Result<ExitCode> {
    match command {
        BenchCommand::Embed { json } => {
            let options = wiring::engine_options(&Config::from_environment()?)?;
            show(&embed::bench(options).context("cannot measure")?, json)
        }
        BenchCommand::Seed { data, tickets, json } => show(&seed::seed(&data, tickets).await?, json),
        BenchCommand::Desk { data, runs, json } => show(&desk::measure(&data, runs).await?, json),
        BenchCommand::Learn { tickets, queries, json } => {
            show(&learn::measure(tickets, queries).await?, json)
        }
        BenchCommand::Search { articles, queries, json, filled: None } => {
            show(&search::fill_and_measure(articles, queries).await?, json)
        }
        BenchCommand::Search { queries, json, filled: Some(dir), .. } => {
            show(&search::measure(&dir, queries).await?, json)
        }
    }
}

fn show(report: &impl Serialize, json: bool) -> anyhow::Result<ExitCode> {
    let text = if json { serde_json::to_string(report)? } else { serde_json::to_string_pretty(report)? };
    print::line(&text);
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Serialize, Deserialize)]
struct Percentiles {
    p50: f64,
    p95: f64,
}

fn percentiles(times: &mut [f64]) -> Percentiles {
    Percentiles { p50: percentile(times, 0.5), p95: percentile(times, 0.95) }
}

fn elapsed_ms(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

fn percentile(times: &mut [f64], p: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = ((times.len() as f64 * p).ceil() as usize).clamp(1, times.len().max(1)) - 1;
    times.get(at).copied().unwrap_or(0.0)
}
