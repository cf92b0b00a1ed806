//! Drops sentences: those that were meant for one person, and those that hold anybody's data.

use std::{ops::Range, sync::LazyLock};

use redact::{Found, Kind};
use regex::Regex;

use super::{is_wide, own, pattern};

/// How often it is looked again: what is dropped can uncover a finding.
const ROUNDS_MAX: usize = 8;

/// Something in brackets.
static ASIDE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s?[(\[][^()\[\]\n]{0,120}[)\]]"));
/// What begins an item of a list.
pub(super) static LIST_MARK: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s+"));
/// Lines that are empty, two or more.
static GAP: LazyLock<Regex> = LazyLock::new(|| pattern(r"\n{3,}"));

/// The text without them, and whether that was enough: a text that still holds something is masked and is not offered.
pub(super) fn without_personal(text: &str, names: &[&str]) -> (String, bool) {
    let text = ASIDE.replace_all(text, |aside: &regex::Captures| {
        if own::points_elsewhere(&aside[0]) { String::new() } else { aside[0].to_owned() }
    });
    let text = without_vocatives(&text, names);
    let mut text = retain(&text, |range| {
        let sentence = &text[range];
        !own::is_for_one(sentence) && !is_masked(sentence) && !holds_name(sentence, names)
    });
    for _ in 0..ROUNDS_MAX {
        let found = redact::find(&text, names);
        if found.is_empty() {
            return (text, true);
        }
        text = retain(&text, |range| !found.iter().any(|found| overlaps(&found.range, &range)));
    }
    let is_clean = redact::find(&text, names).is_empty();
    (redact::redact(&text, names), is_clean)
}

/// Whether personal data was masked in it before: what is left cannot be sent.
fn is_masked(sentence: &str) -> bool {
    Kind::ALL.iter().any(|kind| sentence.contains(kind.label()))
}

/// Whether a known name stands in it as scripts without spaces have it, without a blank beside it: `Bo様`.
fn holds_name(sentence: &str, names: &[&str]) -> bool {
    let ends = |c: Option<char>, edge: Option<char>| {
        c.is_none_or(|c| !c.is_alphanumeric() || is_wide(c)) || edge.is_some_and(is_wide)
    };
    let parts = names.iter().flat_map(|name| name.split_whitespace());
    parts.filter(|part| part.chars().filter(|c| c.is_alphabetic()).nth(1).is_some()).any(|part| {
        sentence.match_indices(part).any(|(at, _)| {
            let (before, after) = (&sentence[..at], &sentence[at + part.len()..]);
            let is_glued =
                [before.chars().next_back(), after.chars().next()].into_iter().flatten().any(is_wide);
            is_glued
                && ends(before.chars().next_back(), part.chars().next())
                && ends(after.chars().next(), part.chars().next_back())
        })
    })
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The sentences that `keep` wants, with their line breaks and list marks.
fn retain(text: &str, keep: impl Fn(Range<usize>) -> bool) -> String {
    let mut lines: Vec<String> = vec![];
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mark = LIST_MARK.find(line).map_or(0, |mark| mark.end());
        let from = start + mark;
        let starts: Vec<usize> =
            language::sentences(&line[mark..]).into_iter().map(|range| from + range.start).collect();
        let ends = starts.iter().skip(1).copied().chain([start + line.len()]);
        let kept: String = starts
            .iter()
            .zip(ends)
            .map(|(start, end)| *start..end)
            .filter(|range| keep(range.clone()))
            .map(|range| &text[range])
            .collect();
        if !kept.is_empty() || starts.is_empty() {
            let indent = starts.first().map_or("", |first| &text[start..*first]);
            lines.push(format!("{indent}{kept}").trim_end().to_owned());
        }
        start += line.len();
    }
    GAP.replace_all(&lines.join("\n"), "\n\n").trim().to_owned()
}

/// The text without the names by which it addresses its reader: `Cy, the fact is`, `Yes, Cy.`
fn without_vocatives(text: &str, names: &[&str]) -> String {
    let mut text = text.to_owned();
    for Found { range, .. } in redact::find(&text, names).into_iter().rev().filter(|f| f.kind == Kind::Name) {
        let start = text[..range.start].trim_end_matches('@').len();
        let (before, after) = (&text[..start], &text[range.end..]);
        let begins = before.is_empty() || before.ends_with(['\n', '\t']) || ends_sentence(before);
        let n_commas = after.len() - after.trim_start_matches([',', '，', '،', '!']).len();
        if begins && n_commas > 0 {
            let gap = after[n_commas..].len() - after[n_commas..].trim_start_matches(' ').len();
            let rest = capitalised(&after[n_commas + gap..]);
            text = format!("{before}{rest}");
        } else if let Some(before) = before.strip_suffix(", ")
            && (after.is_empty() || after.starts_with([',', '.', '!', '?', '\n']))
        {
            text = format!("{before}{after}");
        }
    }
    text
}

fn ends_sentence(before: &str) -> bool {
    before.ends_with(' ') && before.trim_end().ends_with(['.', '!', '?', '…'])
}

/// With a capital at the beginning, where the script has capitals.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
