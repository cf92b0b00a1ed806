//! Asking: a question in, one bot turn out, stored with the trace of how it came about.

use std::time::Instant;

use answer::Decision;
use domain::{
    AnswerSentence, BotTurn, Citation, Conversation, ConversationId, ConversationRefusal, ConversationState,
    Event, HandoffReason, Hits, Locale, Principal, QUESTION_BYTES_MAX, Trace, TraceCandidate, TraceId, Turn,
    TurnContent, TurnId,
};
use search::{PastTurn, SearchMode, SearchRequest, Speaker};
use tokio::sync::mpsc::Sender;

use crate::{Desk, DeskError, audit::Unrecorded, input};

/// Articles handed to the answerer: it reads three, the confidence model looks at the margin to the fourth.
const HITS_FOR_ANSWER: usize = 10;
/// Turns of history that shape a follow-up; older ones only add noise (RETRIEVAL.md 4).
const HISTORY_TURNS: usize = 6;

/// What happens while an answer is being made; for streaming.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a handful is alive at once, each on its way to a socket")]
pub enum AskEvent {
    /// The search runs.
    Searching,
    /// A checked sentence.
    Sentence {
        /// The sentence.
        sentence: AnswerSentence,
        /// What it cites.
        citation: Citation,
    },
    /// Forget the sentences so far: the final turn is another one.
    Reset,
}

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The bot's turn, for feedback.
    pub turn_id: Option<TurnId>,
    /// What the customer reads.
    pub reply: Reply,
    /// The conversation after it.
    pub conversation: Conversation,
    /// The number of its ticket, if it has one.
    pub ticket_number: Option<i64>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// What the customer reads after asking.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The bot's turn.
    Bot {
        /// What it says.
        turn: BotTurn,
        /// How it came about.
        trace_id: TraceId,
    },
    /// A human is on it: the message went to the ticket and the bot is silent.
    PassedOn,
}

/// A bot turn on its way into the database.
pub(crate) struct Draft {
    pub(crate) decision: Decision,
    pub(crate) hits: Option<Hits>,
    pub(crate) generator: String,
    pub(crate) dropped: Vec<String>,
    pub(crate) fallback: Option<String>,
}

impl Desk {
    /// Answers a question in a conversation. With `events`, what is known is sent as soon as it is.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] or [`DeskError::TooLarge`] for what is no question, [`DeskError::NotFound`] for somebody
    /// else's conversation, [`DeskError::Forbidden`] for who may only read it, [`DeskError::Conflict`] for one that is
    /// too long.
    pub async fn ask(
        &self,
        principal: &Principal,
        id: &ConversationId,
        text: &str,
        events: Option<Sender<AskEvent>>,
    ) -> Result<Asked, DeskError> {
        let started = Instant::now();
        let question = input::text("text", text, QUESTION_BYTES_MAX)?;
        let conversation = self.conversation_to_speak_in(principal, id).await?;
        match conversation.admit_bot() {
            Ok(()) => {}
            Err(ConversationRefusal::WithHuman) => {
                return self.pass_on(principal, id, question, started).await;
            }
            Err(refusal @ ConversationRefusal::TooLong) => {
                return Err(DeskError::Conflict(refusal.to_string()));
            }
        }
        let reader = reader(principal);
        let turns = self.0.store.list_turns(principal, id).await?;
        let draft = self.draft_turn(&reader, &conversation, question, &turns, events.as_ref()).await?;
        self.keep_turn(principal, id, question, draft, started).await
    }

