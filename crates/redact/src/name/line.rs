//! Names that their line gives away: a greeting, what stands below a farewell, the head of an address.

use std::ops::Range;

use super::{can_be_name, mark_from};
use crate::words::Word;

const GREETINGS: [&str; 32] = [
    "hi",
    "hello",
    "hey",
    "dear",
    "greetings",
    "morning",
    "afternoon",
    "evening",
    "hallo",
    "moin",
    "liebe",
    "lieber",
    "hola",
    "estimado",
    "estimada",
    "querido",
    "querida",
    "bonjour",
    "bonsoir",
    "salut",
    "cher",
    "chère",
    "olá",
    "prezado",
    "prezada",
    "caro",
    "cara",
    "ciao",
    "gentile",
    "beste",
    "hej",
    "merhaba",
];
const FAREWELLS: [&str; 36] = [
    "best",
    "best regards",
    "best wishes",
    "all the best",
    "kind regards",
    "warm regards",
    "regards",
    "sincerely",
    "yours",
    "yours sincerely",
    "yours truly",
    "cheers",
    "thanks",
    "thank you",
    "many thanks",
    "thanks again",
    "thanks in advance",
    "respectfully",
    "cordially",
    "mit freundlichen grüßen",
    "viele grüße",
    "beste grüße",
    "liebe grüße",
    "gruß",
    "grüße",
    "saludos",
    "un saludo",
    "atentamente",
    "cordialement",
    "bien à vous",
    "atenciosamente",
    "cumprimentos",
    "cordiali saluti",
    "saluti",
    "met vriendelijke groet",
    "groeten",
];
/// Most words of a line that is a signature's name.
const SIGNATURE_WORDS_MAX: usize = 4;

/// Marks the names.
pub(super) fn mark(text: &str, words: &[Word], marks: &mut [bool]) {
    for line in lines(words) {
        let (start, end) = line;
        let rest = &text[words[end - 1].range.end..];
        mark_greeted(words, marks, start, end, rest);
        if is_farewell(&words[start..end]) {
            mark_signature(words, marks, end);
        }
        mark_after_farewell(words, marks, start, end);
    }
}

/// Marks the line above an address, or the second above it with the firm between, if it has nothing but a name.
pub(super) fn mark_heads(words: &[Word], addresses: &[Range<usize>], marks: &mut [bool]) {
    let lines = lines(words);
    for address in addresses {
        let below = lines.partition_point(|(start, _)| words[*start].range.start < address.start);
        let own = lines[..below].last().is_some_and(|(start, end)| {
            words[*end - 1].range.end > address.start && words[*start].range.start < address.start
        });
        let above = below - usize::from(own && below > 0);
        for (start, end) in &lines[above.saturating_sub(3)..above] {
            let line = &words[*start..*end];
            if (2..=SIGNATURE_WORDS_MAX).contains(&line.len())
                && is_names(line)
                && line.iter().skip(1).all(|word| word.gap.len() <= 2)
            {
                marks[*start..*end].fill(true);
            }
        }
    }
}

/// Whether the words are nothing but a name.
fn is_names(line: &[Word]) -> bool {
    let is_name = |word: &Word| can_be_name(word) || is_capital_name(word) || word.is_initial();
    line.iter().all(|word| is_name(word) || super::PARTICLES.contains(&word.text))
        && line.iter().any(|word| !word.is_initial())
}

/// First word and the end of each line that has words.
fn lines(words: &[Word]) -> Vec<(usize, usize)> {
    let starts: Vec<usize> = (0..words.len()).filter(|at| words[*at].begins_line()).collect();
    let ends = starts.iter().skip(1).copied().chain([words.len()]);
    starts.iter().copied().zip(ends).collect()
}

/// `Hi Ada,`: a sign or the line's end must follow the name.
fn mark_greeted(words: &[Word], marks: &mut [bool], start: usize, end: usize, rest: &str) {
    if !GREETINGS.contains(&words[start].lower.as_str()) || start + 1 >= end || !words[start + 1].follows() {
        return;
    }
    let name = start + 1;
    if !can_be_name(&words[name]) && !is_capital_name(&words[name]) {
        return;
    }
    let after = super::end_of(words, name);
    let gap = words.get(after).map_or(rest, |word| word.gap);
    if gap.trim_start_matches(' ').starts_with([',', '!', '.', ':', ';', '-', '–', '—', '\n', '\r'])
        || gap.is_empty()
    {
        mark_from(words, marks, name);
    }
}

/// A given name that is an ordinary word too.
fn is_capital_name(word: &Word) -> bool {
    word.is_capital() && crate::lists::GIVEN_ORDINARY.contains(word.lower.as_str())
}

fn is_farewell(line: &[Word]) -> bool {
    line.len() <= 4 && {
        let shown: Vec<&str> = line.iter().map(|word| word.lower.as_str()).collect();
        FAREWELLS.contains(&shown.join(" ").as_str())
    }
}

/// The line below a farewell, if it has nothing but a name.
fn mark_signature(words: &[Word], marks: &mut [bool], start: usize) {
    let Some(first) = words.get(start) else { return };
    if first.gap.matches('\n').count() > 2 {
        return;
    }
    let end = (start + 1..words.len()).find(|at| words[*at].begins_line()).unwrap_or(words.len());
    let line = &words[start..end];
    if line.len() <= SIGNATURE_WORDS_MAX && is_names(line) {
        marks[start..end].fill(true);
    }
}

/// `Thanks, Ada` at the end of a line.
fn mark_after_farewell(words: &[Word], marks: &mut [bool], start: usize, end: usize) {
    for comma in start + 1..end {
        let is_near = matches!(words[comma].gap, ", " | " - " | "," | "! ");
        let is_last = super::end_of(words, comma) == end && end - comma <= 3;
        let first = (start..comma).rev().take(4).find(|at| words[*at].begins_sentence()).unwrap_or(start);
        if is_near
            && is_last
            && is_farewell(&words[first..comma])
            && (can_be_name(&words[comma]) || is_capital_name(&words[comma]))
        {
            marks[comma..end].fill(true);
            return;
        }
    }
}
