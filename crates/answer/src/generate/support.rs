//! Whether a passage says what a sentence claims, and where.
//!
//! Words decide: most of the sentence's terms, all its numbers, names and addresses, and its negation must stand there.
//! That refuses some good paraphrases; the extractive answer is there for them.
//! The constants are not calibrated but set so that the hostile cases of the tests fail.

use std::{collections::HashSet, ops::Range};

use domain::ScoredPassage;
use language::Language;

use crate::question::terms;

/// Share of a sentence's terms that the passage must have.
const PASSAGE_SHARE_MIN: f64 = 0.7;
/// Share that the cited span of it must have.
const SPAN_SHARE_MIN: f64 = 0.5;
/// Neighbouring segments that a sentence may sum up.
const SPAN_SEGMENTS_MAX: usize = 3;
/// What one more segment must add to be worth citing.
const SPAN_GAIN_MIN: f64 = 0.1;

/// Words that turn a statement round, in the languages with phrases of their own.
const NEGATIONS: [&str; 48] = [
    "not",
    "no",
    "never",
    "cannot",
    "cant",
    "dont",
    "doesnt",
    "wont",
    "isnt",
    "arent",
    "without",
    "nothing",
    "none",
    "neither",
    "nor",
    "nicht",
    "kein",
    "keine",
    "keinen",
    "nie",
    "ohne",
    "nunca",
    "sin",
    "ningún",
    "ne",
    "pas",
    "jamais",
    "sans",
    "não",
    "sem",
    "non",
    "mai",
    "senza",
    "niet",
    "geen",
    "nooit",
    "не",
    "нет",
    "без",
    "لا",
    "لم",
    "لن",
    "ليس",
    "değil",
    "yok",
    "नहीं",
    "without",
    "unable",
];
/// The same where words have no boundaries.
const NEGATIONS_WITHIN: [&str; 6] = ["不", "没", "無", "ない", "ません", "無い"];

/// The segments of the passage that support a sentence best, or `None` when the passage does not support it.
pub(super) fn find_support(
    sentence: &str,
    title: &str,
    passage: &ScoredPassage,
    language: Language,
) -> Option<Range<usize>> {
    let claimed = terms(sentence, language);
    if claimed.is_empty() {
        return None;
    }
    let segments: Vec<HashSet<String>> =
        passage.passage.segments.iter().map(|segment| terms(&segment.text, language)).collect();
    let heading = terms(&format!("{title}\n{}", passage.passage.headings.join("\n")), language);
    let everything: HashSet<String> = segments.iter().flatten().chain(&heading).cloned().collect();
    if share(&claimed, &everything) < PASSAGE_SHARE_MIN
        || !has_numbers(sentence, title, passage)
        || !has_addresses(sentence, passage)
        || names(sentence, language).any(|name| !everything.contains(&name))
    {
        return None;
    }
    let span = best_span(&claimed, &segments)?;
    let said: Vec<&str> = passage.passage.segments[span.clone()].iter().map(|s| s.text.as_str()).collect();
    (is_negated(sentence) == is_negated(&said.join(" "))).then_some(span)
}

fn share(claimed: &HashSet<String>, said: &HashSet<String>) -> f64 {
    claimed.intersection(said).count() as f64 / claimed.len().max(1) as f64
}

/// The shortest run of segments that covers about as much as any other.
fn best_span(claimed: &HashSet<String>, segments: &[HashSet<String>]) -> Option<Range<usize>> {
    let mut best: Option<(f64, Range<usize>)> = None;
    for length in 1..=SPAN_SEGMENTS_MAX.min(segments.len()) {
        for start in 0..=segments.len() - length {
            let said: HashSet<String> = segments[start..start + length].iter().flatten().cloned().collect();
            let covered = share(claimed, &said);
            let needed = match &best {
                None => SPAN_SHARE_MIN,
                Some((so_far, span)) if span.len() < length => so_far + SPAN_GAIN_MIN,
                Some((so_far, _)) => so_far + f64::EPSILON,
            };
            if covered >= needed {
                best = Some((covered, start..start + length));
            }
        }
    }
    best.map(|(_, span)| span)
}

/// Numbers with what stands inside them: `3.5`, `10,000`, `2026-11`.
fn numbers(text: &str) -> HashSet<String> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ',' | ':' | '-' | '/')))
        .filter(|word| word.chars().any(char::is_numeric))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .collect()
}

fn has_numbers(sentence: &str, title: &str, passage: &ScoredPassage) -> bool {
    let said = numbers(&format!("{title} {} {}", passage.passage.headings.join(" "), passage.passage.text()));
    numbers(sentence).is_subset(&said)
}

/// Addresses and mail addresses must stand in the source to the letter.
fn has_addresses(sentence: &str, passage: &ScoredPassage) -> bool {
    let said = passage.passage.text();
    sentence
        .split(|c: char| {
            c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '`' | '"' | '*')
        })
        .filter(|word| word.contains("://") || word.contains('@') || word.starts_with("www."))
        .map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '?']))
        .all(|word| passage.source.contains(word) || said.contains(word))
}

/// Words that look like names: with a capital letter, not at the beginning. In German that is every noun, which only
/// makes the check stricter.
fn names(sentence: &str, language: Language) -> impl Iterator<Item = String> {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let named: Vec<&str> = words
        .into_iter()
        .skip(1)
        .filter(|word| {
            word.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(char::is_uppercase)
        })
        .collect();
    terms(&named.join(" "), language).into_iter()
}

fn is_negated(text: &str) -> bool {
    crate::phrase::Phrased::new(text).words().iter().any(|word| {
        NEGATIONS.contains(&word.as_str()) || NEGATIONS_WITHIN.iter().any(|part| word.contains(part))
    })
}
