//! Names of collections that a conversation mentions: "does it have parking?" after "the Rosa guest house".

use std::collections::{HashMap, HashSet};

use language::Language;

use crate::{index::Catalog, request::PastTurn};

/// How much less a mention counts for each turn that has passed since.
const DECAY: f64 = 0.9;
/// Least share of a name's telling words that counts as a mention.
const SHARE_MIN: f64 = 0.6;
/// A word that stands in more than this share of the articles outside its collection says nothing.
const COMMON: f64 = 0.01;
/// Most turns of history that are read.
const TURNS_MAX: usize = 8;

/// For each collection title that is mentioned, how much, 0 to 1. `df` tells in how many articles a term stands.
pub(crate) fn mentions(
    catalog: &Catalog,
    query: &str,
    history: &[PastTurn],
    language: Language,
    mut df: impl FnMut(&str) -> u64,
) -> HashMap<String, f64> {
    let names: Vec<(&str, usize, HashSet<String>)> =
        catalog.collections().map(|(name, n)| (name, n, tokens(name, language))).collect();
    if names.is_empty() {
        return HashMap::new();
    }
    let mut n_with: HashMap<&str, usize> = HashMap::new();
    for token in names.iter().flat_map(|(_, _, tokens)| tokens) {
        *n_with.entry(token).or_default() += 1;
    }
    let idf = |token: &str| {
        let with = n_with.get(token).copied().unwrap_or(1) as f64;
        (1.0 + names.len() as f64 / with).ln()
    };
    let turns: Vec<(f64, HashSet<String>)> = std::iter::once(query)
        .chain(history.iter().rev().take(TURNS_MAX).map(|turn| turn.text.as_str()))
        .zip(0..)
        .map(|(text, age)| (DECAY.powi(age), tokens(text, language)))
        .collect();
    let n_articles = catalog.len() as f64;
    let mut found = HashMap::new();
    for (name, n_own, own) in &names {
        let mass: f64 = own.iter().map(|token| idf(token)).sum();
        let best = turns
            .iter()
            .map(|(decay, said)| {
                let share: f64 = own.intersection(said).map(|token| idf(token)).sum::<f64>() / mass.max(1e-9);
                if share >= SHARE_MIN { decay * share } else { 0.0 }
            })
            .fold(0.0, f64::max);
        if best <= 0.0 {
            continue;
        }
        let telling = own.iter().any(|token| {
            let inside = *n_own as u64;
            let df = df(token);
            // Stop words are in no article of the index.
            df > 0 && df.saturating_sub(inside) as f64 <= COMMON * n_articles
        });
        if telling {
            found.insert((*name).to_owned(), best);
        }
    }
    found
}

/// The telling words of a name, with and without its apostrophes: people write "Rosas" and "Rosa's" for one house.
fn tokens(text: &str, language: Language) -> HashSet<String> {
    let text = text.replace(['\'', '’'], "");
    language::analyze(&text, language).into_iter().map(|term| term.text).collect()
}
