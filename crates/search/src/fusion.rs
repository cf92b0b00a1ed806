//! One score out of words, meaning and names. Formula, constants and measurements: `evals/retrieval.md`.

use std::collections::BTreeMap;

use language::{Language, ScriptClass};

use crate::text::VectorKind;

/// Weight of the vectors in other languages with Latin script; the bundled model knows English only.
const LATIN: f64 = 0.15;
/// Weight of the best passage beside the second best of the same article.
const BEST_PASSAGE: f64 = 0.625;
/// Weight of the title beside the passages: high for short, FAQ-like articles, low for long ones.
const TITLE_SHORT: f64 = 0.8;
const TITLE_LONG: f64 = 0.1;
/// Words of the body up to which an article is short, and from which it is long.
const WORDS_SHORT: f64 = 60.0;
const WORDS_LONG: f64 = 120.0;
/// Weight of a collection's name that the conversation mentions.
pub(crate) const MENTION: f64 = 0.5;

/// The weight of the dense score against the lexical one: less in large collections, where words tell more apart.
pub(crate) fn dense_weight(language: Language, n_articles: usize, overrides: &BTreeMap<String, f64>) -> f64 {
    let by_language = overrides.get(language.as_str()).copied().unwrap_or(match language.class() {
        ScriptClass::English => 1.0,
        ScriptClass::Latin => LATIN,
        ScriptClass::NonLatin => 0.0,
    });
    by_language * (12.25 / (1.0 + n_articles as f64).ln().powf(1.5)).clamp(0.35, 1.3)
}

/// The cosines of an article as one number, with those of the best passage, of the title and of the best question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ArticleCosines {
    pub(crate) score: f64,
    pub(crate) passage: Option<f64>,
    pub(crate) title: Option<f64>,
    pub(crate) question: Option<f64>,
}

pub(crate) fn article_cosines(cosines: &[(VectorKind, f64)], n_words: usize) -> ArticleCosines {
    let (mut best, mut second) = (None::<f64>, None::<f64>);
    let (mut title, mut question) = (None::<f64>, None::<f64>);
    for &(kind, cosine) in cosines {
        match kind {
            VectorKind::Passage(_) if best.is_none_or(|best| cosine > best) => {
                second = best;
                best = Some(cosine);
            }
            VectorKind::Passage(_) => second = Some(second.map_or(cosine, |second| second.max(cosine))),
            VectorKind::Title => title = Some(title.map_or(cosine, |title| title.max(cosine))),
            VectorKind::Question => question = Some(question.map_or(cosine, |best| best.max(cosine))),
        }
    }
    let passages = match (best, second) {
        (Some(best), Some(second)) => BEST_PASSAGE * best + (1.0 - BEST_PASSAGE) * second,
        (Some(best), None) => best,
        _ => 0.0,
    };
    let with = |d: f64, cosine: f64| (passages + d * cosine) / (1.0 + d);
    let long = ((n_words as f64 - WORDS_SHORT) / (WORDS_LONG - WORDS_SHORT)).clamp(0.0, 1.0);
    let by_title =
        title.map_or(passages, |cosine| with(TITLE_SHORT - (TITLE_SHORT - TITLE_LONG) * long, cosine));
    // An alternative question is the question, whatever the article's length.
    let score = question.map_or(by_title, |cosine| by_title.max(with(TITLE_SHORT, cosine)));
    ArticleCosines { score, passage: best, title, question }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_count_most_in_small_english_collections_and_not_at_all_in_other_scripts() {
        let none = BTreeMap::new();
        let weight = |code: &str, n| dense_weight(Language::parse(code).unwrap(), n, &none);
        assert!((weight("en", 20) - 1.3).abs() < 1e-9);
        assert!((weight("en", 5_183) - 0.49).abs() < 0.01);
        assert!((weight("de", 240) - 0.14).abs() < 0.01);
        assert!(weight("ru", 240).abs() < 1e-9);
    }

    #[test]
    fn a_question_that_matches_lifts_a_long_article() {
        let plain = [(VectorKind::Passage(0), 0.3), (VectorKind::Title, 0.2)];
        let asked = [(VectorKind::Passage(0), 0.3), (VectorKind::Title, 0.2), (VectorKind::Question, 0.9)];
        assert!(article_cosines(&asked, 900).score > article_cosines(&plain, 900).score + 0.2);
    }
}
