//! Names that the lists know, alone, in pairs with unknown words, and in enumerations.

use super::{can_be_name, family::is_family, is_listed, mark_from};
use crate::{
    lists::{GIVEN_ORDINARY, is_given},
    words::Word,
};

/// Marks the names.
pub(super) fn mark(words: &[Word], marks: &mut [bool]) {
    let is_small = !words.iter().any(|word| word.is_capital() && !word.is_initial());
    let mut at = 0;
    while at < words.len() {
        let is_start = !marks[at] && (starts_name(words, at) || (is_small && is_small_name(&words[at])));
        at = if is_start { mark_from(words, marks, at) } else { at + 1 };
    }
    for at in 0..words.len() {
        if !marks[at] && words[at].is_capital() && is_family(&words[at].lower) && can_be_name(&words[at]) {
            mark_family(words, marks, at);
        }
    }
    mark_enumerated(words, marks);
}

/// A name in a text that has no capitals at all.
fn is_small_name(word: &Word) -> bool {
    let lower = word.lower.as_str();
    lower.chars().count() >= 3 && (is_given(lower) || is_family(lower))
}

/// Whether a name begins here that is on a list.
fn starts_name(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    if !word.is_capital() {
        return false;
    }
    let lower = word.lower.as_str();
    if is_given(lower) {
        return word.text.chars().count() > 2 || next_is_name(words, at);
    }
    if let Some((first, _)) = lower.split_once('-')
        && (is_given(first) || is_family(first))
    {
        return can_be_name(word);
    }
    // `Mark Miller` or `Grace K. Xy`, and not `Will Thunderbird`.
    GIVEN_ORDINARY.contains(lower) && next_is_family(words, at)
}

fn next_is_name(words: &[Word], at: usize) -> bool {
    words.get(at + 1).is_some_and(|next| next.follows() && can_be_name(next)) || next_is_family(words, at)
}

/// Whether a surname of the list follows, perhaps after an initial.
fn next_is_family(words: &[Word], at: usize) -> bool {
    let initials =
        words[at + 1..].iter().take(2).take_while(|word| word.is_initial() && word.text != "I").count();
    let next = at + 1 + initials;
    words.get(next).is_some_and(|next| {
        (next.follows() || next.gap == ". ")
            && next.is_capital()
            && (is_family(&next.lower) || (initials > 0 && can_be_name(next)))
    })
}

/// Marks a surname with the unknown words before it.
fn mark_family(words: &[Word], marks: &mut [bool], at: usize) {
    let mut start = at;
    while start > 0
        && at - start < 3
        && (words[start].follows() || (words[start].gap == ". " && words[start - 1].is_initial()))
        && (words[start - 1].is_initial() && words[start - 1].text != "I" || can_be_name(&words[start - 1]))
    {
        start -= 1;
    }
    marks[start..at].fill(true);
    mark_from(words, marks, at);
}

/// Marks two or three rare words with capitals within a sentence or at its beginning, when no list knows them.
pub(super) fn mark_pairs(words: &[Word], marks: &mut [bool]) {
    let mut at = 0;
    while at < words.len() {
        if marks[at] || !can_be_name(&words[at]) {
            at += 1;
            continue;
        }
        let end = super::end_of(words, at);
        let is_inner = at > 0 && words[at].follows() && words[at - 1].text.starts_with(char::is_uppercase);
        let goes_on =
            words.get(end).is_some_and(|next| next.follows() && !next.text.starts_with(char::is_lowercase));
        let is_plain = words[at..end].iter().all(|word| !marks[at] && !is_derived(&word.lower));
        if (2..=4).contains(&(end - at)) && !is_inner && !goes_on && is_plain {
            marks[at..end].fill(true);
        }
        at = end;
    }
}

/// Whether its ending is that of ordinary words of English, German or French rather than of a name.
fn is_derived(lower: &str) -> bool {
    const ENDINGS: [&str; 37] = [
        "ing", "ings", "ed", "tion", "tions", "sion", "ment", "ments", "ity", "ities", "ness", "able",
        "ible", "ize", "ise", "ary", "ory", "ive", "ical", "ual", "ous", "ful", "less", "ware", "ology",
        "ance", "ence", "ung", "ungen", "keit", "heit", "ers", "ies", "ate", "ture", "ly", "ics",
    ];
    const PLURALS: [&str; 10] = ["ds", "gs", "ks", "ls", "ms", "ns", "ps", "rs", "ts", "ws"];
    ENDINGS.iter().chain(&PLURALS).any(|ending| lower.ends_with(ending))
}

/// `Ada, Zbyněk and Fumi`: one name in an enumeration makes its neighbours names.
fn mark_enumerated(words: &[Word], marks: &mut [bool]) {
    for at in 1..words.len() {
        let and =
            usize::from(matches!(words[at].text, "and" | "und" | "y" | "et" | "e" | "og" | "och" | "&"));
        let next = at + and;
        let joins = next < words.len()
            && (words[at].gap == ", " || and == 1)
            && words[next].gap.trim_matches(' ').len() <= 1;
        // `Ada, honest`: who is spoken to at the beginning enumerates nobody.
        let is_called = words[at - 1].begins_line();
        if joins
            && !is_called
            && marks[at - 1]
            && !marks[next]
            && can_be_name(&words[next])
            && is_item(words, next)
        {
            marks[next] = true;
        }
    }
    for at in (1..words.len()).rev() {
        let joins = marks[at] && words[at].gap == ", ";
        let is_and = marks[at]
            && words[at - 1].text == "and"
            && at > 1
            && words[at].follows()
            && words[at - 1].follows();
        if is_and && can_be_name(&words[at - 2]) && !words[at - 2].begins_line() {
            marks[at - 2] = true;
        }
        if joins
            && !marks[at - 1]
            && can_be_name(&words[at - 1])
            && is_item(words, at - 1)
            && !words[at - 1].begins_line()
        {
            marks[at - 1] = true;
        }
    }
}

/// Whether the word stands alone between its commas, or is on a list.
fn is_item(words: &[Word], at: usize) -> bool {
    is_listed(&words[at])
        || words.get(at + 1).is_none_or(|next| !next.follows() || next.text.starts_with(char::is_lowercase))
}
