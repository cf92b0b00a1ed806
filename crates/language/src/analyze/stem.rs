//! Removes endings: Snowball where there is a stemmer, else the first characters.

use rust_stemmers::{Algorithm, Stemmer as Snowball};

use crate::Language;

/// Characters that are kept where there is no stemmer; 5 and 6 are as good as Snowball on de, ru, es and en
/// (`evals/retrieval.md`).
const PREFIX_CHARS: usize = 5;

/// Stems the words of one language.
pub(super) enum Stemmer {
    Snowball(Snowball),
    Prefix,
}

impl Stemmer {
    pub(super) fn new(language: Language) -> Self {
        let algorithm = match language.as_str() {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return Self::Prefix,
        };
        Self::Snowball(Snowball::create(algorithm))
    }

    pub(super) fn stem(&self, word: &str) -> String {
        match self {
            Self::Snowball(snowball) => snowball.stem(word).into_owned(),
            Self::Prefix => word.chars().take(PREFIX_CHARS).collect(),
        }
    }
}