    /// Answers a question that no customer asked, such as one typed at the command line: the trace is kept, and nothing is
    /// handed over to anybody.
    ///
    /// # Errors
    /// As for [`Desk::ask`].
    pub async fn try_question(
        &self,
        text: &str,
        locale: Option<Locale>,
    ) -> Result<(BotTurn, TraceId), DeskError> {
        let started = Instant::now();
        let question = input::text("text", text, QUESTION_BYTES_MAX)?;
        let conversation = self.start_conversation(locale).await?.conversation;
        // Whoever tries a question reads what any visitor may read.
        let draft = self.draft_turn(&Principal::anonymous(), &conversation, question, &[], None).await?;
        let id = TraceId::new(self.id());
        let model_id = self.0.embedder.model_id();
        let trace = draft.trace(id.clone(), &conversation.id, question, model_id, self.now(), started);
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Turn).await?;
        tx.insert_trace(&trace).await?;
        tx.commit().await?;
        Ok((draft.decision.turn, id))
    }

    /// Makes the bot's turn: first the rules that need no search, then search and answer. Writes nothing.
    pub(crate) async fn draft_turn(
        &self,
        reader: &Principal,
        conversation: &Conversation,
        question: &str,
        turns: &[Turn],
        events: Option<&Sender<AskEvent>>,
    ) -> Result<Draft, DeskError> {
        let locale = &conversation.locale;
        let earlier: Vec<&str> = turns.iter().filter_map(customer_text).collect();
        if let Some(turn) = self.0.answerer.gate(question, &earlier, conversation.n_failures(), locale) {
            return Ok(Draft::ruled(turn));
        }
        send(events, AskEvent::Searching).await;
        let (hits, decision) = match self.search_and_decide(reader, locale, question, turns).await {
            Ok(found) => found,
            // A broken index must not leave the customer alone with an error page.
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot search for an answer");
                let turn = self.0.answerer.hand_off(HandoffReason::Failure, None, 0.0, locale);
                return Ok(Draft::ruled(turn));
            }
        };
        if self.0.llm.is_some() && matches!(decision.turn, BotTurn::Answer { .. }) {
            return self.generate(question, turns, hits, decision, events).await;
        }
        if let BotTurn::Answer { sentences, citations, .. } = &decision.turn {
            for sentence in sentences {
                if let Some(citation) = citations.iter().find(|c| c.n == sentence.citation) {
                    let event = AskEvent::Sentence { sentence: sentence.clone(), citation: citation.clone() };
                    send(events, event).await;
                }
            }
        }
        Ok(Draft {
            decision,
            hits: Some(hits),
            generator: "extractive".to_owned(),
            dropped: vec![],
            fallback: None,
        })
    }

    /// Asks by itself what can be understood so, and together with what was said before unless that is an answer.
    async fn search_and_decide(
        &self,
        reader: &Principal,
        locale: &Locale,
        question: &str,
        turns: &[Turn],
    ) -> Result<(Hits, Decision), DeskError> {
        if !turns.is_empty() && self.0.answerer.stands_alone(question) {
            let alone = self.decide(reader, locale, question, vec![]).await?;
            if matches!(alone.1.turn, BotTurn::Answer { .. }) {
                return Ok(alone);
            }
        }
        self.decide(reader, locale, question, past_turns(turns)).await
    }

    async fn decide(
        &self,
        reader: &Principal,
        locale: &Locale,
        question: &str,
        history: Vec<PastTurn>,
    ) -> Result<(Hits, Decision), DeskError> {
        let request = SearchRequest {
            query: question.to_owned(),
            locale: Some(locale.clone()),
            readable: reader.readable(),
            limit: HITS_FOR_ANSWER,
            mode: SearchMode::Hybrid,
            history,
            ..SearchRequest::default()
        };
        let hits = self.find_readable(reader, &request).await?;
        let vectors = self.embed(self.0.answerer.texts_to_embed(question, &hits)).await?;
        let decision =
            self.0.answerer.decide(question, &hits, &vectors, locale, &self.0.learning.top_three());
        Ok((hits, decision))
    }

    /// Stores the question and the turn. When a human has spoken meanwhile, the turn is dropped.
    async fn keep_turn(
        &self,
        principal: &Principal,
        id: &ConversationId,
        question: &str,
        draft: Draft,
        started: Instant,
    ) -> Result<Asked, DeskError> {
        let now = self.now();
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Turn).await?;
        let conversation = tx.conversation(id).await?.ok_or(DeskError::NotFound)?;
        if conversation.admit_bot() == Err(ConversationRefusal::WithHuman) {
            tx.rollback().await?;
            return self.pass_on(principal, id, question, started).await;
        }
        let trace_id = TraceId::new(self.id());
        let trace = draft.trace(trace_id.clone(), id, question, self.0.embedder.model_id(), now, started);
        let asked = self.turn(&conversation, 0, TurnContent::Customer { text: question.to_owned() });
        // The trace keeps what was decided; how it is said depends on the ticket that is there by now.
        let mut turn = draft.decision.turn;
        if let Some(ticket_id) = conversation.ticket_id()
            && let Some(ticket) = tx.ticket(ticket_id).await?
        {
            turn = self.0.answerer.in_ticket(turn, ticket.number, &conversation.locale);
        }
        let content = TurnContent::Bot { turn: turn.clone(), trace_id: trace_id.clone() };
        let answered = self.turn(&conversation, 1, content);
        tx.insert_turn(&asked).await?;
        tx.insert_trace(&trace).await?;
        tx.insert_turn(&answered).await?;
        if let Some(ticket_id) = conversation.ticket_id() {
            self.add_customer_message(&mut tx, ticket_id, question).await?;
        }
        let mut next = conversation.after_bot_turn(&turn, now, self.0.config.handoff.offer_deadline_s);
        next.n_turns += 2;
        tx.emit(&Event::TurnAdded { conversation_id: id.clone() }, now).await?;
        let next = self.open_if_due(&mut tx, next).await?;
        tx.commit().await?;
        let ticket_number = self.ticket_number(&next).await?;
        Ok(Asked {
            turn_id: Some(answered.id),
            reply: Reply::Bot { turn, trace_id },
            conversation: next,
            ticket_number,
            took_ms: elapsed_ms(started),
        })
    }

    /// Adds what the customer says to the ticket; the bot stays silent.
    async fn pass_on(
        &self,
        principal: &Principal,
        id: &ConversationId,
        text: &str,
        started: Instant,
    ) -> Result<Asked, DeskError> {
        let now = self.now();
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Turn).await?;
        let mut conversation = tx.conversation(id).await?.ok_or(DeskError::NotFound)?;
        let turn = self.turn(&conversation, 0, TurnContent::Customer { text: text.to_owned() });
        tx.insert_turn(&turn).await?;
        conversation.n_turns += 1;
        conversation.updated_at = now;
        tx.update_conversation(&conversation).await?;
        if let Some(ticket_id) = conversation.ticket_id() {
            self.add_customer_message(&mut tx, ticket_id, text).await?;
        }
        tx.emit(&Event::TurnAdded { conversation_id: id.clone() }, now).await?;
        tx.commit().await?;
        let ticket_number = self.ticket_number(&conversation).await?;
        Ok(Asked {
            turn_id: None,
            reply: Reply::PassedOn,
            conversation,
            ticket_number,
            took_ms: elapsed_ms(started),
        })
    }

    /// A turn that comes `offset` places after the conversation's last one.
    pub(crate) fn turn(&self, conversation: &Conversation, offset: u32, content: TurnContent) -> Turn {
        Turn {
            id: TurnId::new(self.id()),
            conversation_id: conversation.id.clone(),
            ordinal: conversation.n_turns + offset,
            content,
            feedback: None,
            opened_article_id: None,
            created_at: self.now(),
        }
    }
}

