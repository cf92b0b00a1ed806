//! What the bot says: an answer with citations, a question back, or a hand-over.

use serde::{Deserialize, Serialize};

use crate::{ArticleId, Citation, HandoffReason};

/// What the bot decided to say. A model's output is parsed into this once; nothing downstream reads its text for meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BotTurn {
    /// Grounded sentences. Each has a citation, or it is not an answer.
    Answer {
        /// The sentences, in reading order; at least one.
        sentences: Vec<AnswerSentence>,
        /// What they cite, numbered from 1 in order of appearance.
        citations: Vec<Citation>,
        /// Calibrated probability that it helps, 0 to 1.
        confidence: f64,
    },
    /// A question back, with the topics to choose from.
    Clarify {
        /// What the bot asks.
        text: String,
        /// Two or three topics that tell the candidates apart.
        options: Vec<ClarifyOption>,
        /// Calibrated probability that the best candidate helps, 0 to 1.
        confidence: f64,
    },
    /// The bot stops and a human goes on.
    HandOff {
        /// Why.
        reason: HandoffReason,
        /// What the customer reads.
        text: String,
        /// The nearest articles, cited so that they can be opened; may be empty.
        tried: Vec<Citation>,
        /// Calibrated probability that the best candidate would have helped, 0 to 1.
        confidence: f64,
    },
}

/// A sentence or step of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerSentence {
    /// Markdown. In an extractive answer it stands in the cited quote, to the letter.
    pub text: String,
    /// The citation that supports it, by number.
    pub citation: u32,
    /// How it joins the sentence before it.
    pub layout: SentenceLayout,
}

/// How a sentence joins the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentenceLayout {
    /// Runs on in the same paragraph.
    Inline,
    /// Starts a paragraph.
    Paragraph,
    /// Is a bullet.
    Bullet,
    /// Is a numbered step.
    Step,
    /// Is a block of code, kept as it is.
    Block,
    /// Is a row of a table, its cells between bars; the first of several rows is their head.
    Row,
}

/// One of the topics a clarifying question offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClarifyOption {
    /// The article it leads to.
    pub article_id: ArticleId,
    /// Its address.
    pub slug: String,
    /// What the customer reads and, when choosing it, says.
    pub title: String,
}

impl BotTurn {
    /// `answer`, `clarify` or `handoff`, as the API writes it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::Clarify { .. } => "clarify",
            Self::HandOff { .. } => "handoff",
        }
    }

    /// Calibrated probability that the best candidate helps, 0 to 1.
    pub fn confidence(&self) -> f64 {
        match self {
            Self::Answer { confidence, .. }
            | Self::Clarify { confidence, .. }
            | Self::HandOff { confidence, .. } => *confidence,
        }
    }

    /// The citations of an answer, or the articles that were tried.
    pub fn citations(&self) -> &[Citation] {
        match self {
            Self::Answer { citations, .. } => citations,
            Self::HandOff { tried, .. } => tried,
            Self::Clarify { .. } => &[],
        }
    }

    /// The whole text as Markdown; each sentence of an answer ends with its citation's number in brackets.
    pub fn text(&self) -> String {
        match self {
            Self::Clarify { text, .. } | Self::HandOff { text, .. } => text.clone(),
            Self::Answer { sentences, .. } => {
                let mut out = String::new();
                let mut n_step = 0;
                let mut previous = None;
                for AnswerSentence { text, citation, layout } in sentences {
                    n_step = if *layout == SentenceLayout::Step { n_step + 1 } else { 0 };
                    let is_head = *layout == SentenceLayout::Row && previous != Some(SentenceLayout::Row);
                    let (lead, told) = match layout {
                        SentenceLayout::Inline => (" ", format!("{text} [{citation}]")),
                        SentenceLayout::Paragraph => ("\n\n", format!("{text} [{citation}]")),
                        SentenceLayout::Bullet => ("\n- ", format!("{text} [{citation}]")),
                        SentenceLayout::Step => ("\n", format!("{n_step}. {text} [{citation}]")),
                        SentenceLayout::Block => ("\n\n", format!("```\n{text}\n```\n\n[{citation}]")),
                        SentenceLayout::Row if is_head => {
                            let n_columns = text.matches('|').count() + 1 - text.matches("\\|").count();
                            let rule = "|---".repeat(n_columns);
                            ("\n\n", format!("| {text} [{citation}] |\n{rule}|"))
                        }
                        SentenceLayout::Row => ("\n", format!("| {text} [{citation}] |")),
                    };
                    out.push_str(if previous.is_none() { lead.trim_start() } else { lead });
                    out.push_str(&told);
                    previous = Some(*layout);
                }
                out
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_markdown_that_shows_as_it_was_written() {
        let sentence = |text: &str, layout| AnswerSentence { text: text.to_owned(), citation: 1, layout };
        let turn = BotTurn::Answer {
            sentences: vec![
                sentence("Do this:", SentenceLayout::Paragraph),
                sentence("Open.", SentenceLayout::Step),
                sentence("Close.", SentenceLayout::Step),
                sentence("make all", SentenceLayout::Block),
                sentence("key | meaning", SentenceLayout::Row),
                sentence("`a\\|b` | it", SentenceLayout::Row),
            ],
            citations: vec![],
            confidence: 1.0,
        };
        assert_eq!(
            turn.text(),
            "Do this: [1]\n1. Open. [1]\n2. Close. [1]\n\n```\nmake all\n```\n\n[1]\n\n\
             | key | meaning [1] |\n|---|---|\n| `a\\|b` | it [1] |"
        );
    }
}
