//! The words of the index that a typed word stands for: its other endings, and what it may become.

use language::{Language, is_unspaced};
use tantivy::{Searcher, schema::Field};

use crate::{SearchError, lexical::starting_with};

/// Most words of the index that stand in for one that was typed, the most frequent ones: each is a list to be read.
const WORDS_MAX: usize = 8;
/// Shortest word whose endings are looked for, in characters; shorter ones are names of things.
const ENDING_CHARS_MIN: usize = 4;
/// Characters at the end of a stem that may differ: `reply` and `replies` share `repl`.
const STEM_CHARS_OPEN: usize = 1;
/// Shortest beginning that is completed, in characters; one is enough where a character is a word.
const BEGINNING_CHARS_MIN: usize = 2;

/// The words of the index that are this one with another ending, the most frequent first; without the word itself.
pub(super) fn endings(
    searcher: &Searcher,
    field: Field,
    word: &str,
    language: Language,
) -> Result<Vec<String>, SearchError> {
    let n_chars = word.chars().count();
    if n_chars < ENDING_CHARS_MIN || is_unspaced(word) || word.chars().any(char::is_numeric) {
        return Ok(vec![]);
    }
    let Some(stem) = stem_of(word, language) else { return Ok(vec![]) };
    let shared = stem.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
    let shared = shared.saturating_sub(STEM_CHARS_OPEN).max(ENDING_CHARS_MIN - 1);
    let beginning: String = word.chars().take(shared).collect();
    let found = starting_with(searcher, field, &beginning, |term| {
        let is_like = term != word && stem_of(term, language).is_some_and(|other| other == stem);
        is_like.then_some(0)
    })?;
    Ok(most_frequent(found))
}

/// The words of the index that begin so, the most frequent first; without the beginning itself.
pub(super) fn completions(
    searcher: &Searcher,
    field: Field,
    beginning: &str,
) -> Result<Vec<String>, SearchError> {
    if beginning.chars().count() < BEGINNING_CHARS_MIN && !is_unspaced(beginning) {
        return Ok(vec![]);
    }
    Ok(most_frequent(starting_with(searcher, field, beginning, |term| (term != beginning).then_some(0))?))
}

fn stem_of(word: &str, language: Language) -> Option<String> {
    language::analyze(word, language).pop().map(|term| term.text)
}

fn most_frequent(mut found: Vec<(String, usize, u64)>) -> Vec<String> {
    found.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
    found.into_iter().take(WORDS_MAX).map(|(text, _, _)| text).collect()
}
