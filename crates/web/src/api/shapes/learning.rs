//! The versions of what was learned from solved tickets.

use desk::{Quality, Report, Slice, Verdict};
use domain::LearnedVersion;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// Versions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LearnedVersionsJson {
    pub(crate) versions: Vec<LearnedVersionJson>,
}

/// A version of what was learned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LearnedVersionJson {
    number: i64,
    /// Whether searches use it.
    in_use: bool,
    created_at: String,
    /// Solved tickets that it was learned from.
    n_remembered: usize,
    /// Those with a linked article.
    n_linked: usize,
    /// Questions that were asked to judge it.
    n_validated: usize,
    /// Searching without anything learned.
    without: QualityJson,
    /// Searching with what was learned before each question.
    with: QualityJson,
    slices: Vec<SliceJson>,
    /// `good`, `too_few`, `worse_than_cold`, `worse_than_current` or `worse_slice`.
    verdict: &'static str,
}

/// How well articles are found; means over questions, 0 to 1.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QualityJson {
    ndcg_at_10: f64,
    /// Share of the questions whose first article is right.
    hit_at_1: f64,
    /// Share of the questions with a right article among the first three.
    top_three: f64,
}

/// A part of the questions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SliceJson {
    /// `language`, `collection` or `audience`.
    by: String,
    name: String,
    n: usize,
    /// nDCG@10 without anything learned.
    without: f64,
    /// nDCG@10 with what was learned.
    with: f64,
}

impl LearnedVersionJson {
    pub(crate) fn new(version: &LearnedVersion, report: &Report) -> Self {
        Self {
            number: version.number,
            in_use: version.in_use,
            created_at: iso(version.created_at),
            n_remembered: report.n_remembered,
            n_linked: report.n_linked,
            n_validated: report.n_validated,
            without: QualityJson::new(report.cold),
            with: QualityJson::new(report.learned),
            slices: report.slices.iter().map(SliceJson::new).collect(),
            verdict: match report.verdict {
                Verdict::Good => "good",
                Verdict::TooFew { .. } => "too_few",
                Verdict::WorseThanCold => "worse_than_cold",
                Verdict::WorseThanCurrent => "worse_than_current",
                Verdict::WorseSlice { .. } => "worse_slice",
            },
        }
    }
}

impl QualityJson {
    fn new(quality: Quality) -> Self {
        let Quality { ndcg_at_10, hit_at_1, top_three } = quality;
        Self { ndcg_at_10, hit_at_1, top_three }
    }
}

impl SliceJson {
    fn new(slice: &Slice) -> Self {
        let Slice { by, name, n, cold, learned } = slice.clone();
        Self { by, name, n, without: cold, with: learned }
    }
}
