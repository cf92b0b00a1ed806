//! Fitting the confidence: a logistic model drawn towards the shipped one, by Newton's method with steps that are halved
//! until they help (a convex problem: the same data gives the same model).

use answer::TopThree;
use serde::{Deserialize, Serialize};

use crate::metrics::{auroc, ece};

/// How strongly the fit is drawn towards the shipped coefficients, on standardised features: as if that many questions
/// spoke for each of them.
const PULL: f64 = 10.0;
/// Newton's method is done long before.
const STEPS_MAX: usize = 50;
/// Bins of the reliability diagram.
const BINS: usize = 10;

/// What is known about the confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The fitted model.
    pub model: TopThree,
    /// Probability that a question whose first three hold a right article has a higher confidence than another one; absent
    /// without both. Measured on the last block of time, fitted on the ones before.
    pub auroc: Option<f64>,
    /// Expected calibration error over ten bins, measured likewise.
    pub ece: f64,
    /// Confidence against what came of it, measured likewise.
    pub reliability: Vec<Bin>,
}

/// A bin of the reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Confidence from here on …
    pub from: f64,
    /// … to below here.
    pub to: f64,
    /// Questions.
    pub n: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them with a right article among the first three.
    pub right: f64,
}

/// A question: its features, and whether one of the first three articles was right.
pub(crate) type Example = ([f64; 3], bool);

/// Fits the model to all examples, which are in order of time, and judges it by what a fit to the first four fifths says
/// about the rest.
pub(crate) fn calibrate(examples: &[Example], shipped: TopThree) -> Calibration {
    let (before, after) = examples.split_at(examples.len() * 4 / 5);
    let judged = fit(before, shipped);
    let scored: Vec<(f64, bool)> =
        after.iter().map(|(features, right)| (judged.probability(*features), *right)).collect();
    Calibration {
        model: fit(examples, shipped),
        auroc: auroc(&scored),
        ece: ece(&scored),
        reliability: reliability(&scored),
    }
}

fn reliability(scored: &[(f64, bool)]) -> Vec<Bin> {
    let width = 1.0 / BINS as f64;
    (0..BINS)
        .filter_map(|bin| {
            let (from, to) = (bin as f64 * width, (bin + 1) as f64 * width);
            let is_in = |confidence: f64| confidence >= from && (confidence < to || bin + 1 == BINS);
            let inside: Vec<&(f64, bool)> =
                scored.iter().filter(|(confidence, _)| is_in(*confidence)).collect();
            let n = inside.len();
            (n > 0).then(|| Bin {
                from,
                to,
                n,
                confidence: inside.iter().map(|(confidence, _)| confidence).sum::<f64>() / n as f64,
                right: inside.iter().filter(|(_, right)| *right).count() as f64 / n as f64,
            })
        })
        .collect()
}

