//! Saying whether an answer helped. The second "no" in a row hands over.

use domain::{ArticleId, ConversationId, Event, Feedback, Principal, TurnContent, TurnId};

use crate::{ConversationView, Desk, DeskError, audit::Unrecorded};

impl Desk {
    /// Stores what the customer says about a bot turn and moves the conversation on.
    ///
    /// Saying the same thing twice counts once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for somebody else's conversation, or a turn that is not the bot's,
    /// [`DeskError::Forbidden`] for who may only read it.
    pub async fn give_feedback(
        &self,
        principal: &Principal,
        id: &ConversationId,
        turn_id: &TurnId,
        feedback: Feedback,
    ) -> Result<ConversationView, DeskError> {
        self.conversation_to_speak_in(principal, id).await?;
        let turns = self.0.store.list_turns(principal, id).await?;
        let turn = turns.iter().find(|turn| turn.id == *turn_id).ok_or(DeskError::NotFound)?;
        if !matches!(turn.content, TurnContent::Bot { .. }) {
            return Err(DeskError::NotFound);
        }
        let now = self.now();
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        let conversation = tx.conversation(id).await?.ok_or(DeskError::NotFound)?;
        if tx.set_feedback(turn_id, feedback).await? {
            let next = conversation.after_feedback(feedback, now, self.0.config.handoff.offer_deadline_s);
            tx.emit(&Event::TurnAdded { conversation_id: id.clone() }, now).await?;
            self.open_if_due(&mut tx, next).await?;
        }
        tx.commit().await?;
        self.conversation(principal, id).await
    }

    /// Remembers that the customer opened the article behind a citation of the bot's last turn. Only the first one counts.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when the conversation is not the principal's.
    pub async fn citation_led_to(
        &self,
        principal: &Principal,
        id: &ConversationId,
        article_id: &ArticleId,
    ) -> Result<(), DeskError> {
        self.0.store.find_conversation(principal, id).await?.ok_or(DeskError::NotFound)?;
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        tx.set_opened(id, article_id).await?;
        tx.commit().await
    }
}
