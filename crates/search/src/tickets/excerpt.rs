//! The excerpt that is shown of a ticket, with the words that matched.

use std::collections::{BTreeSet, HashSet};

use domain::Snippet;
use language::neutral;

use crate::snippet::{cut, marks};

/// How far apart words may stand that are shown together, in bytes: about an excerpt's length.
const SPAN_BYTES: usize = 200;
/// How much is shown before the first word that matched, in bytes.
const LEAD_BYTES: usize = 40;

/// The part of a ticket's texts with most of these words, the first of the best; the beginning of the first text where none
/// has any.
pub fn excerpt(texts: &[String], words: &BTreeSet<String>) -> Snippet {
    let mut best: Option<(usize, &str, usize)> = None;
    for text in texts {
        let found: Vec<(usize, String)> = neutral(text)
            .into_iter()
            .filter(|term| words.contains(&term.text))
            .map(|term| (term.start, term.text))
            .collect();
        for (n, (start, _)) in found.iter().enumerate() {
            let near = found[n..].iter().take_while(|(at, _)| *at < start + SPAN_BYTES);
            let n_words = near.map(|(_, word)| word).collect::<HashSet<_>>().len();
            if best.is_none_or(|(most, ..)| n_words > most) {
                best = Some((n_words, text, *start));
            }
        }
    }
    let first = texts.first().map_or("", String::as_str);
    let (text, at) = best.map_or((first, 0), |(_, text, at)| (text, at));
    let from = beginning(text, at);
    let shown = text[from..].split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if from > 0 { cut(&format!("… {shown}")) } else { cut(&shown) };
    let marked = neutral(&text).into_iter().filter(|term| words.contains(&term.text));
    let marks = marks(marked.map(|term| (term.start, term.end)));
    Snippet { text, anchor: String::new(), marks }
}

/// Where an excerpt begins that must show what stands at a place: a little before it, at a word.
fn beginning(text: &str, at: usize) -> usize {
    if at <= LEAD_BYTES {
        return 0;
    }
    let mut from = at - LEAD_BYTES;
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let gap = text[from..at].char_indices().find(|(_, c)| c.is_whitespace());
    gap.map_or(from, |(gap, space)| from + gap + space.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], words: &[&str], expected: &str) {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let Snippet { text, marks, .. } =
            excerpt(&texts, &words.iter().map(|word| (*word).to_owned()).collect());
        let mut shown = String::new();
        let mut at = 0;
        for (start, end) in marks {
            shown.push_str(&format!("{}[{}]", &text[at..start], &text[start..end]));
            at = end;
        }
        assert_eq!(shown + &text[at..], expected);
    }

    #[test]
    fn the_place_with_most_words_is_shown() {
        check(
            &["Hello.", "The invoice for the\n\n REFUND is late."],
            &["refund", "invoice"],
            "The [invoice] for the [REFUND] is late.",
        );
        check(
            &["one refund", "a refund of the invoice"],
            &["refund", "invoice"],
            "a [refund] of the [invoice]",
        );
        check(&["Nothing here.", "Nor here."], &["refund"], "Nothing here.");
        check(&[], &["refund"], "");
        check(&["如何重置密码"], &["重置", "置密"], "如何[重置密]码");
        let late = format!("{} the crème brûlée burnt", "word ".repeat(90));
        check(&[&late], &["creme"], "… word word word word word word the [crème] brûlée burnt");
    }

    #[test]
    fn a_long_text_is_cut_at_characters() {
        for text in ["é".repeat(900), "密".repeat(900), "😀x ".repeat(300)] {
            let words = BTreeSet::from(["é".to_owned(), "密密".to_owned(), "x".to_owned()]);
            let found = excerpt(std::slice::from_ref(&text), &words);
            assert!(found.text.chars().count() <= 230, "{}", found.text);
            assert!(found.marks.iter().all(|&(start, end)| found.text.get(start..end).is_some()));
        }
    }
}
