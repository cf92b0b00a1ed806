//! What is counted of a conversation.

use serde::{Deserialize, Serialize};

use super::{Cell, Count};
use crate::{Feedback, Timestamp};

/// How a conversation with the bot has ended, as far as it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationEnd {
    /// The customer said that they were helped, and there is no ticket.
    Resolved,
    /// A ticket carries it on.
    HandedOver,
    /// Neither: the customer left, or will go on.
    Open,
}

/// Something that the customer said about an answer of the bot, at the time of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged(pub Timestamp, pub Feedback);

/// What is known of a conversation in which the customer said something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationFacts {
    #[serde(rename = "l")]
    locale: String,
    #[serde(rename = "o")]
    opened_at: Timestamp,
    #[serde(rename = "e")]
    end: ConversationEnd,
    #[serde(rename = "j", default, skip_serializing_if = "Vec::is_empty")]
    judged: Vec<Judged>,
}

impl ConversationFacts {
    /// The facts of a conversation that was opened at a time.
    pub fn new(opened_at: Timestamp, locale: String, end: ConversationEnd, judged: Vec<Judged>) -> Self {
        Self { locale, opened_at, end, judged }
    }

    pub(super) fn locale(&self) -> &str {
        &self.locale
    }

    /// What is counted, and when it happened. The end counts for the day on which the conversation was opened.
    pub(super) fn counted(&self) -> Vec<(Timestamp, Cell)> {
        let mut opened = Cell::default();
        opened.add_count(Count::Conversations, 1);
        match self.end {
            ConversationEnd::Resolved => opened.add_count(Count::BotResolved, 1),
            ConversationEnd::HandedOver => opened.add_count(Count::BotHandedOver, 1),
            ConversationEnd::Open => {}
        }
        let judged = self.judged.iter().map(|Judged(at, feedback)| {
            let mut cell = Cell::default();
            let count = match feedback {
                Feedback::Helpful => Count::AnswersHelpful,
                Feedback::Unhelpful => Count::AnswersUnhelpful,
            };
            cell.add_count(count, 1);
            (*at, cell)
        });
        std::iter::once((self.opened_at, opened)).chain(judged).collect()
    }
}
