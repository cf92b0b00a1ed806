//! The excerpt that is shown for a hit, with the words that matched.

use std::collections::HashSet;

use domain::{Segment, Snippet};
use language::Language;

use crate::index::StoredPassage;

/// Longest excerpt, in characters: two lines on a wide screen, four on a phone.
const CHARS_MAX: usize = 220;

/// The part of a passage with most of the query's terms.
pub(crate) fn snippet(stored: &StoredPassage, terms: &HashSet<&str>, language: Language) -> Snippet {
    let segments = &stored.passage.segments;
    let n_matched = |segment: &Segment| {
        language::analyze(&segment.text, language)
            .iter()
            .map(|term| term.text.as_str())
            .filter(|term| terms.contains(term))
            .collect::<HashSet<_>>()
            .len()
    };
    // The first of the best, so that an excerpt without a match is the passage's beginning.
    let mut best = 0;
    let mut most = 0;
    for (i, segment) in segments.iter().enumerate() {
        let n = n_matched(segment);
        if n > most {
            (best, most) = (i, n);
        }
    }
    let mut text = String::new();
    for segment in segments.iter().skip(best) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&segment.text.split_whitespace().collect::<Vec<_>>().join(" "));
        if text.chars().count() >= CHARS_MAX {
            break;
        }
    }
    let text = cut(&text);
    let matched =
        language::analyze(&text, language).into_iter().filter(|term| terms.contains(term.text.as_str()));
    let marks = marks(matched.map(|term| (term.start, term.end)));
    let anchor = segments.get(best).map_or(&stored.passage.anchor, |segment| &segment.anchor);
    Snippet { text, anchor: anchor.clone(), marks }
}

/// The places to mark, from those of the words that matched, in order. Pairs of characters overlap; a mark covers the whole
/// run.
pub(crate) fn marks(places: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    places.fold(Vec::<(usize, usize)>::new(), |mut marks, (start, end)| {
        match marks.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => marks.push((start, end)),
        }
        marks
    })
}

/// Cuts at a word, when there is one, and says so.
pub(crate) fn cut(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(CHARS_MAX) else { return text.to_owned() };
    let head = &text[..end];
    let head = head.rfind(char::is_whitespace).filter(|&at| at > end / 2).map_or(head, |at| &head[..at]);
    format!("{head} …")
}
