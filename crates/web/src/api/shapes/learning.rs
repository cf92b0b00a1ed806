//! The versions of what was learned from solved tickets.

use desk::{Calibration, NowFound, Quality, Report, Risen, Slice, TOP_THREE_FEATURES, Verdict};
use domain::{LearnedVersion, ProposalState, ProposedQuestion};
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
    /// Articles that are found higher, those with the most questions first; at most 20.
    risen: Vec<RisenJson>,
    /// Questions whose article is first now and was not among the first three, newest first; at most 20.
    now_found: Vec<NowFoundJson>,
    confidence: ConfidenceJson,
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

/// An article that is found higher.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RisenJson {
    article_id: String,
    /// Questions that it was linked in.
    n_questions: usize,
    /// Its mean rank without anything learned; 11 where it is not among the first ten.
    rank_without: f64,
    /// Its mean rank with what was learned.
    rank_with: f64,
}

/// A question that finds its article now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NowFoundJson {
    ticket_id: String,
    article_id: String,
    /// The article's rank without anything learned; 11 where it is not among the first ten.
    rank_without: usize,
}

/// How sure the bot may be that one of the first three articles is right: a logistic model, fitted to the site's own tickets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConfidenceJson {
    intercept: f64,
    features: Vec<FeatureJson>,
    /// Probability that a question with a right article among the first three has a higher confidence than another one;
    /// measured on the last fifth, fitted on what was before.
    auroc: Option<f64>,
    /// Expected calibration error, measured likewise.
    ece: f64,
    /// Confidence against what came of it, measured likewise.
    reliability: Vec<BinJson>,
}

/// A feature of the confidence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeatureJson {
    name: &'static str,
    /// What one more of it adds to the logit.
    weight: f64,
}

/// A bin of the reliability diagram.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BinJson {
    from: f64,
    to: f64,
    /// Questions in it.
    n: usize,
    /// Their mean confidence.
    confidence: f64,
    /// The share of them with a right article among the first three.
    right: f64,
}

/// Questions proposed for articles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposedQuestionsJson {
    pub(crate) questions: Vec<ProposedQuestionJson>,
}

/// A question in customers' own words that an article answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposedQuestionJson {
    id: String,
    article_id: String,
    locale: String,
    question: String,
    /// How many asked like this.
    n_askers: usize,
    /// How sure it is that the article answers it, 0 to 1.
    confidence: f64,
    #[schema(value_type = String, example = "proposed")]
    state: ProposalState,
}

impl ProposedQuestionJson {
    pub(crate) fn new(question: &ProposedQuestion) -> Self {
        Self {
            id: question.id.to_string(),
            article_id: question.article_id.to_string(),
            locale: question.locale.to_string(),
            question: question.question.clone(),
            n_askers: question.n_askers,
            confidence: question.confidence,
            state: question.state,
        }
    }
}

impl RisenJson {
    fn new(risen: &Risen) -> Self {
        Self {
            article_id: risen.article_id.to_string(),
            n_questions: risen.n_questions,
            rank_without: risen.rank_cold,
            rank_with: risen.rank_learned,
        }
    }
}

impl NowFoundJson {
    fn new(found: &NowFound) -> Self {
        Self {
            ticket_id: found.ticket_id.to_string(),
            article_id: found.article_id.to_string(),
            rank_without: found.rank_cold,
        }
    }
}

impl ConfidenceJson {
    fn new(calibration: &Calibration) -> Self {
        let weights = TOP_THREE_FEATURES.into_iter().zip(calibration.model.weights);
        Self {
            intercept: calibration.model.intercept,
            features: weights.map(|(name, weight)| FeatureJson { name, weight }).collect(),
            auroc: calibration.auroc,
            ece: calibration.ece,
            reliability: (calibration.reliability.iter())
                .map(|bin| BinJson {
                    from: bin.from,
                    to: bin.to,
                    n: bin.n,
                    confidence: bin.confidence,
                    right: bin.right,
                })
                .collect(),
        }
    }
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
            risen: report.risen.iter().map(RisenJson::new).collect(),
            now_found: report.now_found.iter().map(NowFoundJson::new).collect(),
            confidence: ConfidenceJson::new(&report.confidence),
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
