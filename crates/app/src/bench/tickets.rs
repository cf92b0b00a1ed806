//! Searching tickets: what an agent types, with and without a filter.

use std::time::Instant;

use desk::{Desk, TicketSearch};
use domain::Principal;
use serde::Serialize;

use super::{Percentiles, percentiles};

/// Words and filters. Every common word of a generated desk is in half of its tickets, far more than in real ones.
const SEARCHES: [(&str, &str); 14] = [
    ("refund", ""),
    ("battery", "status:new,open,pending,on_hold"),
    ("invoice late", ""),
    ("router firmware", "team:billing priority>=high"),
    ("password login error", ""),
    ("cancel subscription renewal", "created>-90d"),
    ("charged twice", "assignee:me -tag:topic-1"),
    ("\"late delivery\"", ""),
    ("\"expired card\" refund", "team:mine status:solved,closed"),
    ("#4711", ""),
    ("31415", ""),
    ("customer9@example.org", ""),
    ("warranty 271", ""),
    ("the my a to", ""),
];
/// Hits of a page.
const HITS: usize = 20;

/// How long a search took.
#[derive(Debug, Serialize)]
pub(super) struct SearchReport {
    words: &'static str,
    filter: &'static str,
    n_hits: usize,
    ms: Percentiles,
}

/// Runs each search so many times; gives each one's times, and all of them.
pub(super) async fn measure(
    desk: &Desk,
    agent: &Principal,
    n_runs: usize,
) -> anyhow::Result<(Vec<SearchReport>, Percentiles)> {
    let (mut reports, mut all) = (vec![], vec![]);
    for (words, filter) in SEARCHES {
        let mut times = vec![];
        let mut n_hits = 0;
        for _ in 0..n_runs {
            let search = TicketSearch {
                words: words.to_owned(),
                filter: filter.parse()?,
                as_you_type: false,
                after: None,
                limit: HITS,
            };
            let started = Instant::now();
            n_hits = desk.search_tickets(agent, search).await?.hits.len();
            times.push(super::elapsed_ms(started));
        }
        all.extend_from_slice(&times);
        reports.push(SearchReport { words, filter, n_hits, ms: percentiles(&mut times) });
    }
    Ok((reports, percentiles(&mut all)))
}
