//! Handing over: by button or form, at once where a rule says so, by the watchdog when an offer runs out.

use domain::{
    AuditAction, Conversation, ConversationId, ConversationState, Customer, CustomerId, Event, HandoffReason,
    Identity, IdentityId, IdentityKind, Locale, MESSAGE_BYTES_MAX, Principal, TicketId,
};
use serde_json::json;

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
    /// Where the answer should go.
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

/// What somebody says of who they are.
pub(crate) struct CustomerForm {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// Their language.
    pub(crate) locale: Locale,
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
        if name.is_some() || email.is_some() {
            let own = conversation.customer_id.as_ref();
            let locale = conversation.locale.clone();
            let customer = self.customer(&mut tx, own, CustomerForm { name, email, locale }).await?;
            conversation.customer_id = Some(customer);
        }
        // An offer that the customer takes up keeps its reason; otherwise the customer asked for a human.
        let conversation = match conversation.state {
            ConversationState::HandingOff { .. } => conversation,
            _ => conversation.asked_for_human(now, self.0.config.handoff.offer_deadline_s),
        };
        if conversation.ticket_id().is_none() {
            tx.emit(&Event::HandoffRequested { conversation_id: id.clone() }, now).await?;
        }
        let conversation = self.open_ticket(&mut tx, conversation, message.as_deref()).await?;
        tx.commit().await?;
        let ticket_id = conversation.ticket_id().cloned().ok_or(DeskError::Busy)?;
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

    /// The customer with this address, or the one that is known already, or a new one. A name or an address typed into a form
    /// never changes a customer that somebody else may be.
    pub(crate) async fn customer(
        &self,
        tx: &mut RecordedTx,
        known: Option<&CustomerId>,
        CustomerForm { name, email, locale }: CustomerForm,
    ) -> Result<CustomerId, DeskError> {
        if let Some(email) = &email
            && let Some(found) = tx.customer_by_email(email).await?
        {
            return Ok(found.id);
        }
        if let Some(id) = known
            && let Some(own) = tx.customer(id).await?
        {
            return self.told_more(tx, own, name, email).await;
        }
        if let Some(email) = &email {
            self.yield_claim(tx, email).await?;
        }
        let id = CustomerId::new(self.id());
        let host = email.as_deref().and_then(|email| email.split_once('@')).map(|(_, host)| host);
        let customer = Customer {
            locale: Some(locale),
            organisation_id: tx.organisation_of_domains(host.as_slice()).await?,
            ..Customer::new(id, name.unwrap_or_default(), email, self.now())
        };
        tx.insert_customer(&customer).await?;
        tx.record(AuditAction::CustomerCreated, &customer.id, json!({}));
        Ok(customer.id)
    }

    /// A customer who says more of themselves: another name, an address where they had none.
    async fn told_more(
        &self,
        tx: &mut RecordedTx,
        own: Customer,
        name: Option<String>,
        email: Option<String>,
    ) -> Result<CustomerId, DeskError> {
        let mut own = own;
        own.name = name.unwrap_or(own.name);
        if let Some(email) = email.filter(|_| own.email.is_none()) {
            self.yield_claim(tx, &email).await?;
            let identity = Identity {
                id: IdentityId::new(self.id()),
                customer_id: own.id.clone(),
                kind: IdentityKind::Email,
                value: email.clone(),
                verified_at: None,
                created_at: self.now(),
            };
            tx.insert_customer_identity(&identity).await?;
            own.email = Some(email);
        }
        let own = self.store_customer(tx, own).await?;
        tx.record(AuditAction::CustomerChanged, &own.id, json!({}));
        Ok(own.id)
    }
}

/// Why a conversation is being handed over.
pub(crate) fn reason_of(conversation: &Conversation) -> HandoffReason {
    match &conversation.state {
        ConversationState::HandingOff { handoff } => handoff.reason.clone(),
        _ => HandoffReason::Asked,
    }
}
