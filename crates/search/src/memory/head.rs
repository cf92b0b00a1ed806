//! The linear adapter: from a question's vector to a number for each article, fitted by ridge regression on the articles
//! that agents linked (Hoerl and Kennard, 1970). In closed form: the same data gives the same numbers.

use std::collections::BTreeMap;

use domain::ArticleId;
use embed::dot;
use serde::{Deserialize, Serialize};

/// Strength of the penalty (`evals/learning.md`: .5 to 3 is a plateau).
const PENALTY: f64 = 1.0;

/// A linear map from a question's vector to articles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Head {
    /// The mean question.
    mean: Vec<f32>,
    /// For each article that was linked, its direction.
    articles: BTreeMap<ArticleId, Vec<f32>>,
}

impl Head {
    /// Fits it to questions (each a vector of `dims`) and the articles linked in them with their weights. Costs
    /// n · dims² multiplications and as much for each article.
    pub fn fit<'q>(
        dims: usize,
        examples: impl Iterator<Item = (&'q [f32], &'q [(ArticleId, f64)])> + Clone,
    ) -> Self {
        let n = examples.clone().count() as f64;
        if n == 0.0 {
            return Self::default();
        }
        let mut mean = vec![0.0; dims];
        for (vector, _) in examples.clone() {
            for (mean, x) in mean.iter_mut().zip(vector) {
                *mean += f64::from(*x) / n;
            }
        }
        let mut gram = vec![0.0; dims * dims];
        let mut sums: BTreeMap<ArticleId, Vec<f64>> = BTreeMap::new();
        for (vector, links) in examples {
            let centered: Vec<f64> = vector.iter().zip(&mean).map(|(x, mean)| f64::from(*x) - mean).collect();
            // The matrix is symmetric: its lower triangle is enough.
            for (at, (row, &x)) in gram.chunks_exact_mut(dims).zip(&centered).enumerate() {
                for (cell, y) in row.iter_mut().zip(&centered[..=at]) {
                    *cell += x * y;
                }
            }
            for (article, weight) in links {
                let sum = sums.entry(article.clone()).or_insert_with(|| vec![0.0; dims]);
                for (sum, x) in sum.iter_mut().zip(&centered) {
                    *sum += weight * x;
                }
            }
        }
        for at in 0..dims {
            gram[at * dims + at] += PENALTY;
        }
        let factor = cholesky(gram, dims);
        let to_f32 = |numbers: Vec<f64>| numbers.into_iter().map(|x| x as f32).collect::<Vec<f32>>();
        let articles =
            sums.into_iter().map(|(article, sum)| (article, to_f32(solve(&factor, sum)))).collect();
        Self { mean: to_f32(mean), articles }
    }

    /// The number for each article: about the share of such questions in which it was linked, less its share in all.
    pub(super) fn scores<'h>(&'h self, query: &[f32]) -> impl Iterator<Item = (&'h ArticleId, f64)> {
        let centered: Vec<f32> = query.iter().zip(&self.mean).map(|(x, mean)| x - mean).collect();
        self.articles.iter().map(move |(article, direction)| (article, f64::from(dot(&centered, direction))))
    }

    /// Bytes that it holds, about.
    pub(super) fn n_bytes(&self) -> usize {
        self.articles.len() * (self.mean.len() * 4 + 64)
    }
}

/// The lower triangle of a positive definite matrix, in place. Positive definite because of the penalty.
fn cholesky(mut matrix: Vec<f64>, n: usize) -> Vec<f64> {
    for column in 0..n {
        for row in column..n {
            let (above, below) = matrix.split_at(row * n);
            let left = if row == column { &below[..column] } else { &above[column * n..column * n + column] };
            let known: f64 = below[..column].iter().zip(left).map(|(a, b)| a * b).sum();
            let rest = below[column] - known;
            let divisor = if row == column { 1.0 } else { matrix[column * n + column] };
            matrix[row * n + column] =
                if row == column { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / divisor };
        }
    }
    matrix
}

/// Solves L·Lᵀ·x = y.
fn solve(factor: &[f64], mut y: Vec<f64>) -> Vec<f64> {
    let n = y.len();
    for row in 0..n {
        let known: f64 = factor[row * n..row * n + row].iter().zip(&y).map(|(l, x)| l * x).sum();
        y[row] = (y[row] - known) / factor[row * n + row];
    }
    for row in (0..n).rev() {
        let x = y[row] / factor[row * n + row];
        y[row] = x;
        for (above, l) in y[..row].iter_mut().zip(&factor[row * n..row * n + row]) {
            *above -= l * x;
        }
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_equations_hold() {
        // y = (2, -1) solves [[5, 2], [2, 4]] y = (8, 0).
        let factor = cholesky(vec![5.0, 2.0, 2.0, 4.0], 2);
        let solved = solve(&factor, vec![8.0, 0.0]);
        assert!((solved[0] - 2.0).abs() < 1e-12 && (solved[1] + 1.0).abs() < 1e-12, "{solved:?}");
    }

    #[test]
    fn a_question_like_the_linked_ones_is_led_to_their_article() {
        let (mail, print) = (ArticleId::new("mail"), ArticleId::new("print"));
        let vectors = [[1.0_f32, 0.0, 0.1], [0.9, 0.1, 0.0], [0.0, 1.0, 0.1], [0.1, 0.9, 0.0]];
        let links = [&mail, &mail, &print, &print].map(|article| vec![(article.clone(), 1.0)]);
        let head = Head::fit(3, vectors.iter().map(|v| &v[..]).zip(links.iter().map(Vec::as_slice)));
        let scores: BTreeMap<&ArticleId, f64> = head.scores(&[0.95, 0.05, 0.0]).collect();
        assert!(scores[&mail] > 0.2 && scores[&print] < 0.0, "{scores:?}");
    }

    #[test]
    fn without_examples_it_says_nothing() {
        let head = Head::fit(3, std::iter::empty());
        assert_eq!(head.scores(&[1.0, 0.0, 0.0]).count(), 0);
    }
}
