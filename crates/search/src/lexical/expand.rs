//! Words that no article has, and words that are not finished yet: the nearest terms of the index.

use tantivy::{Searcher, schema::Field};

use super::QueryTerm;
use crate::SearchError;

/// Most terms that stand in for one word.
const EXPANSIONS_MAX: usize = 8;
/// What a corrected word counts: less than any word as it was typed.
const TYPO_WEIGHT: f64 = 0.5;
/// What a completed word counts.
const PREFIX_WEIGHT: f64 = 0.7;
/// Shortest word that is corrected, in characters; shorter ones are near everything.
const TYPO_CHARS_MIN: usize = 4;
/// From this length on two letters may differ.
const TWO_EDITS_CHARS: usize = 8;
/// Shortest beginning that is completed, in characters.
const PREFIX_CHARS_MIN: usize = 2;
/// Terms of the dictionary that are looked at for one word; a bound for dictionaries of many millions.
const DICTIONARY_MAX: usize = 2_000_000;

/// The index's terms that differ from this word by one letter, or two in long words; the most frequent first. The first
/// letter is taken to be right: people rarely mistype it, and it makes the dictionary a tenth.
pub(super) fn corrections(
    searcher: &Searcher,
    field: Field,
    word: &str,
) -> Result<Vec<QueryTerm>, SearchError> {
    let typed: Vec<char> = word.chars().collect();
    if typed.len() < TYPO_CHARS_MIN || typed.iter().any(char::is_ascii_digit) {
        return Ok(vec![]);
    }
    let edits_max = if typed.len() >= TWO_EDITS_CHARS { 2 } else { 1 };
    let first = typed[0].to_string();
    let mut buffer: Vec<char> = Vec::new();
    let mut found = starting_with(searcher, field, &first, |term| {
        buffer.clear();
        buffer.extend(term.chars());
        let edits = distance(&typed, &buffer, edits_max)?;
        (edits > 0).then_some(edits)
    })?;
    found.sort_by(|a, b| a.1.cmp(&b.1).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)));
    // Two letters wrong is a guess; one letter wrong, if there is any, is what was meant.
    let nearest = found.first().map_or(0, |found| found.1);
    Ok(found
        .into_iter()
        .filter(|found| found.1 == nearest)
        .take(EXPANSIONS_MAX)
        .map(|(text, _, _)| QueryTerm { text, weight: TYPO_WEIGHT })
        .collect())
}

/// The index's terms that this beginning of a word may become; the most frequent first. Terms are stems, so one that is
/// a little shorter than what was typed counts too.
pub(super) fn completions(
    searcher: &Searcher,
    field: Field,
    beginning: &str,
) -> Result<Vec<QueryTerm>, SearchError> {
    if beginning.chars().count() < PREFIX_CHARS_MIN {
        return Ok(vec![]);
    }
    let mut found = starting_with(searcher, field, beginning, |_| Some(0))?;
    found.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
    Ok(found
        .into_iter()
        .take(EXPANSIONS_MAX)
        .map(|(text, _, _)| QueryTerm { text, weight: PREFIX_WEIGHT })
        .collect())
}

/// Terms with this beginning for which `keep` gives a number, with that number and their document frequency.
pub(crate) fn starting_with(
    searcher: &Searcher,
    field: Field,
    beginning: &str,
    mut keep: impl FnMut(&str) -> Option<usize>,
) -> Result<Vec<(String, usize, u64)>, SearchError> {
    let mut found: std::collections::BTreeMap<String, (usize, u64)> = std::collections::BTreeMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted.terms().range().ge(beginning.as_bytes()).into_stream()?;
        let mut n_seen = 0;
        while stream.advance() && n_seen < DICTIONARY_MAX {
            n_seen += 1;
            let Ok(term) = std::str::from_utf8(stream.key()) else { continue };
            if !term.starts_with(beginning) {
                break;
            }
            if let Some(number) = keep(term) {
                let entry = found.entry(term.to_owned()).or_insert((number, 0));
                entry.1 += u64::from(stream.value().doc_freq);
            }
        }
    }
    Ok(found.into_iter().map(|(term, (number, df))| (term, number, df)).collect())
}

/// Edits between two words, a swap of neighbours counting one (optimal string alignment), or `None` over `max`.
fn distance(a: &[char], b: &[char], max: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > max {
        return None;
    }
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; width];
        let mut least = i;
        for j in 1..width {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut edits = (last[j - 1] + cost).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                edits = edits.min(before[j - 2] + 1);
            }
            row[j] = edits;
            least = least.min(edits);
        }
        if least > max {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    (last[b.len()] <= max).then_some(last[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_up_to_a_bound() {
        let count = |a: &str, b: &str, max| {
            distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>(), max)
        };
        assert_eq!(count("mailbox", "mialbox", 1), Some(1));
        assert_eq!(count("mailbox", "mailbx", 1), Some(1));
        assert_eq!(count("mailbox", "letter", 2), None);
        assert_eq!(count("same", "same", 1), Some(0));
    }
}
