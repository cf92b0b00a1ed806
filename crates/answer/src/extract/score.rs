//! How likely each sentence belongs to the answer: a logistic model on a handful of features.

use domain::SegmentKind;

use super::{Reading, Vectors};
use crate::{confidence::sigmoid, vector::dot};

/// The likelihood of one sentence, by its index in the reading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scored {
    pub(crate) index: usize,
    /// Probability that a person would have chosen it.
    pub(crate) probability: f64,
}

/// The weights of one model; the features are explained at [`score`].
struct Weights {
    intercept: f64,
    cosine: f64,
    share: f64,
    share_beyond_title: f64,
    first: f64,
    share_behind_best: f64,
    number: f64,
    rank: f64,
}

const WITH_VECTORS: Weights = Weights {
    intercept: -1.2366,
    cosine: 2.2864,
    share: 0.0,
    share_beyond_title: 0.0,
    first: 0.7892,
    share_behind_best: 1.0685,
    number: 0.5634,
    rank: 1.0,
};

const WITHOUT_VECTORS: Weights = Weights {
    intercept: -0.6857,
    cosine: 0.0,
    share: 0.9382,
    share_beyond_title: 1.0177,
    first: 0.9274,
    share_behind_best: 1.0501,
    number: 0.6456,
    rank: 1.5,
};

/// What a numbered step of the best article gains where somebody asks how to do something. Set by hand on the manual; the gold that the
/// other weights were fitted on has no steps.
const STEP: f64 = 1.5;

/// Scores each sentence of the reading.
///
/// Features: the cosine to the query; the share of the question's idf weight that the sentence covers, of all terms,
/// beyond those of the title, and behind the best sentence's; whether it opens its section; whether it has a digit where
/// a number is asked for; how many better articles there are.
pub(crate) fn score(reading: &Reading, vectors: Option<Vectors>) -> Vec<Scored> {
    let weights = if vectors.is_some() { WITH_VECTORS } else { WITHOUT_VECTORS };
    let question = &reading.question;
    let shares: Vec<f64> = reading.sentences.iter().map(|sentence| question.share(&sentence.terms)).collect();
    let best = shares.iter().copied().fold(0.0, f64::max);
    let scores = reading.sentences.iter().zip(shares).enumerate().map(|(index, (sentence, share))| {
        let cosine = vectors.map_or(0.0, |vectors| dot(vectors.query, &vectors.sentences[index]));
        let beyond =
            question.share_beyond(&reading.articles[sentence.rank].title, &sentence.terms).unwrap_or(0.0);
        let is_step = sentence.rank == 0 && matches!(sentence.segment.kind, SegmentKind::Step { .. });
        let digit = question.asks_for_number && sentence.segment.text.chars().any(|c| c.is_ascii_digit());
        let logit = weights.intercept
            + weights.cosine * cosine
            + weights.share * share
            + weights.share_beyond_title * beyond
            + weights.first * f64::from(u8::from(sentence.opens))
            + weights.share_behind_best * (share - best)
            + weights.number * f64::from(u8::from(digit))
            + STEP * f64::from(u8::from(question.asks_how && is_step))
            - weights.rank * sentence.rank as f64;
        Scored { index, probability: sigmoid(logit) }
    });
    scores.collect()
}
