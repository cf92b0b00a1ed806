//! The rules that need no search: what a human must do, and what is no question.
//!
//! A hostile prompt is no case of its own: it is a question that no article answers.

mod failure;
mod small_talk;
mod wish;

use domain::{BotTurn, HandoffReason, Locale};
use language::Language;

use crate::{
    config::AnswerConfig,
    phrase::Phrased,
    texts::{Phrase, say},
};

/// Longest text, in words, that is looked at for a wish or a topic: what matters to a customer is said by then, and a
/// pasted log of ten thousand words must not cost a second.
const WORDS_READ_MAX: usize = 600;

/// The turn that a rule decides, or `None` when the question should be searched.
///
/// `earlier` are the customer's texts before this one, oldest first; `n_failures` counts answers in a row that did not
/// help.
pub(crate) fn gate(
    config: &AnswerConfig,
    text: &str,
    earlier: &[&str],
    n_failures: u32,
    locale: &Locale,
) -> Option<BotTurn> {
    let phrased = Phrased::new(beginning(text));
    if let Some(topic) = policy_topic(config, &phrased) {
        let phrase = if topic == "safety" { Phrase::HandoffSafety } else { Phrase::HandoffPolicy };
        return Some(hand_off(HandoffReason::Policy { topic }, say(locale, phrase)));
    }
    if wish::is_wish(beginning(text)) {
        return Some(hand_off(HandoffReason::Asked, say(locale, Phrase::HandoffAsked)));
    }
    if let Some(phrase) = small_talk::recognise(&phrased) {
        return Some(speak(say(locale, phrase)));
    }
    let language = Language::parse(locale.language()).unwrap_or_else(Language::english);
    match failure::judge(text, &phrased, earlier, n_failures, language) {
        failure::Verdict::Enough => {
            Some(hand_off(HandoffReason::Unhelpful, say(locale, Phrase::HandoffUnhelpful)))
        }
        failure::Verdict::Complaint => Some(speak(say(locale, Phrase::Rephrase))),
        failure::Verdict::None => None,
    }
}

/// The policy topic that a text touches, the first by name.
pub(crate) fn policy_topic(config: &AnswerConfig, text: &Phrased) -> Option<String> {
    config.policy.iter().find(|(_, patterns)| text.contains_any(*patterns)).map(|(topic, _)| topic.clone())
}

/// The first words of a long text.
fn beginning(text: &str) -> &str {
    let mut words = text.split_inclusive(char::is_whitespace);
    let n: usize = words.by_ref().take(WORDS_READ_MAX).map(str::len).sum();
    &text[..n]
}

/// Rules are certain: the confidence is that of an answer that was never looked for.
fn hand_off(reason: HandoffReason, text: String) -> BotTurn {
    BotTurn::HandOff { reason, text, tried: vec![], confidence: 0.0 }
}

fn speak(text: String) -> BotTurn {
    BotTurn::Clarify { text, options: vec![], confidence: 0.0 }
}

#[cfg(test)]
mod tests;
