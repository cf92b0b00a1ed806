//! Suggested replies for a ticket, from articles and from what solved tickets answered.

use std::collections::{BTreeSet, HashMap};

use answer::{NEAREST_MAX, PastReply};
use domain::{
    ArticleId, AuditAction, Author, Event, MessageKind, Principal, SUGGESTIONS_MAX, Scope, Suggestion,
    SuggestionId, SuggestionOutcome, Ticket, TicketId, TurnContent,
};
use search::{SearchMode, SearchRequest, VectorText};
use serde_json::json;

use crate::{Desk, DeskError, conversation::past_turns};

impl Desk {
    /// Makes up to three drafts for a ticket and stores them.
    ///
    /// Sources are only what the ticket's customer may read, because a draft is meant for them.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`].
    pub async fn suggest(&self, principal: &Principal, id: &TicketId) -> Result<Vec<Suggestion>, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let view = self.ticket(&Principal::System, id).await?;
        if !principal.sees_team(&view.ticket.team) {
            return Err(DeskError::NotFound);
        }
        let reader = Principal::anonymous();
        let query = question_of(&view.ticket, &view.turns, &view.messages);
        let request = SearchRequest {
            query: query.clone(),
            locale: Some(view.ticket.locale.clone()),
            readable: reader.readable(),
            limit: SUGGESTIONS_MAX * 2,
            mode: SearchMode::Hybrid,
            history: past_turns(&view.turns),
            ..SearchRequest::default()
        };
        let hits = self.find_readable(&reader, &request).await?;
        let drafts = self.0.answerer.article_drafts(&query, &hits, &view.ticket.locale);
        let mut texts: Vec<String> = drafts.iter().map(|draft| draft.text.clone()).collect();
        texts.push(query.clone());
        let mut vectors = self.embed(texts).await?;
        let asked = vectors.pop().unwrap_or_default();
        let drafts: Vec<_> = drafts.into_iter().zip(vectors).collect();
        let (n, nearest) = self.past_replies(principal, &view.ticket, &query, &asked).await?;
        let asked = answer::Asked {
            question: &query,
            vector: &asked,
            customer: view.customer.as_ref().map_or("", |customer| customer.name.as_str()),
            locale: &view.ticket.locale,
        };
        let drafts =
            self.0.answerer.suggest(&asked, &hits, &drafts, &answer::Remembered { n, nearest: &nearest });
        let now = self.now();
        let suggestions: Vec<Suggestion> = drafts
            .into_iter()
            .take(SUGGESTIONS_MAX)
            .zip(1..)
            .map(|(draft, rank)| Suggestion {
                id: SuggestionId::new(self.id()),
                ticket_id: id.clone(),
                rank,
                body: draft.body,
                sources: draft.sources,
                why: draft.why,
                outcome: None,
                created_at: now,
            })
            .collect();
        let mut tx = self.begin(principal).await?;
        tx.insert_suggestions(&suggestions).await?;
        tx.record(AuditAction::TicketSuggested, id, json!({ "n": suggestions.len() }));
        tx.emit(&Event::TicketChanged { ticket_id: id.clone() }, now).await?;
        tx.commit().await?;
        Ok(suggestions)
    }

    /// Records what became of a draft that was not sent.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`].
    pub async fn record_suggestion(
        &self,
        principal: &Principal,
        id: &SuggestionId,
        outcome: SuggestionOutcome,
    ) -> Result<Suggestion, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let mut tx = self.begin(principal).await?;
        let suggestion = tx.suggestion(id).await?.ok_or(DeskError::NotFound)?;
        Self::ticket_of(&mut tx, principal, &suggestion.ticket_id).await?;
        tx.set_suggestion_outcome(id, outcome, self.now()).await?;
        tx.emit(&Event::TicketChanged { ticket_id: suggestion.ticket_id.clone() }, self.now()).await?;
        let details = json!({ "suggestion_id": id, "outcome": outcome.as_str() });
        tx.record(AuditAction::TicketSuggestionJudged, &suggestion.ticket_id, details);
        tx.commit().await?;
        Ok(Suggestion { outcome: Some(outcome), ..suggestion })
    }

    /// The replies of the solved tickets nearest to this one, of those that the agent sees, and how many are remembered. Only
    /// what anybody may read: a ticket that has to do with a restricted article, be it restricted only now, is left out.
    async fn past_replies(
        &self,
        principal: &Principal,
        ticket: &Ticket,
        query: &str,
        vector: &[f32],
    ) -> Result<(usize, Vec<PastReply>), DeskError> {
        let Some(learned) = self.0.engine.learned() else { return Ok((0, vec![])) };
        let reader = Principal::anonymous();
        let near = self.0.engine.nearest_replied(&learned, query, vector, &reader.readable(), NEAREST_MAX);
        let likeness: HashMap<TicketId, f64> = near
            .into_iter()
            .map(|neighbor| (learned.memory.ticket(neighbor.place).clone(), neighbor.likeness))
            .filter(|(id, _)| *id != ticket.id)
            .collect();
        let ids: Vec<TicketId> = likeness.keys().cloned().collect();
        let mut solved = self.0.store.solved_tickets_of(&Principal::System, &ids).await?;
        solved.retain(|solved| principal.sees_team(&solved.team));
        let linked: BTreeSet<ArticleId> =
            solved.iter().flat_map(|solved| &solved.links).map(|link| link.article_id.clone()).collect();
        let mut hidden = BTreeSet::new();
        for article in linked {
            if self.0.store.find_article(&reader, &article).await?.is_none() {
                hidden.insert(article);
            }
        }
        solved.retain(|solved| !solved.links.iter().any(|link| hidden.contains(&link.article_id)));
        let texts = solved.iter().map(|solved| VectorText::of(&solved.reply)).collect();
        let vectors = self.vectors_of(texts, &mut |_| {}).await?;
        let replies = solved.into_iter().map(|solved| PastReply {
            likeness: likeness.get(&solved.ticket_id).copied().unwrap_or_default(),
            vector: vectors.get(&VectorText::of(&solved.reply).hash).cloned().unwrap_or_default(),
            ticket_id: solved.ticket_id,
            number: solved.number,
            subject: solved.subject,
            is_offered: solved.is_reply_offered && !self.0.engine.holds_rare_name(&learned, &solved.reply),
            reply: solved.reply,
        });
        Ok((learned.memory.len(), replies.collect()))
    }

    pub(crate) async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, DeskError> {
        if texts.is_empty() {
            return Ok(vec![]);
        }
        self.0.embedder.embed(texts).await.map_err(|error| DeskError::failed("cannot embed texts", error))
    }
}

/// What the customer wants now: the last thing they said, in the ticket or in its conversation; else the subject.
fn question_of(ticket: &Ticket, turns: &[domain::Turn], messages: &[domain::Message]) -> String {
    let in_ticket = messages
        .iter()
        .rev()
        .find(|message| message.author == Author::Customer && message.kind == MessageKind::Reply)
        .map(|message| message.body.clone());
    let in_conversation = turns.iter().rev().find_map(|turn| match &turn.content {
        TurnContent::Customer { text } => Some(text.clone()),
        _ => None,
    });
    in_ticket.or(in_conversation).unwrap_or_else(|| ticket.subject.clone())
}
