//! The words of solved tickets: postings in memory, scored by BM25.

use std::collections::HashMap;

/// BM25's saturation and length parameters, as for articles.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Most postings that one query reads, the rarest terms first: about a millisecond.
const POSTINGS_MAX: usize = 200_000;
/// Steps of a stored term weight. What a term counts for a ticket lies between 0 and K1 + 1.
const STEPS: f64 = 255.0;

/// Which tickets hold a term, and how much it counts there.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// For each term, where its postings are.
    terms: HashMap<Box<str>, (u32, u32)>,
    tickets: Vec<u32>,
    /// Saturated frequency, in steps of (K1 + 1) / 255.
    weights: Vec<u8>,
    n_tickets: usize,
}

impl Words {
    /// Postings of these tickets, each as its terms.
    pub(super) fn new(tickets: &[Vec<String>]) -> Self {
        let n_terms: usize = tickets.iter().map(Vec::len).sum();
        let mean = (n_terms as f64 / tickets.len().max(1) as f64).max(1.0);
        let mut by_term: HashMap<&str, Vec<(u32, u8)>> = HashMap::new();
        for (ticket, terms) in (0..).zip(tickets) {
            let mut counts: HashMap<&str, f64> = HashMap::new();
            for term in terms {
                *counts.entry(term).or_default() += 1.0;
            }
            let length = K1 * (1.0 - B + B * terms.len() as f64 / mean);
            for (term, count) in counts {
                // Between 0 and 1 of the most that it can be.
                let weight = count / (count + length);
                by_term.entry(term).or_default().push((ticket, (weight * STEPS).round() as u8));
            }
        }
        let mut sorted: Vec<(&str, Vec<(u32, u8)>)> = by_term.into_iter().collect();
        sorted.sort_unstable_by_key(|(term, _)| *term);
        let mut words = Self { n_tickets: tickets.len(), ..Self::default() };
        for (term, postings) in sorted {
            let first = words.tickets.len() as u32;
            words.tickets.extend(postings.iter().map(|(ticket, _)| *ticket));
            words.weights.extend(postings.iter().map(|(_, weight)| *weight));
            words.terms.insert(term.into(), (first, words.tickets.len() as u32));
        }
        words
    }

    /// The BM25 score of each ticket for these terms; all 0 where none is known.
    pub(super) fn scores<'t>(&self, terms: impl Iterator<Item = (&'t str, f64)>) -> Vec<f32> {
        let mut scores = vec![0.0_f32; self.n_tickets];
        let found = terms.filter_map(|(term, weight)| Some((*self.terms.get(term)?, term, weight)));
        let mut found: Vec<((u32, u32), &str, f64)> = found.collect();
        found.sort_by(|(a, first, _), (b, second, _)| (a.1 - a.0).cmp(&(b.1 - b.0)).then(first.cmp(second)));
        let mut n_read = 0;
        for ((first, end), _, weight) in found {
            let (first, end) = (first as usize, end as usize);
            n_read += end - first;
            if n_read > POSTINGS_MAX {
                break;
            }
            let df = (end - first) as f64;
            let idf = (1.0 + (self.n_tickets as f64 - df + 0.5) / (df + 0.5)).ln();
            let step = (weight * idf * (K1 + 1.0) / STEPS) as f32;
            for (&ticket, &saturated) in self.tickets[first..end].iter().zip(&self.weights[first..end]) {
                scores[ticket as usize] += step * f32::from(saturated);
            }
        }
        scores
    }

    /// In how many tickets a term stands.
    pub(super) fn n_with(&self, term: &str) -> usize {
        self.terms.get(term).map_or(0, |(first, end)| (end - first) as usize)
    }

    /// Bytes that it holds, about.
    pub(super) fn n_bytes(&self) -> usize {
        let keys: usize = self.terms.keys().map(|term| term.len() + 32).sum();
        self.tickets.len() * 5 + keys
    }
}
