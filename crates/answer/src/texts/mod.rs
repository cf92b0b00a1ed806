//! The bot's own phrases, in one file for all languages; English where a language lacks one.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::Locale;

/// What the bot says in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// To a greeting.
    Greeting,
    /// To thanks.
    Thanks,
    /// To a text without a word.
    Empty,
    /// To the first complaint.
    Rephrase,
    /// Two topics to choose from: `{a}` and `{b}`.
    ClarifyTwo,
    /// Articles that may help.
    ClarifySeveral,
    /// The customer asked for a human.
    HandoffAsked,
    /// Answers did not help.
    HandoffUnhelpful,
    /// Nothing was found.
    HandoffAbstained,
    /// Nothing was found, and what was asked is in the ticket `{number}`.
    HandoffTicketed,
    /// A topic for humans.
    HandoffPolicy,
    /// Somebody may be in danger.
    HandoffSafety,
    /// A part is broken.
    HandoffFailure,
    /// The first line of a draft to `{name}`.
    DraftGreeting,
    /// The first line of a draft to somebody without a name.
    DraftGreetingNobody,
    /// Leads to the article `{title}`.
    DraftSource,
    /// Why a draft from the article `{title}`.
    WhyArticle,
    /// Why a draft from the ticket `{number}`.
    WhyTicket,
    /// A summary's line: what was asked.
    SummaryAsked,
    /// A summary's line: what was tried.
    SummaryTried,
    /// A summary's line: the last thing said.
    SummaryLast,
    /// A summary's line: why it was handed over.
    SummaryReason,
    /// A subject for a conversation without words.
    SubjectEmpty,
}

impl Phrase {
    fn key(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Thanks => "thanks",
            Self::Empty => "empty",
            Self::Rephrase => "rephrase",
            Self::ClarifyTwo => "clarify_two",
            Self::ClarifySeveral => "clarify_several",
            Self::HandoffAsked => "handoff_asked",
            Self::HandoffUnhelpful => "handoff_unhelpful",
            Self::HandoffAbstained => "handoff_abstained",
            Self::HandoffTicketed => "handoff_ticketed",
            Self::HandoffPolicy => "handoff_policy",
            Self::HandoffSafety => "handoff_safety",
            Self::HandoffFailure => "handoff_failure",
            Self::DraftGreeting => "draft_greeting",
            Self::DraftGreetingNobody => "draft_greeting_nobody",
            Self::DraftSource => "draft_source",
            Self::WhyArticle => "why_article",
            Self::WhyTicket => "why_ticket",
            Self::SummaryAsked => "summary_asked",
            Self::SummaryTried => "summary_tried",
            Self::SummaryLast => "summary_last",
            Self::SummaryReason => "summary_reason",
            Self::SubjectEmpty => "subject_empty",
        }
    }
}

/// Most words of the name in the first line of a draft.
const GREETED_WORDS_MAX: usize = 4;

type Texts = BTreeMap<String, BTreeMap<String, String>>;

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    serde_json::from_str(include_str!("texts.json")).expect("the texts are valid, see the tests")
});

/// A phrase in the locale's language, or in English.
pub(crate) fn say(locale: &Locale, phrase: Phrase) -> String {
    [locale.language(), "en"]
        .into_iter()
        .find_map(|language| TEXTS.get(language)?.get(phrase.key()))
        .cloned()
        .unwrap_or_default()
}

/// Whether a line is the one that our drafts begin with, in any language, with any name.
pub(crate) fn is_draft_greeting(line: &str) -> bool {
    let line = line.trim();
    let fits = |text: &String| match text.split_once("{name}") {
        Some((before, after)) => {
            let name = line.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            name.is_some_and(|name| name.split_whitespace().count() <= GREETED_WORDS_MAX)
        }
        None => line == text,
    };
    let keys = [Phrase::DraftGreeting.key(), Phrase::DraftGreetingNobody.key()];
    TEXTS.values().any(|texts| keys.iter().filter_map(|key| texts.get(*key)).any(fits))
}

/// A phrase with its gaps filled: `{name}` for each `(name, value)`.
pub(crate) fn say_with(locale: &Locale, phrase: Phrase, values: &[(&str, &str)]) -> String {
    let template = say(locale, phrase);
    let mut text = String::with_capacity(template.len());
    let mut rest = template.as_str();
    // One pass, so that a value that looks like a gap stays what it is.
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            values.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value, after))
        });
        match value {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_read_each_phrase_in_thirteen_languages_with_the_gaps_of_the_english_one() {
        let gaps = |text: &str| -> Vec<String> {
            let mut gaps: Vec<String> =
                text.split('{').skip(1).filter_map(|t| Some(t.split_once('}')?.0.to_owned())).collect();
            gaps.sort();
            gaps
        };
        let english = &TEXTS["en"];
        for language in ["en", "de", "es", "fr", "pt", "it", "nl", "ru", "ar", "zh", "ja", "hi", "tr"] {
            for (key, text) in english {
                let translated = TEXTS[language].get(key).unwrap_or_else(|| panic!("{language} lacks {key}"));
                assert_eq!(gaps(translated), gaps(text), "{language} {key}");
            }
        }
    }

    #[test]
    fn other_languages_fall_back_to_english() {
        let locale = Locale::parse("fi").unwrap();
        assert_eq!(say(&locale, Phrase::Thanks), say(&Locale::english(), Phrase::Thanks));
        assert_ne!(
            say(&Locale::parse("pt-BR").unwrap(), Phrase::Thanks),
            say(&Locale::english(), Phrase::Thanks)
        );
    }

    #[test]
    fn values_are_never_read_as_gaps() {
        let text = say_with(&Locale::english(), Phrase::ClarifyTwo, &[("a", "{b}"), ("b", "x")]);
        assert!(text.contains("{b}") && text.contains('x'), "{text}");
    }
}
