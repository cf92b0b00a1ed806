//! What an agent should know on opening a ticket: what was asked, what was tried, what was said last; and where it goes.

mod route;

use domain::{BotTurn, Feedback, HandoffReason, Locale, Priority, Turn, TurnContent};

use crate::{
    config::AnswerConfig,
    phrase::Phrased,
    texts::{Phrase, say, say_with},
};

/// Longest subject, in characters: a line of a list.
const SUBJECT_CHARS_MAX: usize = 80;
/// Longest quotation of a message within a summary, in characters.
const QUOTED_CHARS_MAX: usize = 400;
/// Articles named as tried.
const TRIED_MAX: usize = 5;

/// What a ticket begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// One line.
    pub subject: String,
    /// A few lines, plain text.
    pub summary: String,
    /// The team that should take it.
    pub team: String,
    /// How urgent it looks.
    pub priority: Priority,
}

/// The brief of a conversation. `message` is what the customer wrote into the hand-over form.
pub(crate) fn brief(
    config: &AnswerConfig,
    turns: &[Turn],
    message: Option<&str>,
    reason: &HandoffReason,
    locale: &Locale,
) -> Brief {
    let has_words = |text: &&str| text.chars().any(char::is_alphanumeric);
    let mut said: Vec<&str> = vec![];
    let mut n_answered = 0;
    for turn in turns {
        match &turn.content {
            TurnContent::Customer { text } => said.extend(Some(text.as_str()).filter(has_words)),
            // An answer settles what was said before it, unless the customer calls it wrong.
            TurnContent::Bot { turn: BotTurn::Answer { .. }, .. }
                if turn.feedback != Some(Feedback::Unhelpful) =>
            {
                n_answered = said.len();
            }
            _ => {}
        }
    }
    said.extend(message.filter(has_words));
    let question = question_of(config, &said, n_answered, locale);
    let all = Phrased::new(&said.join("\n"));
    Brief {
        subject: question.map_or_else(|| say(locale, Phrase::SubjectEmpty), subject_of),
        summary: summary(turns, &said, question, reason, locale),
        team: route::team(config, &all),
        priority: route::priority(reason, &all),
    }
}

/// What an agent has to answer: the first thing the customer said since the last answer that is no greeting and no wish for a
/// human; where the bot answered all, the last such thing.
fn question_of<'t>(
    config: &AnswerConfig,
    said: &[&'t str],
    n_answered: usize,
    locale: &Locale,
) -> Option<&'t str> {
    let is_question = |text: &&&str| {
        !matches!(
            crate::gate::gate(config, text, &[], 0, locale),
            Some(BotTurn::Clarify { .. } | BotTurn::HandOff { reason: HandoffReason::Asked, .. })
        )
    };
    let (answered, open) = said.split_at(n_answered);
    open.iter().find(is_question).or_else(|| answered.iter().rfind(is_question)).or(said.first()).copied()
}

/// The first sentence of a text, on one line.
fn subject_of(text: &str) -> String {
    let first = language::sentences(text)
        .into_iter()
        .map(|range| &text[range])
        .find(|sentence| Phrased::new(sentence).words().len() > 2)
        .unwrap_or(text);
    shorten(first, SUBJECT_CHARS_MAX)
}

fn summary(
    turns: &[Turn],
    said: &[&str],
    question: Option<&str>,
    reason: &HandoffReason,
    locale: &Locale,
) -> String {
    let mut lines = vec![];
    let line = |phrase, text: &str| say_with(locale, phrase, &[("text", text)]);
    if let Some(question) = question {
        lines.push(line(Phrase::SummaryAsked, &shorten(question, QUOTED_CHARS_MAX)));
    }
    let tried = tried(turns);
    if !tried.is_empty() {
        lines.push(line(Phrase::SummaryTried, &tried.join("; ")));
    }
    if let Some(last) = said.last().filter(|last| Some(**last) != question) {
        lines.push(line(Phrase::SummaryLast, &shorten(last, QUOTED_CHARS_MAX)));
    }
    let reason = match reason {
        HandoffReason::Policy { topic } => format!("{} ({topic})", reason.label()),
        other => other.label().to_owned(),
    };
    lines.push(line(Phrase::SummaryReason, &reason));
    lines.join("\n")
}

/// The titles of what the bot cited or offered, each once, in order.
fn tried(turns: &[Turn]) -> Vec<String> {
    let mut titles: Vec<String> = vec![];
    for turn in turns {
        let TurnContent::Bot { turn, .. } = &turn.content else { continue };
        let offered: Vec<&String> = match turn {
            BotTurn::Clarify { options, .. } => options.iter().map(|option| &option.title).collect(),
            other => other.citations().iter().map(|citation| &citation.title).collect(),
        };
        for title in offered {
            if titles.len() < TRIED_MAX && !titles.contains(title) {
                titles.push(title.clone());
            }
        }
    }
    titles
}

/// A text on one line, cut at a word.
fn shorten(text: &str, chars_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars_max {
        return line;
    }
    let cut: String = line.chars().take(chars_max - 1).collect();
    let whole = cut.rfind(' ').filter(|at| *at > cut.len() / 2).map_or(cut.as_str(), |at| &cut[..at]);
    format!("{}…", whole.trim_end_matches([',', ';', ':', '.', ' ']))
}

#[cfg(test)]
mod tests;
