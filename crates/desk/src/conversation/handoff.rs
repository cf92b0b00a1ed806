//! Handing over: by button or form, at once where a rule says so, by the watchdog when an offer runs out.

use domain::{
    Conversation, ConversationId, ConversationState, Event, HandoffReason, MESSAGE_BYTES_MAX, Principal,
    TicketId,
};

use crate::{Desk, DeskError, audit::RecordedTx, conversation::ask::is_due, input, sweep::Sweep};

/// Longest name a customer can give, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 200;
/// Overdue hand-overs that one sweep of the watchdog opens; the next sweep takes the rest.
const OVERDUE_PER_SWEEP: i64 = 100;

/// What a customer adds when asking for a human. All of it is optional.
#[derive(Debug, Clone, Default)]
pub struct HandoffForm {
    /// Their name.
    pub name: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
    /// Anything the team should know.
    pub message: Option<String>,
}

/// A hand-over that has become a ticket.
#[derive(Debug, Clone)]
pub struct HandedOff {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number, which the customer is told.
    pub ticket_number: i64,
    /// The conversation after it.
    pub conversation: Conversation,
}

impl Desk {
    /// Hands a conversation to a human and gives its ticket. Doing it again gives the same ticket, with what the form
    /// adds this time.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for somebody else's conversation, [`DeskError::Forbidden`] for who may only read it,
    /// [`DeskError::Invalid`] for an address that is none.
    pub async fn hand_off(
        &self,
        principal: &Principal,
        id: &ConversationId,
        form: HandoffForm,
    ) -> Result<HandedOff, DeskError> {
        let name = input::optional("name", form.name.as_deref(), NAME_BYTES_MAX)?.map(str::to_owned);
        let message =
            input::optional("message", form.message.as_deref(), MESSAGE_BYTES_MAX)?.map(str::to_owned);
        let email = match form.email.as_deref().map(str::trim).filter(|email| !email.is_empty()) {
            Some(email) => Some(input::email(email)?),
            None => None,
        };
        self.conversation_to_speak_in(principal, id).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let mut conversation = tx.conversation(id).await?.ok_or(DeskError::NotFound)?;
        let unproved = self.introduce(&mut tx, &mut conversation, name, email).await?;
        // An offer that the customer takes up keeps its reason; otherwise the customer asked for a human.
        let conversation = match conversation.state {
            ConversationState::HandingOff { .. } => conversation,
            _ => conversation.asked_for_human(now, self.0.config.handoff.offer_deadline_s),
        };
        if conversation.ticket_id().is_none() {
            tx.emit(&Event::HandoffRequested { conversation_id: id.clone() }, now).await?;
        }
        let conversation = self.open_ticket(&mut tx, conversation, message.as_deref()).await?;
        let ticket_id = conversation.ticket_id().cloned().ok_or(DeskError::Busy)?;
        if let Some(text) = unproved {
            self.note_unproved(&mut tx, &ticket_id, &text).await?;
        }
        tx.commit().await?;
        let ticket_number = self.ticket_number(&conversation).await?.ok_or(DeskError::NotFound)?;
        Ok(HandedOff { ticket_id, ticket_number, conversation })
    }

    /// Opens the tickets of hand-overs whose deadline has passed, whatever was in between. Gives how many.
    ///
    /// # Errors
    /// Only those of the database. One that cannot be opened does not keep the others waiting; the first error is
    /// returned once all were tried.
    pub async fn open_overdue_handoffs(&self) -> Result<usize, DeskError> {
        let mut sweep = Sweep::new(OVERDUE_PER_SWEEP);
        while let Some(limit) = sweep.next_round() {
            for id in sweep.untried(self.0.store.list_overdue_handoffs(self.now(), limit).await?) {
                let done = self.open_if_overdue(&id).await;
                sweep.note(id, done);
            }
        }
        sweep.outcome()
    }

    /// Opens the ticket of one hand-over, unless something else has moved it on meanwhile.
    async fn open_if_overdue(&self, id: &ConversationId) -> Result<bool, DeskError> {
        let mut tx = self.begin(&Principal::System).await?;
        let Some(conversation) = tx.conversation(id).await? else { return Ok(false) };
        match &conversation.state {
            ConversationState::HandingOff { handoff } if handoff.deadline_at <= self.now() => {}
            _ => return Ok(false),
        }
        self.open_ticket(&mut tx, conversation, None).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Stores the conversation, and opens its ticket in the same transaction when the hand-over is not just an offer.
    pub(crate) async fn open_if_due(
        &self,
        tx: &mut RecordedTx,
        conversation: Conversation,
    ) -> Result<Conversation, DeskError> {
        if is_due(&conversation) {
            let event = Event::HandoffRequested { conversation_id: conversation.id.clone() };
            tx.emit(&event, self.now()).await?;
            self.open_ticket(tx, conversation, None).await
        } else {
            tx.update_conversation(&conversation).await?;
            Ok(conversation)
        }
    }
}

/// Why a conversation is being handed over.
pub(crate) fn reason_of(conversation: &Conversation) -> HandoffReason {
    match &conversation.state {
        ConversationState::HandingOff { handoff } => handoff.reason.clone(),
        _ => HandoffReason::Asked,
    }
}
