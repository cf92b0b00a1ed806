//! Reports of a quarter: what a lead reads on a Monday.

use std::time::Instant;

use anyhow::Context as _;
use desk::{Desk, ReportQuery};
use domain::{Dimension, Measure, Principal, ReportDay, ReportHours, ReportPeriod, TimeZone, WeekStart};
use serde::Serialize;

use super::{Percentiles, percentiles, seed};

/// Days of a quarter.
const QUARTER_DAYS: i64 = 91;

/// How long a report took.
#[derive(Debug, Serialize)]
pub(super) struct ReportReport {
    name: &'static str,
    period: &'static str,
    by: Option<&'static str>,
    n_rows: usize,
    ms: Percentiles,
}

/// Reads each report of the last quarter in each way, so many times; gives each one's times, and all of them.
pub(super) async fn measure(desk: &Desk, n_runs: usize) -> anyhow::Result<(Vec<ReportReport>, Percentiles)> {
    let today = ReportDay::at(seed::NOW, &TimeZone::UTC).0;
    let (mut reports, mut all) = (vec![], vec![]);
    let periods = [
        ("whole", ReportPeriod::Whole),
        ("day", ReportPeriod::Day),
        ("week", ReportPeriod::Week(WeekStart::Monday)),
    ];
    for measure in Measure::ALL {
        for (period_name, period) in periods {
            for by in std::iter::once(None).chain(measure.dimensions().iter().map(|by| Some(*by))) {
                let query = ReportQuery {
                    from: Some(today.plus(1 - QUARTER_DAYS)),
                    to: Some(today),
                    period,
                    by,
                    hours: ReportHours::Business,
                    ..ReportQuery::new(measure)
                };
                let (n_rows, mut times) = read(desk, &query, n_runs).await?;
                all.extend_from_slice(&times);
                let (name, by) = (measure.as_str(), by.map(Dimension::as_str));
                reports.push(ReportReport {
                    name,
                    period: period_name,
                    by,
                    n_rows,
                    ms: percentiles(&mut times),
                });
            }
        }
    }
    Ok((reports, percentiles(&mut all)))
}

async fn read(desk: &Desk, query: &ReportQuery, n_runs: usize) -> anyhow::Result<(usize, Vec<f64>)> {
    let (mut n_rows, mut times) = (0, vec![]);
    for _ in 0..n_runs {
        let started = Instant::now();
        let report = desk.report(&Principal::System, query).await.context("cannot read a report")?;
        times.push(super::elapsed_ms(started));
        n_rows = report.rows.len();
    }
    Ok((n_rows, times))
}
