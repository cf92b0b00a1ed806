//! Conversations, their turns and the state machine between bot and human.

use serde::{Deserialize, Serialize};

use crate::{
    ArticleId, BotTurn, ConversationId, CustomerId, Handoff, HandoffOwner, HandoffReason, Locale, MessageId,
    TicketId, Timestamp, TraceId, TurnId, UserId,
};

/// Longest question, in bytes: a page of text. Longer input is refused, not cut.
pub const QUESTION_BYTES_MAX: usize = 16 << 10;
/// Most turns of a conversation in which the bot answers, so that no loop runs for ever. One that has a ticket goes on there.
pub const TURNS_MAX: u32 = 200;
/// Failures in a row after which the bot hands over (RETRIEVAL: "a second failure").
pub const FAILURES_BEFORE_HANDOFF: u32 = 2;

/// A customer's thread with the bot or with agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The locale it was opened in.
    pub locale: Locale,
    /// Who it is with, once known.
    pub customer_id: Option<CustomerId>,
    /// Where it stands.
    pub state: ConversationState,
    /// Turns so far; the next one's ordinal.
    pub n_turns: u32,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything last happened in it.
    pub updated_at: Timestamp,
}

/// Where a conversation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ConversationState {
    /// The bot answers.
    Bot {
        /// Answers in a row that did not help.
        n_failures: u32,
    },
    /// A hand-over is on its way; the bot still answers until a human speaks.
    HandingOff {
        /// Why, who acts next and until when.
        handoff: Handoff,
    },
    /// A ticket carries it on.
    Ticketed {
        /// Which one.
        ticket_id: TicketId,
        /// Whether an agent has spoken. From then on the bot is silent.
        human_spoke: bool,
    },
    /// The customer said that it was solved.
    Resolved,
}

/// A transition that the state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConversationRefusal {
    /// An agent has spoken, or will; the bot must not.
    #[error("a human has taken over this conversation")]
    WithHuman,
    /// The conversation has reached [`TURNS_MAX`].
    #[error("this conversation is too long; open a new one")]
    TooLong,
}

impl Conversation {
    /// Whether the bot may speak.
    ///
    /// # Errors
    /// [`ConversationRefusal`] says why not.
    pub fn admit_bot(&self) -> Result<(), ConversationRefusal> {
        let is_long = self.n_turns >= TURNS_MAX;
        match self.state {
            ConversationState::Ticketed { human_spoke, .. } if human_spoke || is_long => {
                Err(ConversationRefusal::WithHuman)
            }
            _ if is_long => Err(ConversationRefusal::TooLong),
            _ => Ok(()),
        }
    }

    /// The ticket that carries the conversation on, if there is one.
    pub fn ticket_id(&self) -> Option<&TicketId> {
        match &self.state {
            ConversationState::Ticketed { ticket_id, .. } => Some(ticket_id),
            _ => None,
        }
    }

    /// Failures in a row so far.
    pub fn n_failures(&self) -> u32 {
        match self.state {
            ConversationState::Bot { n_failures } => n_failures,
            _ => 0,
        }
    }

    /// The state after the bot's turn: an answer withdraws an offer that nobody took up, a hand-over starts one.
    #[must_use]
    pub fn after_bot_turn(mut self, turn: &BotTurn, now: Timestamp, deadline_s: u32) -> Self {
        self.state = match (self.state, turn) {
            (state @ ConversationState::Ticketed { .. }, _) => state,
            (state @ ConversationState::HandingOff { .. }, BotTurn::HandOff { reason, .. })
                if !reason.is_immediate() =>
            {
                state
            }
            (_, BotTurn::HandOff { reason, .. }) => {
                ConversationState::HandingOff { handoff: handoff(reason.clone(), now, deadline_s) }
            }
            (ConversationState::HandingOff { handoff }, _) if handoff.owner == HandoffOwner::System => {
                ConversationState::HandingOff { handoff }
            }
            (ConversationState::Bot { n_failures }, BotTurn::Clarify { .. } | BotTurn::Answer { .. }) => {
                ConversationState::Bot { n_failures }
            }
            (_, BotTurn::Answer { .. } | BotTurn::Clarify { .. }) => ConversationState::Bot { n_failures: 0 },
        };
        self.updated_at = now;
        self
    }

    /// The state after the customer said whether an answer helped. The second failure in a row starts a hand-over.
    #[must_use]
    pub fn after_feedback(mut self, feedback: Feedback, now: Timestamp, deadline_s: u32) -> Self {
        self.state = match (self.state, feedback) {
            (ConversationState::Bot { .. }, Feedback::Helpful) => ConversationState::Resolved,
            (ConversationState::Bot { n_failures }, Feedback::Unhelpful)
                if n_failures + 1 >= FAILURES_BEFORE_HANDOFF =>
            {
                ConversationState::HandingOff { handoff: handoff(HandoffReason::Unhelpful, now, deadline_s) }
            }
            (ConversationState::Bot { n_failures }, Feedback::Unhelpful) => {
                ConversationState::Bot { n_failures: n_failures + 1 }
            }
            (ConversationState::Resolved, Feedback::Unhelpful) => ConversationState::Bot { n_failures: 1 },
            (state, _) => state,
        };
        self.updated_at = now;
        self
    }

    /// The state once a hand-over was asked for, by a button or a form.
    #[must_use]
    pub fn asked_for_human(mut self, now: Timestamp, deadline_s: u32) -> Self {
        if !matches!(self.state, ConversationState::Ticketed { .. }) {
            self.state =
                ConversationState::HandingOff { handoff: handoff(HandoffReason::Asked, now, deadline_s) };
        }
        self.updated_at = now;
        self
    }