impl Draft {
    /// A turn that a rule made, without a search.
    fn ruled(turn: BotTurn) -> Self {
        Self {
            decision: Decision { turn, features: vec![], articles: vec![] },
            hits: None,
            generator: "rule".to_owned(),
            dropped: vec![],
            fallback: None,
        }
    }

    fn trace(
        &self,
        id: TraceId,
        conversation_id: &ConversationId,
        question: &str,
        model_id: &str,
        now: domain::Timestamp,
        started: Instant,
    ) -> Trace {
        let hits = self.hits.as_ref();
        Trace {
            id,
            conversation_id: conversation_id.clone(),
            question: question.to_owned(),
            query: hits.map_or_else(|| question.to_owned(), |hits| hits.query.clone()),
            language: hits.map(|hits| hits.language.clone()).unwrap_or_default(),
            model_id: model_id.to_owned(),
            index_seq: hits.map_or(0, |hits| hits.index_seq),
            candidates: hits.map(|hits| hits.hits.iter().map(candidate).collect()).unwrap_or_default(),
            features: self.decision.features.clone(),
            decision: self.decision.turn.clone(),
            generator: self.generator.clone(),
            dropped: self.dropped.clone(),
            fallback: self.fallback.clone(),
            created_at: now,
            took_ms: elapsed_ms(started),
        }
    }
}

/// Whose articles the bot may quote: those of the conversation's customer, never more, whoever asks on their behalf.
pub(crate) fn reader(principal: &Principal) -> Principal {
    match principal {
        Principal::Customer { .. } => principal.clone(),
        _ => Principal::anonymous(),
    }
}

pub(crate) fn candidate(hit: &domain::Hit) -> TraceCandidate {
    TraceCandidate {
        article_id: hit.article_id.clone(),
        version_id: hit.version_id.clone(),
        slug: hit.slug.clone(),
        title: hit.title.clone(),
        anchor: hit.snippet.anchor.clone(),
        score: hit.score,
        legs: hit.legs,
        past_tickets: hit.past_tickets.clone(),
    }
}

/// The turns that shape a follow-up, oldest first.
pub(crate) fn past_turns(turns: &[Turn]) -> Vec<PastTurn> {
    turns[turns.len().saturating_sub(HISTORY_TURNS)..]
        .iter()
        .map(|turn| match &turn.content {
            TurnContent::Customer { text } => PastTurn { speaker: Speaker::Customer, text: text.clone() },
            TurnContent::Bot { turn, .. } => PastTurn { speaker: Speaker::Bot, text: turn.text() },
            TurnContent::Agent { text, .. } => PastTurn { speaker: Speaker::Agent, text: text.clone() },
        })
        .collect()
}

fn customer_text(turn: &Turn) -> Option<&str> {
    match &turn.content {
        TurnContent::Customer { text } => Some(text),
        _ => None,
    }
}

/// Tells a listener; one that has gone away does not stop the answer from being stored.
pub(crate) async fn send(events: Option<&Sender<AskEvent>>, event: AskEvent) {
    if let Some(events) = events {
        let _ = events.send(event).await;
    }
}

pub(crate) fn elapsed_ms(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Whether a conversation waits for its ticket to be opened at once.
pub(crate) fn is_due(conversation: &Conversation) -> bool {
    matches!(&conversation.state, ConversationState::HandingOff { handoff } if handoff.reason.is_immediate())
}
