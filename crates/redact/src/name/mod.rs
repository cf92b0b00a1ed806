//! Names of persons: those that the data marks, and those that a list or the words around give away.

mod cue;
mod family;
mod line;
mod listed;
mod phrases;

use std::{collections::HashSet, ops::Range};

use crate::{
    lists::{GIVEN_ORDINARY, ORDINARY, SURNAMES, is_given},
    words::{Word, split},
};

/// Most words of one name.
const NAME_WORDS_MAX: usize = 6;
/// Small words within a name.
const PARTICLES: [&str; 28] = [
    "de", "del", "della", "di", "da", "do", "dos", "das", "du", "des", "la", "le", "van", "von", "der",
    "den", "ten", "ter", "zu", "zur", "af", "av", "bin", "ibn", "al", "el", "e", "y",
];

/// Finds the words of names that are known.
pub(crate) fn known(words: &[Word], names: &[&str]) -> Vec<Range<usize>> {
    let parts: HashSet<String> = names
        .iter()
        .flat_map(|name| split(name))
        .filter(|part| part.text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some())
        .map(|part| part.lower)
        .collect();
    if parts.is_empty() {
        return vec![];
    }
    let marks: Vec<bool> = words
        .iter()
        .map(|word| parts.contains(&word.lower) && (word.is_capital() || !is_ordinary(&word.lower)))
        .collect();
    ranges(words, &marks)
}

/// Finds names by lists and by the words around them.
pub(crate) fn find(text: &str, words: &[Word], addresses: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut marks = vec![false; words.len()];
    cue::mark(words, &mut marks);
    line::mark(text, words, &mut marks);
    listed::mark(words, &mut marks);
    line::mark_heads(words, addresses, &mut marks);
    mark_again(words, &mut marks);
    listed::mark_pairs(words, &mut marks);
    ranges(words, &marks)
}

/// Whether it is a word of everyday texts, so that it needs a capital to be a name.
fn is_ordinary(lower: &str) -> bool {
    ORDINARY.contains(lower) || GIVEN_ORDINARY.contains(lower) || PARTICLES.contains(&lower)
}

/// Whether the word may be a part of a name: a capital and small letters, and no ordinary word.
fn can_be_name(word: &Word) -> bool {
    if !word.is_capital() || !word.text.contains(char::is_lowercase) || ORDINARY.contains(word.lower.as_str())
    {
        return is_listed(word);
    }
    let is_plain = word.text.chars().all(|c| c.is_alphabetic() || "'’-".contains(c));
    // `TruckInsider` is a product, `McDonald`, `O'Hara` and `Meyer-Jahn` are not.
    let inner = word.text.char_indices().skip(1).filter(|(_, c)| c.is_uppercase());
    let is_camel = inner.clone().any(|(at, _)| {
        let before = &word.text[..at];
        !before.ends_with(['\'', '’', '-'])
            && !matches!(before, "Mc" | "Mac" | "De" | "Di" | "La" | "Le" | "Van")
    });
    is_plain && !is_camel
}

/// Whether the lists have it and it begins with a capital.
fn is_listed(word: &Word) -> bool {
    let is_one = is_given(&word.lower) || SURNAMES.contains(word.lower.as_str());
    is_one && (word.is_capital() || !word.text.starts_with(char::is_alphabetic))
}

/// Marks the name that begins at a word, and tells where it ends.
fn mark_from(words: &[Word], marks: &mut [bool], start: usize) -> usize {
    let end = end_of(words, start);
    marks[start..end].fill(true);
    end
}

/// Where the name that begins at a word ends: after the words, initials and particles that belong to it.
fn end_of(words: &[Word], start: usize) -> usize {
    let mut end = start + 1;
    while end < words.len() && end - start < NAME_WORDS_MAX {
        let word = &words[end];
        let after_initial = words[end - 1].is_initial() && matches!(word.gap, ". " | ".");
        if !(word.follows() || after_initial) {
            break;
        }
        let n_particles =
            words[end..].iter().take(2).take_while(|word| PARTICLES.contains(&word.text)).count();
        let next = end + n_particles;
        let goes_on =
            words.get(next).is_some_and(|next| can_be_name(next) || (next.is_initial() && next.text != "I"))
                && words[end + 1..=next].iter().all(Word::follows);
        if !goes_on {
            break;
        }
        end = next + 1;
    }
    end
}

/// Marks the words of names again where they stand alone.
fn mark_again(words: &[Word], marks: &mut [bool]) {
    let is_rare = |word: &Word| word.text.chars().count() >= 3 && !is_ordinary(&word.lower);
    let marked: HashSet<&str> = words
        .iter()
        .zip(&*marks)
        .filter(|(word, mark)| **mark && is_rare(word))
        .map(|(word, _)| word.lower.as_str())
        .collect();
    for (word, mark) in words.iter().zip(marks) {
        *mark |= can_be_name(word) && marked.contains(word.lower.as_str());
    }
}

/// Neighbours that belong together as one range each.
fn ranges(words: &[Word], marks: &[bool]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = vec![];
    for (word, _) in words.iter().zip(marks).filter(|(_, mark)| **mark) {
        match ranges.last_mut() {
            Some(last)
                if last.end + word.gap.len() == word.range.start
                    && matches!(word.gap, " " | ". " | "\u{a0}") =>
            {
                last.end = word.range.end;
            }
            _ => ranges.push(word.range.clone()),
        }
    }
    ranges
}
