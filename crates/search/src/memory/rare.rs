//! Words that may be somebody's name or number because hardly anybody else uses them: the net below the rules that find
//! personal data (k-anonymity, Sweeney 2002).

use std::ops::Range;

use language::Language;

use crate::{SearchEngine, lexical};

use super::Learned;

/// Tickets in which a name or number must stand to be taken for one of a thing.
const TICKETS_MIN: usize = 3;
/// Digits from which a number may be one of a person.
const DIGITS_MIN: usize = 4;

impl SearchEngine {
    /// Whether a text holds a capitalised word or a longer number that stands in no article and in fewer than three
    /// remembered tickets. Web addresses are not looked at.
    pub fn holds_rare_name(&self, learned: &Learned, text: &str) -> bool {
        let addresses: Vec<Range<usize>> = addresses(text).collect();
        let state = self.state();
        let is_known = |term: &str| {
            learned.memory.n_with(term) >= TICKETS_MIN
                || lexical::doc_freq(&state, self.0.fields.full, term).unwrap_or(0) > 0
        };
        language::analyze(text, Language::english()).iter().any(|term| {
            may_be_a_name(&text[term.start..term.end])
                && !addresses.iter().any(|address| address.contains(&term.start))
                && !is_known(&term.text)
        })
    }
}

/// The spans of web addresses and of paths within the site.
fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> {
    let words = text.split_whitespace().map(|word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        (word, start..start + word.len())
    });
    words.filter(|(word, _)| word.contains("://") || word.contains("/a/")).map(|(_, span)| span)
}

fn may_be_a_name(word: &str) -> bool {
    let n_digits = word.chars().filter(char::is_ascii_digit).count();
    (word.chars().count() > 1 && word.starts_with(char::is_uppercase)) || n_digits >= DIGITS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_capitalised_and_numbers_are_long() {
        for (word, expected) in
            [("Turgeon", true), ("57006", true), ("open", false), ("I", false), ("993", false)]
        {
            assert_eq!(may_be_a_name(word), expected, "{word}");
        }
    }
}
