//! A street with its house number, in the orders of many countries.

use crate::{
    lists::{GIVEN_ORDINARY, ORDINARY},
    words::Word,
};

/// Most words of a street's name.
const STREET_WORDS_MAX: usize = 5;
/// English words that a street's name ends with.
const ENGLISH: [&str; 18] = [
    "street",
    "avenue",
    "ave",
    "road",
    "rd",
    "lane",
    "ln",
    "boulevard",
    "blvd",
    "terrace",
    "parkway",
    "pkwy",
    "crescent",
    "highway",
    "hwy",
    "trail",
    "greens",
    "gardens",
];
/// Those that mean other things too: the word before must be no ordinary one.
const ENGLISH_TOO: [&str; 18] = [
    "st", "drive", "dr", "way", "place", "pl", "court", "ct", "square", "sq", "close", "row", "walk",
    "circle", "loop", "hill", "alley", "park",
];
/// Words that a street's name begins with.
const BEGINNINGS: [&str; 34] = [
    "rue",
    "avenue",
    "boulevard",
    "chemin",
    "route",
    "allée",
    "impasse",
    "quai",
    "place",
    "calle",
    "avenida",
    "plaza",
    "paseo",
    "camino",
    "carrer",
    "rua",
    "rúa",
    "praça",
    "travessa",
    "largo",
    "via",
    "viale",
    "piazza",
    "piazzetta",
    "corso",
    "vicolo",
    "ul",
    "ulica",
    "trg",
    "strada",
    "str",
    "al",
    "nám",
    "náměstí",
];
/// What a street's name in one word ends with.
const ENDINGS: [&str; 24] = [
    "straße", "strasse", "gasse", "platz", "allee", "damm", "ufer", "weg", "laan", "straat", "plein", "dijk",
    "gracht", "dreef", "vej", "gade", "vägen", "gatan", "gata", "veien", "vegen", "katu", "utca", "vænget",
];
const PARTICLES: [&str; 20] = [
    "de", "la", "le", "les", "du", "des", "del", "della", "di", "da", "do", "dos", "das", "den", "der",
    "van", "von", "het", "al", "el",
];

/// Where the street ends that begins at a word, with its house number.
pub(super) fn end_of(words: &[Word], at: usize) -> Option<usize> {
    let n_before = words[at..].iter().take(2).take_while(|word| is_house(word)).count();
    if n_before == 2 && !(words[at + 1].follows() || words[at + 1].gap == "-") {
        return None;
    }
    let start = at + n_before;
    let end = name_end(words, start, n_before)?;
    let name = &words[start..end];
    let after = words.get(end).filter(|word| is_house(word) && matches!(word.gap, " " | ", " | ". " | " #"));
    let is_street = is_named(name, n_before > 0);
    // `6750 Koskikatu 25`: numbers on both sides of rare words.
    let is_decimal = matches!(words[at].gap, "." | ":" | "," | "/")
        || words
            .get(end + 1)
            .is_some_and(|next| next.is_number() && matches!(next.gap, "." | ":" | "," | "/" | "-"));
    let is_between = n_before > 0
        && !is_decimal
        && name.iter().any(|word| word.text.contains(char::is_lowercase))
        && words[at].text.len() >= 2
        && after.is_some_and(Word::follows)
        && name.iter().all(|word| !is_common(&word.lower) && !word.is_initial());
    let end = end + usize::from(after.is_some());
    (!is_decimal && is_street && (n_before > 0 || after.is_some()) || is_between).then_some(end)
}

/// Whether it is an ordinary word, a month among them.
fn is_common(lower: &str) -> bool {
    ORDINARY.contains(lower) || GIVEN_ORDINARY.contains(lower)
}

/// `12`, `12a`, `30102`.
fn is_house(word: &Word) -> bool {
    let digits = word.text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    word.text.len() - digits.len() <= 1
        && (1..=5).contains(&digits.len())
        && digits.bytes().all(|c| c.is_ascii_digit())
}

/// Where the name of the street ends.
fn name_end(words: &[Word], start: usize, n_before: usize) -> Option<usize> {
    let mut end = start;
    while let Some(word) = words.get(end).filter(|_| end - start < STREET_WORDS_MAX) {
        let is_first = end == start;
        let is_near = if is_first {
            n_before == 0 || word.follows()
        } else {
            word.follows() || is_abbreviation(words, end)
        };
        let is_lower_beginning = is_first && BEGINNINGS.contains(&word.lower.as_str());
        let fits = (word.is_capital() && !word.text.contains(|c: char| c.is_ascii_digit()))
            || is_lower_beginning
            || (!is_first && PARTICLES.contains(&word.text));
        if !is_near || !fits {
            break;
        }
        end += 1;
    }
    (end > start).then_some(end)
}

/// `ul. Cicha`: a short word with its dot.
fn is_abbreviation(words: &[Word], at: usize) -> bool {
    words[at].gap == ". "
        && (BEGINNINGS.contains(&words[at - 1].lower.as_str()) || words[at - 1].is_initial())
}

/// Whether the words name a street.
fn is_named(name: &[Word], has_number: bool) -> bool {
    let rare = |word: &Word| word.is_capital() && !ORDINARY.contains(word.lower.as_str());
    let first = &name[0];
    let (last, before) = name.split_last().map_or((first, name), |(last, before)| (last, before));
    let begins = BEGINNINGS.contains(&first.lower.as_str())
        && (has_number || first.is_capital() || first.lower == "ul" || first.lower == "rue")
        && name[1..].iter().any(rare);
    let is_english = !before.is_empty()
        && (ENGLISH.contains(&last.lower.as_str())
            || ENGLISH_TOO.contains(&last.lower.as_str()) && before.iter().all(rare));
    let is_one_word = name.iter().any(|word| {
        let stem = ENDINGS.iter().find_map(|ending| word.lower.strip_suffix(ending));
        stem.is_some_and(|stem| stem.chars().count() >= 3) && rare(word)
    });
    begins || is_english || is_one_word
}
