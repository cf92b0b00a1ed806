//! The measures, as in TREC.

use std::collections::HashMap;

/// Normalised discounted cumulative gain of the first `k`, with the grades as gains (trec_eval's `ndcg_cut`).
pub fn ndcg_at(k: usize, ranked: &[String], grades: &HashMap<String, f64>) -> f64 {
    let discounted = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        gains.take(k).zip(2_u32..).map(|(gain, rank)| gain / f64::from(rank).log2()).sum()
    };
    let mut best: Vec<f64> = grades.values().copied().filter(|&grade| grade > 0.0).collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal = discounted(&mut best.into_iter());
    if ideal == 0.0 {
        return 0.0;
    }
    discounted(&mut ranked.iter().map(|id| grades.get(id).copied().unwrap_or(0.0).max(0.0))) / ideal
}

/// One divided by the rank of the first relevant document among the first `k`; 0 when there is none.
pub fn reciprocal_rank_at(k: usize, ranked: &[String], grades: &HashMap<String, f64>) -> f64 {
    let first = ranked.iter().take(k).position(|id| grades.get(id).is_some_and(|&grade| grade > 0.0));
    first.map_or(0.0, |at| 1.0 / (at + 1) as f64)
}

/// The share of the relevant documents that are among the first `k`.
pub fn recall_at(k: usize, ranked: &[String], grades: &HashMap<String, f64>) -> f64 {
    let n_relevant = grades.values().filter(|&&grade| grade > 0.0).count();
    if n_relevant == 0 {
        return 0.0;
    }
    let n_found =
        ranked.iter().take(k).filter(|id| grades.get(*id).is_some_and(|&grade| grade > 0.0)).count();
    n_found as f64 / n_relevant as f64
}

/// The probability that a positive scores above a negative, ties counting half (Mann-Whitney). `None` without both.
pub fn auroc(scored: &[(f64, bool)]) -> Option<f64> {
    let n_positive = scored.iter().filter(|(_, positive)| *positive).count();
    let n_negative = scored.len() - n_positive;
    if n_positive == 0 || n_negative == 0 {
        return None;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut rank_sum = 0.0;
    let mut start = 0;
    while start < sorted.len() {
        let mut end = start;
        while end < sorted.len() && sorted[end].0 == sorted[start].0 {
            end += 1;
        }
        // Tied scores share the mean of their ranks, which count from 1.
        let rank = (start + 1 + end) as f64 / 2.0;
        rank_sum += rank * sorted[start..end].iter().filter(|(_, positive)| *positive).count() as f64;
        start = end;
    }
    let positives = n_positive as f64;
    Some((rank_sum - positives * (positives + 1.0) / 2.0) / (positives * n_negative as f64))
}

/// Expected calibration error over ten bins of equal width (Guo et al. 2017).
pub fn ece(scored: &[(f64, bool)]) -> f64 {
    const BINS: usize = 10;
    let mut bins = [(0.0_f64, 0.0_f64, 0_usize); BINS];
    for (confidence, right) in scored {
        let bin = &mut bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += confidence;
        bin.1 += f64::from(u8::from(*right));
        bin.2 += 1;
    }
    let gap = bins.iter().map(|(confidence, right, _)| (confidence - right).abs()).sum::<f64>();
    gap / scored.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(pairs: &[(&str, f64)]) -> HashMap<String, f64> {
        pairs.iter().map(|(id, grade)| ((*id).to_owned(), *grade)).collect()
    }

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_perfect_ranking_has_one_and_an_empty_one_zero() {
        let judged = grades(&[("a", 2.0), ("b", 1.0)]);
        assert!((ndcg_at(10, &ids(&["a", "b", "c"]), &judged) - 1.0).abs() < 1e-12);
        assert!(ndcg_at(10, &ids(&["b", "a"]), &judged) < 1.0);
        assert!(ndcg_at(10, &[], &judged).abs() < 1e-12);
        // One relevant document at rank 2: 1 / log2(3).
        let single = grades(&[("a", 1.0)]);
        assert!((ndcg_at(10, &ids(&["x", "a"]), &single) - 0.630_929_753_571_457).abs() < 1e-12);
        assert!((reciprocal_rank_at(10, &ids(&["x", "a"]), &single) - 0.5).abs() < 1e-12);
        assert!((recall_at(1, &ids(&["a", "b"]), &judged) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn auroc_counts_pairs() {
        assert_eq!(auroc(&[(0.9, true), (0.1, false)]), Some(1.0));
        assert_eq!(auroc(&[(0.5, true), (0.5, false)]), Some(0.5));
        assert_eq!(auroc(&[(0.9, true), (0.5, false), (0.3, true)]), Some(0.5));
        assert_eq!(auroc(&[(0.9, true)]), None);
    }

    #[test]
    fn what_is_calibrated_has_no_error() {
        assert!(ece(&[(1.0, true), (1.0, true), (0.0, false)]) < 1e-12);
        assert!((ece(&[(0.9, false)]) - 0.9).abs() < 1e-12);
    }
}
