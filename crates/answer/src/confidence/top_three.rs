//! How likely it is that one of the first three articles is the right one: what the bot shows when it does not answer.
//!
//! Source: `evals/learning.md`. Of some 120 features tried on four splits in time, these three say all that is to be said.

use serde::{Deserialize, Serialize};

use super::sigmoid;

/// Names of the features, in their order.
pub const TOP_THREE_FEATURES: [&str; 3] = ["top_three_mass", "top_three_gap", "top_three_learned_gap"];

/// Ranks that are looked at.
const RANKED: usize = 20;
/// Sharpness of the mass, as for the best article.
const SHARPNESS: f64 = 10.0;

/// A logistic model over [`TOP_THREE_FEATURES`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TopThree {
    /// The logit where every feature is 0.
    pub intercept: f64,
    /// What one more of each feature adds to the logit.
    pub weights: [f64; 3],
}

/// As fitted on the questions of one year of a support forum (thunderbird 2023): what a site starts from.
impl Default for TopThree {
    fn default() -> Self {
        Self { intercept: -0.697, weights: [0.305, 6.221, 10.069] }
    }
}

impl TopThree {
    /// The probability, 0 to 1.
    pub fn probability(&self, features: [f64; 3]) -> f64 {
        let logit: f64 = self.weights.iter().zip(features).map(|(weight, value)| weight * value).sum();
        sigmoid(self.intercept + logit)
    }
}

/// The features of a list of articles, best first, each with its score and the part of it that was learned: the logarithm
/// of the odds of the first three against the next seventeen, and by how much the first three are ahead of the next three on
/// the mean, without and in what was learned. All 0 for an empty list; what is not there scores as the last that is.
pub fn top_three_features(scores: &[(f64, f64)]) -> [f64; 3] {
    let (Some(first), Some(last)) = (scores.first(), scores.get(..RANKED).unwrap_or(scores).last()) else {
        return [0.0; 3];
    };
    let at = |rank: usize| *scores.get(rank).unwrap_or(last);
    let mass = |ranks: std::ops::Range<usize>| -> f64 {
        ranks.map(|rank| (SHARPNESS * (at(rank).0 - first.0)).exp()).sum()
    };
    let ahead = |of: fn((f64, f64)) -> f64| -> f64 {
        let mean = |ranks: std::ops::Range<usize>| ranks.map(|rank| of(at(rank))).sum::<f64>() / 3.0;
        mean(0..3) - mean(3..6)
    };
    let odds = mass(0..3) / mass(3..RANKED).max(f64::MIN_POSITIVE);
    [odds.ln(), ahead(|(score, learned)| score - learned), ahead(|(_, learned)| learned)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_whose_first_three_stand_out_is_more_likely_right() {
        let flat: Vec<(f64, f64)> = (0..10).map(|rank| (1.0 - 0.01 * f64::from(rank), 0.0)).collect();
        let mut clear = flat.clone();
        for score in &mut clear[..3] {
            *score = (score.0 + 0.5, 0.3);
        }
        let model = TopThree::default();
        let probability = |scores: &[(f64, f64)]| model.probability(top_three_features(scores));
        assert!(probability(&clear) > probability(&flat) + 0.1);
        assert_eq!(top_three_features(&[]), [0.0; 3]);
        assert!(probability(&[(0.4, 0.0)]).is_finite());
    }
}