/// The model of least log loss plus the pull towards the shipped one. Without examples it is the shipped one.
fn fit(examples: &[Example], shipped: TopThree) -> TopThree {
    let scales = scales(examples);
    // Parameters on standardised features, so that one pull fits all; the intercept is drawn to nothing.
    let prior = [
        shipped.intercept,
        shipped.weights[0] * scales[0],
        shipped.weights[1] * scales[1],
        shipped.weights[2] * scales[2],
    ];
    let row = |features: &[f64; 3]| {
        [1.0, features[0] / scales[0], features[1] / scales[1], features[2] / scales[2]]
    };
    let rows: Vec<([f64; 4], f64)> =
        examples.iter().map(|(features, right)| (row(features), f64::from(u8::from(*right)))).collect();
    let pull = [0.1, PULL, PULL, PULL];
    let loss = |w: &[f64; 4]| -> f64 {
        let data: f64 = rows
            .iter()
            .map(|(x, y)| {
                let z = dot(w, x);
                // ln(1 + e^z) - y z, without overflow.
                z.max(0.0) + (-z.abs()).exp().ln_1p() - y * z
            })
            .sum();
        data + (0..4).map(|i| 0.5 * pull[i] * (w[i] - prior[i]).powi(2)).sum::<f64>()
    };
    let mut w = prior;
    for _ in 0..STEPS_MAX {
        let mut gradient: [f64; 4] = std::array::from_fn(|i| pull[i] * (w[i] - prior[i]));
        let mut hessian = [[0.0; 4]; 4];
        for (i, row) in hessian.iter_mut().enumerate() {
            row[i] = pull[i];
        }
        for (x, y) in &rows {
            let p = 1.0 / (1.0 + (-dot(&w, x)).exp());
            for i in 0..4 {
                gradient[i] += (p - y) * x[i];
                for j in 0..4 {
                    hessian[i][j] += p * (1.0 - p) * x[i] * x[j];
                }
            }
        }
        let step = solve(hessian, gradient);
        let now = loss(&w);
        let mut length = 1.0;
        let stepped = |length: f64| -> [f64; 4] { std::array::from_fn(|i| w[i] - length * step[i]) };
        while length > 1e-4 && loss(&stepped(length)) > now {
            length /= 2.0;
        }
        w = stepped(length);
        if step.iter().all(|step| step.abs() < 1e-9) {
            break;
        }
    }
    TopThree { intercept: w[0], weights: [w[1] / scales[0], w[2] / scales[1], w[3] / scales[2]] }
}

/// The standard deviation of each feature; 1 where it does not vary.
fn scales(examples: &[Example]) -> [f64; 3] {
    let n = examples.len().max(1) as f64;
    std::array::from_fn(|i| {
        let mean = examples.iter().map(|(features, _)| features[i]).sum::<f64>() / n;
        let variance = examples.iter().map(|(features, _)| (features[i] - mean).powi(2)).sum::<f64>() / n;
        if variance > 1e-12 { variance.sqrt() } else { 1.0 }
    })
}

fn dot(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves a positive definite system by elimination; the pull on the diagonal keeps it away from singular.
fn solve(mut matrix: [[f64; 4]; 4], mut y: [f64; 4]) -> [f64; 4] {
    for column in 0..4 {
        for row in column + 1..4 {
            let factor = matrix[row][column] / matrix[column][column];
            let above = matrix[column];
            for (cell, above) in matrix[row].iter_mut().zip(above) {
                *cell -= factor * above;
            }
            y[row] -= factor * y[column];
        }
    }
    for row in (0..4).rev() {
        let known: f64 = (row + 1..4).map(|k| matrix[row][k] * y[k]).sum();
        y[row] = (y[row] - known) / matrix[row][row];
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(n: usize) -> Vec<Example> {
        // The first feature decides, noisily; the second is constant, the third is noise.
        (0..n)
            .map(|i| {
                let x = (i * 37 % 100) as f64 / 50.0 - 1.0;
                ([x, 1.0, (i * 61 % 7) as f64], x + ((i * 53 % 100) as f64 / 50.0 - 1.0) > 0.0)
            })
            .collect()
    }

    #[test]
    fn without_examples_it_is_the_shipped_model() {
        let shipped = TopThree::default();
        assert_eq!(calibrate(&[], shipped).model, shipped);
    }

    #[test]
    fn many_examples_outweigh_the_shipped_model() {
        let shipped = TopThree { intercept: 0.0, weights: [0.0, 0.0, 2.0] };
        let few = fit(&examples(10), shipped);
        let many = fit(&examples(2_000), shipped);
        assert!(many.weights[0] > 1.5 && many.weights[2].abs() < 0.1, "{many:?}");
        assert!(few.weights[2] > many.weights[2] + 0.5, "{few:?}");
    }

    #[test]
    fn the_fit_is_judged_on_what_it_has_not_seen() {
        let calibration = calibrate(&examples(1_000), TopThree::default());
        assert!(calibration.auroc.unwrap() > 0.75, "{calibration:?}");
        assert!(calibration.ece < 0.2, "{}", calibration.ece);
        assert_eq!(calibration.reliability.iter().map(|bin| bin.n).sum::<usize>(), 200);
    }
}
