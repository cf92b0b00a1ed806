//! Suggested replies for a ticket, from articles and from what solved tickets answered.

use answer::PastReply;
use domain::{
    Author, MessageKind, Principal, SUGGESTIONS_MAX, Scope, Suggestion, SuggestionId, SuggestionOutcome,
    Ticket, TicketId, TurnContent,
};
use search::{SearchMode, SearchRequest};

use crate::{Desk, DeskError, conversation::past_turns};

/// Solved tickets that are compared with the new one, newest first.
const PAST_TICKETS: i64 = 2_000;
/// Past replies whose texts are compared by vector.
const PAST_COMPARED: usize = 20;

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
        let past = self.past_replies(&view.ticket, &query).await?;
        let sentences = self.0.answerer.texts_to_embed(&query, &hits);
        let vectors = self.embed(sentences).await?;
        let customer = view.customer.as_ref().map_or("", |customer| customer.name.as_str());
        let drafts = self.0.answerer.suggest(&query, &hits, &vectors, &past, customer, &view.ticket.locale);
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
        let mut tx = self.0.store.begin().await?;
        tx.insert_suggestions(&suggestions).await?;
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
        let mut tx = self.0.store.begin().await?;
        let suggestion = tx.suggestion(id).await?.ok_or(DeskError::NotFound)?;
        tx.set_suggestion_outcome(id, outcome, self.now()).await?;
        tx.commit().await?;
        Ok(Suggestion { outcome: Some(outcome), ..suggestion })
    }

    /// The solved tickets nearest to this one, with the last reply an agent gave.
    async fn past_replies(&self, ticket: &Ticket, query: &str) -> Result<Vec<PastReply>, DeskError> {
        let mut past: Vec<PastReply> = self
            .0
            .store
            .solved_replies(&Principal::System, PAST_TICKETS)
            .await?
            .into_iter()
            .filter(|solved| solved.ticket_id != ticket.id)
            .map(|solved| PastReply {
                ticket_id: solved.ticket_id,
                number: solved.number,
                subject: solved.subject,
                question: solved.question,
                reply: solved.reply,
                cosine: 0.0,
            })
            .collect();
        self.0.answerer.keep_nearest(query, &mut past, PAST_COMPARED, &ticket.locale);
        let mut texts: Vec<String> = past.iter().map(|reply| reply.question.clone()).collect();
        texts.push(query.to_owned());
        let vectors = self.embed(texts).await?;
        if let Some((asked, questions)) = vectors.split_last() {
            for (reply, vector) in past.iter_mut().zip(questions) {
                reply.cosine = f64::from(embed::dot(asked, vector));
            }
        }
        Ok(past)
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
