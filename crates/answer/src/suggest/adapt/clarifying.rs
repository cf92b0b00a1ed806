//! Recognises replies that only ask back: of three suggestions, one of these is enough.

use std::sync::LazyLock;

use regex::Regex;

use super::{URL, n_words, pattern};

/// Fewest words of a sentence that counts.
const WORDS_MIN: usize = 2;
/// Openings of a request for details. English only; elsewhere the question mark tells.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^\W*(?:(?:so|and|but|ok|first|also|if (?:so|not|yes|you (?:still|do))[^,]*),?\s+)*",
        r"(?:please|can you|could you|would you|kindly|we (?:need|would need)|i(?:'d| would) need|need more|",
        r"more (?:info|information|details)|let (?:us|me) know|tell (?:us|me)|",
        r"it (?:would|may|might) (?:help|be (?:helpful|useful)) if|what|which|do you|are you|",
        r"is (?:this|it|that|there)|have you|did you|does (?:it|this|that)|was|were|how|when|where|who|why)\b"
    ))
});
/// What is asked for.
static DETAILS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:post|provide|share|give|send|attach|upload|supply|tell|describe|clarify|explain|know|",
        r"more (?:info|information|details)|what|which|details|screen ?shot)\b"
    ))
});
/// A question that holds advice: `Have you tried safe mode?`
static ADVISES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:tried|try|checked|check|does (?:that|this|it) (?:work|help|fix|solve)|",
        r"turn(?:ed)? (?:it )?off|disabl\w+)\b"
    ))
});

/// Whether a reply does nothing but ask for more.
pub(in crate::suggest) fn is_clarifying(reply: &str) -> bool {
    let mut sentences = language::sentences(reply)
        .into_iter()
        .map(|range| &reply[range])
        .filter(|sentence| n_words(sentence) >= WORDS_MIN)
        .peekable();
    sentences.peek().is_some() && !URL.is_match(reply) && sentences.all(asks)
}

fn asks(sentence: &str) -> bool {
    let is_question = sentence.ends_with(['?', '？', '؟']) && !ADVISES.is_match(sentence);
    is_question
        || (ASKS.is_match(sentence) && DETAILS.is_match(sentence))
        || super::manners::is_farewell(sentence)
}
