//! The question as answering sees it: its content terms, each with its weight.

use std::collections::{HashMap, HashSet};

use domain::Hits;
use language::Language;

/// Content terms of a question with their inverse document frequencies.
pub(crate) struct Question {
    /// The language that the terms are analysed in.
    pub(crate) language: Language,
    weights: HashMap<String, f64>,
    total: f64,
    /// Whether an answer would be a date or a number.
    pub(crate) asks_for_number: bool,
    /// Whether an answer would be steps to take.
    pub(crate) asks_how: bool,
}

impl Question {
    /// The question that led to these hits. Where the index told no frequencies, all terms weigh the same.
    pub(crate) fn new(text: &str, hits: &Hits) -> Self {
        let language = Language::parse(&hits.language).unwrap_or_else(Language::english);
        let mut weights: HashMap<String, f64> = hits
            .evidence
            .terms
            .iter()
            .filter(|(_, idf)| idf.is_finite() && *idf > 0.0)
            .map(|(term, idf)| (term.clone(), *idf))
            .collect();
        if weights.is_empty() {
            weights = terms(text, language).into_iter().map(|term| (term, 1.0)).collect();
        }
        let total = weights.values().sum();
        Self {
            language,
            weights,
            total,
            asks_for_number: asks_for_number(text),
            asks_how: asks_how(text, language),
        }
    }

    /// Distinct content terms.
    pub(crate) fn n_terms(&self) -> usize {
        self.weights.len()
    }

    /// The share of the question's weight that these terms cover, 0 to 1.
    pub(crate) fn share(&self, terms: &HashSet<String>) -> f64 {
        let covered: f64 =
            self.weights.iter().filter(|(term, _)| terms.contains(*term)).map(|(_, idf)| idf).sum();
        if self.total > 0.0 { covered / self.total } else { 0.0 }
    }

    /// The same among the question's terms that are not in `known`; `None` when there are none.
    pub(crate) fn share_beyond(&self, known: &HashSet<String>, terms: &HashSet<String>) -> Option<f64> {
        let mut total = 0.0;
        let mut covered = 0.0;
        for (term, idf) in self.weights.iter().filter(|(term, _)| !known.contains(*term)) {
            total += idf;
            if terms.contains(term) {
                covered += idf;
            }
        }
        (total > 0.0).then(|| covered / total)
    }
}

/// The distinct content terms of a text.
pub(crate) fn terms(text: &str, language: Language) -> HashSet<String> {
    language::analyze(text, language).into_iter().map(|term| term.text).collect()
}

/// Words of a question that point back at what was said. English only; elsewhere the number of terms decides.
const BACKWARD: [&str; 14] = [
    "it", "its", "he", "she", "they", "them", "this", "that", "these", "those", "there", "one", "same",
    "instead",
];
/// Content terms from which a question may stand by itself.
const ALONE_TERMS_MIN: usize = 2;

/// Whether a question can be understood without what was said before it.
pub(crate) fn stands_alone(text: &str) -> bool {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty())
        .collect();
    terms(text, Language::english()).len() >= ALONE_TERMS_MIN
        && !words.iter().any(|word| BACKWARD.contains(&word.as_str()))
}

/// Whether a question asks what to do. By its opening words, which are few and fixed in each language.
fn asks_how(text: &str, language: Language) -> bool {
    let openings: &[&str] = match language.as_str() {
        "en" => &["how do", "how can", "how to", "how should"],
        "de" => &["wie"],
        "es" => &["cómo"],
        "fr" => &["comment"],
        "it" => &["come"],
        "nl" => &["hoe"],
        "pt" => &["como"],
        "ru" => &["как"],
        _ => &[],
    };
    let text = crate::phrase::Phrased::new(text);
    openings.iter().any(|phrase| text.contains(phrase))
}

/// Whether an English question asks for a date or a number.
///
/// Source: ANSWER calibration of 2026-11-21, `whend`; other languages were not measured.
fn asks_for_number(text: &str) -> bool {
    let text = crate::phrase::Phrased::new(text);
    ["when", "what year", "date", "how many", "how much", "how old", "how long", "how far", "what time"]
        .into_iter()
        .any(|phrase| text.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::stands_alone;

    #[test]
    fn a_question_that_points_back_does_not_stand_alone() {
        for (text, alone) in [
            ("How do I connect to Postgres?", true),
            ("What is the scope tickets:write for?", true),
            ("How do I turn it off?", false),
            ("and in Germany?", false),
            ("Is that the same for HTML files?", false),
        ] {
            assert_eq!(stands_alone(text), alone, "{text}");
        }
    }
}