    /// The state once its ticket is open.
    #[must_use]
    pub fn ticketed(mut self, ticket_id: TicketId, now: Timestamp) -> Self {
        if !matches!(self.state, ConversationState::Ticketed { .. }) {
            self.state = ConversationState::Ticketed { ticket_id, human_spoke: false };
        }
        self.updated_at = now;
        self
    }

    /// The state once an agent has spoken: the bot is silent from now on.
    #[must_use]
    pub fn human_spoke(mut self, now: Timestamp) -> Self {
        if let ConversationState::Ticketed { human_spoke, .. } = &mut self.state {
            *human_spoke = true;
        }
        self.updated_at = now;
        self
    }
}

fn handoff(reason: HandoffReason, now: Timestamp, deadline_s: u32) -> Handoff {
    let owner = if reason.is_immediate() { HandoffOwner::System } else { HandoffOwner::Customer };
    Handoff { reason, owner, requested_at: now, deadline_at: now.plus_seconds(deadline_s) }
}

/// What a customer said about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// It helped.
    Helpful,
    /// It did not.
    Unhelpful,
}

/// One utterance in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Its id.
    pub id: TurnId,
    /// Of which conversation.
    pub conversation_id: ConversationId,
    /// Counts the turns, from 0.
    pub ordinal: u32,
    /// Who said what.
    pub content: TurnContent,
    /// What the customer said about it.
    pub feedback: Option<Feedback>,
    /// Which cited article they opened first.
    pub opened_article_id: Option<ArticleId>,
    /// When.
    pub created_at: Timestamp,
}

/// Who said what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "speaker")]
pub enum TurnContent {
    /// The customer.
    Customer {
        /// Plain text.
        text: String,
    },
    /// The bot.
    Bot {
        /// What it decided to say.
        turn: BotTurn,
        /// How it came about.
        trace_id: TraceId,
    },
    /// An agent, who is always human.
    Agent {
        /// Who.
        user_id: UserId,
        /// The agent's name as the customer reads it.
        name: String,
        /// Markdown.
        text: String,
        /// The same as clean HTML, where it was written as HTML.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<String>,
        /// The reply that it is in the ticket; unknown of the oldest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message_id: Option<MessageId>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn conversation(state: ConversationState) -> Conversation {
        Conversation {
            id: ConversationId::new("c"),
            locale: Locale::english(),
            customer_id: None,
            state,
            n_turns: 0,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn bot(n_failures: u32) -> Conversation {
        conversation(ConversationState::Bot { n_failures })
    }

    fn hand_off(reason: HandoffReason) -> BotTurn {
        BotTurn::HandOff { reason, text: String::new(), tried: vec![], confidence: 0.1 }
    }

    fn answer() -> BotTurn {
        BotTurn::Answer { sentences: vec![], citations: vec![], confidence: 0.9 }
    }

    #[test]
    fn the_second_failure_in_a_row_hands_over() {
        let once = bot(0).after_feedback(Feedback::Unhelpful, NOW, 60);
        assert_eq!(once.state, ConversationState::Bot { n_failures: 1 });
        let twice = once.after_bot_turn(&answer(), NOW, 60).after_feedback(Feedback::Unhelpful, NOW, 60);
        let ConversationState::HandingOff { handoff } = twice.state else { panic!("{:?}", twice.state) };
        assert_eq!(handoff.reason, HandoffReason::Unhelpful);
        assert_eq!(handoff.owner, HandoffOwner::System);
    }

    #[test]
    fn an_answer_withdraws_an_offer_but_not_a_promise() {
        let offered = bot(0).after_bot_turn(&hand_off(HandoffReason::Abstained), NOW, 60);
        assert!(matches!(offered.state, ConversationState::HandingOff { .. }));
        assert_eq!(
            offered.after_bot_turn(&answer(), NOW, 60).state,
            ConversationState::Bot { n_failures: 0 }
        );
        let promised = bot(0).after_bot_turn(&hand_off(HandoffReason::Asked), NOW, 60);
        assert!(matches!(
            promised.after_bot_turn(&answer(), NOW, 60).state,
            ConversationState::HandingOff { .. }
        ));
    }

    #[test]
    fn a_second_abstention_does_not_move_the_deadline() {
        let first = bot(0).after_bot_turn(&hand_off(HandoffReason::Abstained), NOW, 60);
        let second = first.clone().after_bot_turn(&hand_off(HandoffReason::Abstained), Timestamp(50_000), 60);
        assert_eq!(first.state, second.state);
    }

    #[test]
    fn a_ticketed_conversation_stays_with_its_ticket() {
        let ticketed = bot(0).asked_for_human(NOW, 60).ticketed(TicketId::new("t1"), NOW);
        let again = ticketed.clone().asked_for_human(NOW, 60).ticketed(TicketId::new("t2"), NOW);
        assert_eq!(ticketed.state, again.state);
        assert!(ticketed.admit_bot().is_ok());
        assert_eq!(ticketed.human_spoke(NOW).admit_bot(), Err(ConversationRefusal::WithHuman));
    }

    #[test]
    fn a_long_conversation_goes_on_in_its_ticket_if_it_has_one() {
        let long = Conversation { n_turns: TURNS_MAX, ..bot(0) };
        assert_eq!(long.admit_bot(), Err(ConversationRefusal::TooLong));
        let ticketed = long.asked_for_human(NOW, 60).ticketed(TicketId::new("t1"), NOW);
        assert_eq!(ticketed.admit_bot(), Err(ConversationRefusal::WithHuman));
    }
}
