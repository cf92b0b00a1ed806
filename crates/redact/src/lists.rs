//! The lists of words in `data/`, as sets.

use std::{collections::HashSet, sync::LazyLock};

type Set = LazyLock<HashSet<&'static str>>;

/// Given names that are hardly anything else.
pub(crate) static GIVEN: Set = LazyLock::new(|| set(include_str!("../data/given-names.txt")));
/// Given names that are ordinary words or places too.
pub(crate) static GIVEN_ORDINARY: Set = LazyLock::new(|| set(include_str!("../data/given-ordinary.txt")));
/// Frequent surnames.
pub(crate) static SURNAMES: Set = LazyLock::new(|| set(include_str!("../data/surnames.txt")));
/// Words that begin with a capital and name no person.
pub(crate) static ORDINARY: Set = LazyLock::new(|| set(include_str!("../data/ordinary.txt")));

/// Whether the word in lower case is such a given name, with its accents or without.
pub(crate) fn is_given(lower: &str) -> bool {
    GIVEN.contains(lower) || (!lower.is_ascii() && GIVEN.contains(folded(lower).as_str()))
}

/// Latin letters without their accents.
fn folded(lower: &str) -> String {
    const FOLDS: [(&str, char); 13] = [
        ("áàâäãåāăą", 'a'),
        ("éèêëēėęě", 'e'),
        ("íìîïīı", 'i'),
        ("óòôöõøōő", 'o'),
        ("úùûüūůű", 'u'),
        ("ýÿ", 'y'),
        ("çćč", 'c'),
        ("ďđð", 'd'),
        ("ğģ", 'g'),
        ("łľĺ", 'l'),
        ("ñńň", 'n'),
        ("šśşș", 's'),
        ("žźż", 'z'),
    ];
    let fold = |c: char| FOLDS.iter().find(|(from, _)| from.contains(c)).map_or(c, |(_, to)| *to);
    lower.chars().map(fold).collect()
}

fn set(text: &'static str) -> HashSet<&'static str> {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_lower_case_and_hold_no_word_twice() {
        for (words, others) in [(&GIVEN, &GIVEN_ORDINARY), (&GIVEN, &ORDINARY), (&SURNAMES, &ORDINARY)] {
            assert!(words.iter().all(|word| word.to_lowercase() == **word));
            assert_eq!(words.intersection(others).count(), 0, "{:?}", words.intersection(others));
        }
    }
}
