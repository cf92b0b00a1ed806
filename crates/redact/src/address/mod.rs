//! Street addresses, post boxes and postal codes, as far as rules of many countries reach.

mod street;

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::{lists::ORDINARY, words::Word};

/// Most words that town, postal code and country have below a street.
const TOWN_WORDS_MAX: usize = 7;
/// Words for a part of a house.
const PARTS: [&str; 15] = [
    "apt",
    "apartment",
    "suite",
    "ste",
    "flat",
    "postboks",
    "postfach",
    "pobox",
    "psc",
    "apartado",
    "piso",
    "wohnung",
    "lakás",
    "box",
    "unit",
];
/// Postal codes that their shape or a word before gives away: United Kingdom, Canada, forces abroad, a state's code.
static POSTAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-BD-HJLNP-UW-Z]{2}\b|\b[A-CEGHJ-NPRSTVXY][0-9][A-Z] [0-9][A-Z][0-9]\b",
        r"|(?i:\b[AFD]PO (?:AA|AE|AP)\b)(?: \d{5}(?:-\d{4})?\b)?|\bP\. ?O\. ?Box \d{1,6}\b|\b(?i:po box) \d{1,6}\b",
        r"|(?:[A-Z][a-z]{1,20},? )(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]",
        r"|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]) \d{5}(?:-\d{4})?\b",
    ))
    .expect("a constant pattern")
});
static NAMED_POSTAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:zip ?code|zip:|post(?:al)? ?code|plz|postleitzahl|code postal|código postal|cap|cep)",
        r"(?: is| ist)? ?:? ?(\d{2,5}(?:[ -]\d{2,4})?)\b",
    ))
    .expect("a constant pattern")
});

/// Finds addresses, sorted, without overlaps.
pub(crate) fn find(text: &str, words: &[Word]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = vec![];
    let mut at = 0;
    while at < words.len() {
        let Some(end) = street::end_of(words, at).or_else(|| part_end(words, at)) else {
            at += 1;
            continue;
        };
        let end = with_town(words, end);
        found.push(words[at].range.start..words[end - 1].range.end);
        at = end;
    }
    found.extend(POSTAL.find_iter(text).map(|m| m.range()));
    found.extend(NAMED_POSTAL.captures_iter(text).filter_map(|captures| Some(captures.get(1)?.range())));
    joined(found)
}

/// Where `Apt. 864` or `Unit 1009 Box 0219` ends.
fn part_end(words: &[Word], at: usize) -> Option<usize> {
    let number = words.get(at + 1)?;
    let is_part = PARTS.contains(&words[at].lower.as_str())
        && matches!(number.gap, " " | ". " | " #")
        && number.is_number()
        && number.text.len() <= 5;
    // `Office Suite 2021` is a product; a unit and a box prove each other.
    let is_year = number.text.len() == 4 && (number.text.starts_with("19") || number.text.starts_with("20"));
    let is_pair = match words[at].lower.as_str() {
        "unit" => words.get(at + 2).is_some_and(|word| word.lower == "box"),
        "box" => at > 1 && words[at - 2].lower == "unit" || at > 0 && words[at - 1].lower == "po",
        _ => !is_year,
    };
    (is_part && is_pair).then_some(at + 2)
}

/// The end with the parts of the house, the town, the postal code and the country that follow.
fn with_town(words: &[Word], end: usize) -> usize {
    let mut end = end;
    while let Some(part) = part_end(words, end).filter(|_| is_next(&words[end])) {
        end = part;
    }
    let mut last = end;
    for at in end..words.len().min(end + TOWN_WORDS_MAX) {
        let word = &words[at];
        let is_postal = word.is_number() && (3..=6).contains(&word.text.len());
        let is_town = word.is_capital()
            && (!ORDINARY.contains(word.lower.as_str()) || is_country(&word.lower) || is_state(word));
        if !is_next(word)
            || !(is_postal || is_town || (word.follows() && matches!(word.text, "of" | "de" | "del" | "nan")))
        {
            break;
        }
        // Capitalised words alone may begin the next sentence: a postal code or a country closes an address.
        if is_postal || is_country(&word.lower) {
            last = at + 1;
        }
        let names_next = words.get(at + 1).is_some_and(|next| next.gap.starts_with(':'));
        if names_next && !is_postal {
            break;
        }
    }
    last
}

/// Whether commas, blanks and at most two line ends stand before, with signs of quoting.
fn is_next(word: &Word) -> bool {
    word.gap.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '>' | '?' | '.' | '(' | '|'))
        && word.gap.matches('\n').count() <= 2
        && !word.gap.contains(". ")
        && word.gap.len() <= 12
}

/// `IL`: two capitals, some of which are words of other languages.
fn is_state(word: &Word) -> bool {
    word.text.len() == 2 && word.text.bytes().all(|c| c.is_ascii_uppercase())
}

fn is_country(lower: &str) -> bool {
    const COUNTRIES: [&str; 40] = [
        "usa",
        "kingdom",
        "states",
        "germany",
        "france",
        "spain",
        "italy",
        "austria",
        "switzerland",
        "netherlands",
        "belgium",
        "denmark",
        "norway",
        "sweden",
        "finland",
        "iceland",
        "greenland",
        "poland",
        "hungary",
        "portugal",
        "brazil",
        "uruguay",
        "cyprus",
        "estonia",
        "slovenia",
        "croatia",
        "czechia",
        "republic",
        "canada",
        "australia",
        "zealand",
        "africa",
        "tunisia",
        "ireland",
        "mexico",
        "japan",
        "india",
        "deutschland",
        "österreich",
        "españa",
    ];
    COUNTRIES.contains(&lower)
}

fn joined(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = vec![];
    for range in found {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::split;

    #[test]
    fn addresses_are_found_with_their_town() {
        for (text, expected) in [
            ("I live at 12 Main Street, thanks", vec!["12 Main Street"]),
            ("Hauptstraße 5, 10115 Berlin", vec!["Hauptstraße 5, 10115"]),
            ("33 avenue de Provence", vec!["33 avenue de Provence"]),
            (
                "6750 Koskikatu 25 Apt. 864\nTampere\n, CO\n Finland 64677",
                vec!["6750 Koskikatu 25 Apt. 864\nTampere\n, CO\n Finland 64677"],
            ),
            ("Via Roma 131, ul. Cicha 86", vec!["Via Roma 131", "ul. Cicha 86"]),
            ("at 164-182 Oxford Street, London, W1D 1NN", vec!["164-182 Oxford Street, London, W1D 1NN"]),
            ("PO Box 123 and SW1A 1AA", vec!["PO Box 123", "SW1A 1AA"]),
            ("Unit 4526 Box 0671\nDPO AP 40902", vec!["Unit 4526 Box 0671\nDPO AP 40902"]),
            ("my zip code is 90210", vec!["90210"]),
            ("Springfield, IL 62704", vec!["Springfield, IL 62704"]),
            (
                "Windows 10 Thunderbird 115.10.1, 21 November 2024, 17 May 2024, 2 Google Drive accounts",
                vec![],
            ),
            ("Office Suite 2021, 3 Way 5, via Thunderbird 115, Step 5, 5 Way", vec![]),
        ] {
            let found: Vec<&str> = find(text, &split(text)).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
