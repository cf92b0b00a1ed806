//! Which past tickets are worth comparing by vector.

use std::collections::{HashMap, HashSet};

use domain::Locale;
use language::Language;

use super::PastReply;
use crate::question::terms;

/// Keeps the `n` past tickets that share most with the question, rare terms counting more; best first, ties by number,
/// newest first.
pub(crate) fn keep_nearest(question: &str, past: &mut Vec<PastReply>, n: usize, locale: &Locale) {
    let language = Language::parse(locale.language()).unwrap_or_else(Language::english);
    let asked = terms(question, language);
    let of_past: Vec<HashSet<String>> =
        past.iter().map(|past| terms(&format!("{}\n{}", past.subject, past.question), language)).collect();
    let mut n_with: HashMap<&str, usize> = HashMap::new();
    for term in of_past.iter().flatten() {
        *n_with.entry(term).or_default() += 1;
    }
    let rarity = |term: &String| {
        let with = n_with.get(term.as_str()).copied().unwrap_or(0) as f64;
        (1.0 + past.len() as f64 / (with + 1.0)).ln()
    };
    let mut scored: Vec<(f64, PastReply)> = Vec::with_capacity(past.len());
    for (terms, past) in of_past.iter().zip(past.iter()) {
        let shared: f64 = asked.intersection(terms).map(rarity).sum();
        if shared > 0.0 {
            // Long questions hold everything; they are discounted by their length.
            scored.push((shared / (10.0 + terms.len() as f64).sqrt(), past.clone()));
        }
    }
    scored.sort_by(|(a, left), (b, right)| b.total_cmp(a).then(right.number.cmp(&left.number)));
    *past = scored.into_iter().take(n).map(|(_, past)| past).collect();
}
