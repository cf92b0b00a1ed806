//! Recognises the wish for a human, in many languages.
//!
//! A wish is one of the listed phrases, one of the words that say it alone, or a verb and a person with nothing but
//! small words between them (`connect me with a real agent`).
//! Where a language lists what may stand before the verb, that is checked too, so that `how do customers talk to an
//! agent?` stays a question about the product.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::phrase::Phrased;

/// Words between a verb and the person it reaches: `get me in touch with one of your support agents` has eight.
const FILLERS_MAX: usize = 8;

/// How one language says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wishes {
    verbs: Vec<String>,
    fillers: Vec<String>,
    people: Vec<String>,
    /// What may stand before the verb; nothing is checked where it is empty.
    lead: Vec<String>,
    /// Words that make the speaker the one who wishes.
    first_person: Vec<String>,
    phrases: Vec<String>,
    alone: Vec<String>,
}

static LANGUAGES: LazyLock<BTreeMap<String, Wishes>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("wish.json")).expect("the list is valid, see the tests")
});

/// Whether a text asks for a human.
pub(super) fn is_wish(text: &str) -> bool {
    let whole = Phrased::new(text);
    let clauses: Vec<Phrased> = text
        .split(['.', '!', '?', ',', ';', ':', '\n', '。', '！', '？', '，', '،', '؟'])
        .map(Phrased::new)
        .collect();
    LANGUAGES.values().any(|wishes| {
        wishes
            .alone
            .iter()
            .any(|word| whole.is(word) || clauses.first().is_some_and(|clause| clause.is(word)))
            || clauses.iter().any(|clause| wishes.are_in(clause))
    })
}

impl Wishes {
    fn are_in(&self, clause: &Phrased) -> bool {
        let words = clause.words();
        let phrase = self.lead.is_empty() && clause.contains_any(&self.phrases);
        let led_phrase = !self.lead.is_empty()
            && self.phrases.iter().any(|phrase| {
                let phrase = Phrased::new(phrase);
                let n = phrase.words().len();
                (0..=words.len().saturating_sub(n))
                    .any(|at| words[at..].starts_with(phrase.words()) && self.leads(&words[..at]))
            });
        phrase
            || led_phrase
            || words.iter().enumerate().any(|(at, word)| {
                self.verbs.contains(word)
                    && self.reaches_a_person(&words[at + 1..])
                    && self.leads(&words[..at])
            })
    }

    /// Whether small words lead to a person.
    fn reaches_a_person(&self, words: &[String]) -> bool {
        (0..=FILLERS_MAX.min(words.len())).any(|n| {
            words[..n].iter().all(|word| self.fillers.contains(word))
                && self.people.iter().any(|person| words[n..].starts_with(Phrased::new(person).words()))
        })
    }

    /// Whether the words before a verb make the speaker the one who wishes: nothing, or a chain of small words that
    /// holds a first person or begins the clause.
    fn leads(&self, before: &[String]) -> bool {
        if self.lead.is_empty() {
            return true;
        }
        let chain = before.iter().rev().take_while(|word| self.lead.contains(word)).count();
        let chain = &before[before.len() - chain..];
        chain.len() == before.len() || chain.iter().any(|word| self.first_person.contains(word))
    }
}
