//! Names that the words before or after give away: titles, introductions, fields, who wrote or said.

use std::sync::LazyLock;

use super::{
    can_be_name, mark_from,
    phrases::{BEFORE_WHOLE, FIELDS, LIKELY, Phrases, SURE, TITLES, VERBS},
};
use crate::{
    lists::{GIVEN_ORDINARY, ORDINARY, is_given},
    words::Word,
};

static SURE_PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(&SURE));
static LIKELY_PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(&LIKELY));
static FIELD_PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(&FIELDS));

/// Marks the names.
pub(super) fn mark(words: &[Word], marks: &mut [bool]) {
    for at in 0..words.len() {
        let Some(start) = start_of(words, at) else { continue };
        mark_from(words, marks, start);
    }
    for at in 1..words.len() {
        if VERBS.contains(&words[at].text) && words[at].follows() {
            mark_before(words, marks, at);
        }
    }
}

/// Where the name begins that this word and those before it announce.
fn start_of(words: &[Word], at: usize) -> Option<usize> {
    let word = &words[at];
    let next = at + 1;
    let name = words.get(next)?;
    let is_near = name.follows() || matches!(name.gap, ", " | ": " | " \"" | " “" | " '");
    let is_name = can_be_name(name) || (name.is_initial() && words.get(next + 1).is_some_and(can_be_name));
    if TITLES.contains(&word.lower.as_str()) {
        let is_title = matches!(name.gap, ". " | " " | ".");
        return (is_title && word.is_capital() && is_name).then_some(next);
    }
    if is_near && SURE_PHRASES.end_at(words, at) {
        return (is_name || is_said(words, next)).then_some(next);
    }
    let is_field =
        name.gap.trim_end_matches(['*', '_', ' ', '\t', '\u{a0}']).ends_with(':') && !name.gap.contains('\n');
    if is_field && is_name && FIELD_PHRASES.end_at(words, at) {
        return Some(next);
    }
    let is_alone = name.follows() && is_name && !is_people(&name.lower);
    if is_alone && LIKELY_PHRASES.end_at(words, at) {
        // One unknown word after `this is` may be a product; two are hardly ever one.
        let is_known = is_given(&name.lower) || GIVEN_ORDINARY.contains(name.lower.as_str());
        let is_whole = super::end_of(words, next) > next + 1;
        let is_first = matches!(word.lower.as_str(), "am" | "i'm" | "i’m" | "bin" | "soy" | "spricht");
        return (is_known || is_whole || is_first).then_some(next);
    }
    // `"It works," says Xy`: after a quotation one word is enough.
    let is_quoted = matches!(word.text, "says" | "said") && word.gap.contains(['"', '”', '“', '»']);
    if is_alone && is_quoted {
        return Some(next);
    }
    let is_whole = is_alone && BEFORE_WHOLE.contains(&word.text) && has_name(words, next);
    is_whole.then_some(next)
}

/// Whether a run of two or more has a word that only a name has.
fn has_name(words: &[Word], start: usize) -> bool {
    let end = super::end_of(words, start);
    let run = &words[start..end];
    run.len() > 1
        && run.iter().any(|word| {
            let lower = word.lower.as_str();
            is_given(lower) || GIVEN_ORDINARY.contains(lower) || super::family::is_family(lower)
        })
}

/// `my name is jacob`: after the surest words, a small letter is enough if the word is rare.
fn is_said(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    is_given(&word.lower)
        || (word.is_capital() && GIVEN_ORDINARY.contains(word.lower.as_str()))
        || (word.is_capital()
            && !ORDINARY.contains(word.lower.as_str())
            && !word.text.contains(|c: char| c.is_ascii_digit()))
}

/// `I am Spanish`.
fn is_people(lower: &str) -> bool {
    ["ish", "ese", "ian", "ean", "ican"].iter().any(|ending| lower.ends_with(ending)) && !is_given(lower)
}

/// Marks the name whose last word stands before a verb.
fn mark_before(words: &[Word], marks: &mut [bool], verb: usize) {
    let mut start = verb;
    while start > 0
        && verb - start < 4
        && (start == verb || words[start].follows() || words[start - 1].is_initial())
        && (can_be_name(&words[start - 1]) || words[start - 1].is_initial() && words[start - 1].text != "I")
    {
        start -= 1;
    }
    marks[start..verb].fill(true);
}
