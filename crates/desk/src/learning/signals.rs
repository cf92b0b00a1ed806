//! What people did that says which article answers which question: in solved tickets, in conversations, in searches.

use std::collections::BTreeMap;

use domain::{
    ArticleId, Audience, BotTurn, Conversation, ConversationState, CustomerId, Feedback, Locale, Principal,
    SolvedTicket, Turn, TurnContent,
};
use learn::{Act, Signal};
use search::VectorText;

use crate::{Desk, DeskError};

/// Conversations and tickets that are read at a time.
const PER_PAGE: i64 = 500;
/// Most signals of tickets, the newest: each group of questions is compared with all of them.
const OF_TICKETS_MAX: usize = 20_000;
/// Days for which conversations are looked at: each is read anew in every run.
const CONVERSATION_DAYS: u32 = 90;
/// Searches that led to an article that are looked at, the most frequent.
const SEARCHES_MAX: i64 = 5_000;

impl Desk {
    /// Everything that was done, with the words of the question: without personal data, and with its vector. Tickets that not
    /// everybody may learn from are left out.
    pub(super) async fn signals(&self) -> Result<Vec<Signal>, DeskError> {
        let mut signals = self.signals_of_tickets().await?;
        signals.extend(self.signals_of_conversations().await?);
        let searches =
            self.0.store.list_search_clicks(&Principal::System, self.remembered_since(), SEARCHES_MAX);
        signals.extend(searches.await?.into_iter().map(|search| Signal {
            n: usize::try_from(search.n_clicks).unwrap_or_default(),
            ..signal(Act::SearchOpened, redacted(&search.query), search.article_id, &search.locale, "search")
        }));
        let texts = signals.iter().map(|signal| VectorText::of(&signal.question)).collect();
        let vectors = self.vectors_of(texts, &mut |_| {}).await?;
        for signal in &mut signals {
            signal.vector = vectors.get(&VectorText::of(&signal.question).hash).cloned().unwrap_or_default();
        }
        Ok(signals)
    }

    async fn signals_of_tickets(&self) -> Result<Vec<Signal>, DeskError> {
        let mut signals = vec![];
        let mut after = 0;
        loop {
            let page = self.0.store.list_solved_tickets(after, i64::MAX, PER_PAGE).await?;
            let Some(last) = page.last() else { return Ok(signals) };
            after = last.seq;
            let open = page
                .iter()
                .filter(|ticket| ticket.audiences.iter().all(|audience| *audience == Audience::Public));
            signals.extend(open.flat_map(of_ticket));
            let n_more = signals.len().saturating_sub(OF_TICKETS_MAX);
            signals.drain(..n_more);
        }
    }

    async fn signals_of_conversations(&self) -> Result<Vec<Signal>, DeskError> {
        let since = self.remembered_since().max(self.days_ago(CONVERSATION_DAYS));
        let mut signals = vec![];
        let mut after = None;
        loop {
            let page = self
                .0
                .store
                .list_conversations_since(&Principal::System, since, after.as_ref(), PER_PAGE)
                .await?;
            let Some(last) = page.last() else { return Ok(signals) };
            after = Some(last.id.clone());
            for conversation in &page {
                let turns = self.0.store.list_turns(&Principal::System, &conversation.id).await?;
                signals.extend(of_conversation(conversation, &turns));
            }
        }
    }
}

/// What an act says. The words hold no personal data.
fn signal(act: Act, question: String, article_id: ArticleId, locale: &Locale, asker: &str) -> Signal {
    Signal {
        weight: act.weight(),
        is_by_agent: act.is_by_agent(),
        question,
        vector: vec![],
        article_id,
        locale: locale.clone(),
        customer_id: None,
        asker: asker.to_owned(),
        n: 1,
    }
}

/// What customers wrote, without personal data.
fn redacted(words: &str) -> String {
    redact::redact(words, &[])
}

/// What agents linked or put aside, with the weight that was remembered. The subject says in short what was asked.
fn of_ticket(ticket: &SolvedTicket) -> impl Iterator<Item = Signal> {
    let words = if ticket.topic.is_empty() { &ticket.question } else { &ticket.topic };
    let asker = ticket.customer_id.as_ref().map_or(ticket.ticket_id.as_str(), CustomerId::as_str);
    ticket.links.iter().map(move |link| Signal {
        weight: link.weight,
        customer_id: ticket.customer_id.clone(),
        ..signal(Act::Linked, words.clone(), link.article_id.clone(), &ticket.locale, asker)
    })
}

/// What the customer made of the bot's answers. What counts most counts for each article.
fn of_conversation(conversation: &Conversation, turns: &[Turn]) -> Vec<Signal> {
    let asker = conversation.customer_id.as_ref().map_or(conversation.id.as_str(), CustomerId::as_str);
    let answers: Vec<Answered<'_>> = answered(turns);
    let last = answers.len().saturating_sub(1);
    let mut acts: BTreeMap<(&str, &ArticleId), Act> = BTreeMap::new();
    let mut add = |question, article, act: Act| {
        let most = acts.entry((question, article)).or_insert(act);
        if act.weight().abs() > most.weight().abs() {
            *most = act;
        }
    };
    for (n, answer) in answers.iter().enumerate() {
        let article = answer.article;
        match answer.turn.feedback {
            Some(Feedback::Helpful) => {
                add(answer.question, article, Act::Helpful);
                if let Some(before) = answer.asked_before {
                    add(before, article, Act::Rephrased);
                }
            }
            Some(Feedback::Unhelpful) => add(answer.question, article, Act::Unhelpful),
            None if n == last => match conversation.state {
                ConversationState::Resolved => add(answer.question, article, Act::Resolved),
                ConversationState::HandingOff { .. } | ConversationState::Ticketed { .. } => {
                    add(answer.question, article, Act::HandedOver);
                }
                ConversationState::Bot { .. } => {}
            },
            None => {}
        }
        if let Some(opened) = &answer.turn.opened_article_id {
            add(answer.question, opened, Act::CitationOpened);
        }
    }
    acts.into_iter()
        .map(|((question, article), act)| Signal {
            customer_id: conversation.customer_id.clone(),
            ..signal(act, redacted(question), article.clone(), &conversation.locale, asker)
        })
        .collect()
}

/// An answer of the bot.
struct Answered<'t> {
    turn: &'t Turn,
    question: &'t str,
    /// What the customer asked before, when that was not answered.
    asked_before: Option<&'t str>,
    /// What it answers from.
    article: &'t ArticleId,
}

fn answered(turns: &[Turn]) -> Vec<Answered<'_>> {
    let mut answers = vec![];
    let mut question: Option<&str> = None;
    let mut unanswered: Option<&str> = None;
    for turn in turns {
        match &turn.content {
            TurnContent::Customer { text } => {
                question = Some(text);
            }
            TurnContent::Bot { turn: BotTurn::Answer { citations, .. }, .. } => {
                if let (Some(question), Some(citation)) = (question, citations.first()) {
                    let article = &citation.article_id;
                    answers.push(Answered { turn, question, asked_before: unanswered, article });
                }
                let helped = turn.feedback != Some(Feedback::Unhelpful);
                unanswered = if helped { None } else { question };
            }
            TurnContent::Bot { .. } => unanswered = question,
            TurnContent::Agent { .. } => break,
        }
    }
    answers
}

#[cfg(test)]
mod tests;
