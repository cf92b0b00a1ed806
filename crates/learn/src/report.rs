//! What a training says of itself: how good it is beside the cold search and the version in use, and for whom.

use serde::{Deserialize, Serialize};

use crate::Calibration;

/// How well a search finds the articles that agents linked; means over questions, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// Normalised discounted cumulative gain of the first 10.
    pub ndcg_at_10: f64,
    /// Share of the questions whose first article is right.
    pub hit_at_1: f64,
    /// Share of the questions with a right article among the first three.
    pub top_three: f64,
}

/// A part of the questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// What it is cut by: `language`, `collection` or `audience`.
    pub by: String,
    /// Which part: `en`, a collection's title, an audience's key.
    pub name: String,
    /// How many questions.
    pub n: usize,
    /// nDCG@10 of the search without anything learned.
    pub cold: f64,
    /// nDCG@10 with what was learned.
    pub learned: f64,
}

/// What becomes of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// It is good enough to be used.
    Good,
    /// There are too few linked tickets to tell.
    TooFew {
        /// Questions that could be asked.
        n: usize,
        /// Questions that are needed.
        needed: usize,
    },
    /// It finds less than the search without anything learned.
    WorseThanCold,
    /// It finds less than the version in use.
    WorseThanCurrent,
    /// It finds less for some.
    WorseSlice {
        /// What the part is cut by.
        by: String,
        /// Which part.
        name: String,
    },
}

/// The record of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Solved tickets that are remembered.
    pub n_remembered: usize,
    /// Those with a linked article.
    pub n_linked: usize,
    /// Questions that were asked to validate: each of a ticket that was solved after all that was learned from.
    pub n_validated: usize,
    /// The search without anything learned.
    pub cold: Quality,
    /// With what was learned before each question.
    pub learned: Quality,
    /// The version in use against this one, on the questions solved since it was made; absent where there are too few.
    pub since_current: Option<SinceCurrent>,
    /// The parts with enough questions.
    pub slices: Vec<Slice>,
    /// Articles that are linked and found higher now, those with the most questions first; at most 20.
    pub risen: Vec<Risen>,
    /// Questions whose article is first now and was not among the first three, newest first; at most 20.
    pub now_found: Vec<NowFound>,
    /// How sure the bot may be that one of the first three articles is right.
    pub confidence: Calibration,
    /// Whether it is good enough.
    pub verdict: Verdict,
}

/// The version in use against the new one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SinceCurrent {
    /// Questions solved since.
    pub n: usize,
    /// The version in use.
    pub current: Quality,
    /// The new one.
    pub learned: Quality,
}

/// An article that is found higher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risen {
    /// The article.
    pub article_id: domain::ArticleId,
    /// Questions that it was linked in.
    pub n_questions: usize,
    /// Its mean rank without anything learned, 11 where it is not among the first ten.
    pub rank_cold: f64,
    /// Its mean rank now.
    pub rank_learned: f64,
}

/// A question whose article is found now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NowFound {
    /// The solved ticket that asked it.
    pub ticket_id: domain::TicketId,
    /// The article.
    pub article_id: domain::ArticleId,
    /// Its rank without anything learned, 11 where it was not among the first ten.
    pub rank_cold: usize,
}
