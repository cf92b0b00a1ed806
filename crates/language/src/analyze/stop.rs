//! Words that say nothing about what is meant.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::Language;

macro_rules! lists {
    // A macro because `include_str!` takes no variable.
    ($($code:literal)*) => {
        HashMap::from([$(($code, include_str!(concat!("../../stop_words/", $code, ".txt")).lines().collect()),)*])
    };
}

static LISTS: LazyLock<HashMap<&'static str, HashSet<&'static str>>> =
    LazyLock::new(|| lists!("ar" "da" "de" "en" "es" "fi" "fr" "hu" "it" "nl" "no" "pt" "ru" "sv"));
static NONE: LazyLock<HashSet<&'static str>> = LazyLock::new(HashSet::new);

/// The stop words of a language; none where there is no list, which costs under a point.
pub(super) fn words(language: Language) -> &'static HashSet<&'static str> {
    let code = match language.as_str() {
        "nb" | "nn" => "no",
        code => code,
    };
    LISTS.get(code).unwrap_or(&NONE)
}
