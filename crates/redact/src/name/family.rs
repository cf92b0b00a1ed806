//! Surnames by list and by the endings that only surnames have.

use crate::lists::{ORDINARY, SURNAMES};

/// Endings of surnames, of five languages' worth or more: Slavic, Nordic, Turkish, Georgian, Armenian, Romanian, Greek.
const ENDINGS: [&str; 58] = [
    "ović", "ovič", "ević", "evič", "ovic", "evic", "owski", "ewski", "owska", "ewska", "ovský", "ovská",
    "insky", "enko", "chuk", "shvili", "adze", "ková", "nová", "rová", "lová", "tová", "sová", "dóttir",
    "dottir", "sson", "oğlu", "escu", "opoulos", "yeva", "ovna", "czyk", "wicz", "akis", "ová", "ić", "ič",
    "ova", "yev", "nov", "mov", "kov", "rov", "lov", "wski", "ński", "insky", "ovsky", "nsen", "rsen",
    "lsen", "ndez", "quez", "guez", "elli", "etti", "ucci", "dze",
];
/// Shortest word that an ending makes a surname.
const CHARS_MIN: usize = 6;

/// Whether a word in lower case is a surname and hardly anything else.
pub(super) fn is_family(lower: &str) -> bool {
    SURNAMES.contains(lower)
        || (lower.chars().count() >= CHARS_MIN
            && !ORDINARY.contains(lower)
            && ENDINGS.iter().any(|ending| lower.ends_with(ending)))
}
