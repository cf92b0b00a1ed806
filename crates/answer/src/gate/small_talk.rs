//! What is no question: greetings, thanks, and texts without a letter.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{phrase::Phrased, texts::Phrase};

/// Longest greeting or thanks, in words; more is a question with manners.
const WORDS_MAX: usize = 6;

static LISTS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("small_talk.json")).expect("the list is valid, see the tests")
});

/// What to say to a text that is only politeness, or nothing at all.
pub(super) fn recognise(text: &Phrased) -> Option<Phrase> {
    if text.words().is_empty() {
        return Some(Phrase::Empty);
    }
    if text.words().len() > WORDS_MAX {
        return None;
    }
    if is_made_of(text.words(), &LISTS["greeting"]) {
        Some(Phrase::Greeting)
    } else if is_made_of(text.words(), &LISTS["thanks"]) {
        Some(Phrase::Thanks)
    } else {
        None
    }
}

/// Whether a text complains about the last answer, and says little else.
pub(super) fn is_complaint(text: &Phrased) -> bool {
    /// A complaint with more words around it usually brings news, which deserve a search.
    const WORDS_AROUND_MAX: usize = 4;
    LISTS["unhelpful"].iter().any(|phrase| {
        let n = Phrased::new(phrase).words().len();
        text.words().len() <= n + WORDS_AROUND_MAX && text.contains(phrase)
    })
}

/// Whether words are one listed phrase after the other (`hi good morning`).
fn is_made_of(words: &[String], phrases: &[String]) -> bool {
    words.is_empty()
        || phrases.iter().any(|phrase| {
            let phrase = Phrased::new(phrase);
            let phrase = phrase.words();
            !phrase.is_empty() && words.starts_with(phrase) && is_made_of(&words[phrase.len()..], phrases)
        })
}
