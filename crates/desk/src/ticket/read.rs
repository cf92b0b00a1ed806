//! Reading tickets: the list, and one with its transcript.

use domain::{
    Citation, Customer, CustomerId, HistoryEntry, Message, Principal, Scope, Suggestion, Ticket, TicketField,
    TicketId, Turn, User, UserId,
};
pub use store::TicketSla;

use crate::{Desk, DeskError, ticket::open::tried};

/// A ticket in a list.
#[derive(Debug, Clone)]
pub struct TicketRow {
    /// The ticket.
    pub ticket: Ticket,
    /// Who asked, if known.
    pub customer: Option<Customer>,
    /// The assignee's name.
    pub assignee: Option<String>,
    /// How it stands to what customers are promised, in the order of a ticket's life.
    pub sla: Vec<TicketSla>,
}

/// A ticket with everything in it.
#[derive(Debug, Clone)]
pub struct TicketView {
    /// The ticket.
    pub ticket: Ticket,
    /// Who asked, if known.
    pub customer: Option<Customer>,
    /// The assignee's name.
    pub assignee: Option<String>,
    /// How it stands to what customers are promised, in the order of a ticket's life.
    pub sla: Vec<TicketSla>,
    /// The conversation it came from, oldest first.
    pub turns: Vec<Turn>,
    /// The messages that this principal may read, oldest first.
    pub messages: Vec<Message>,
    /// What was changed of it, oldest first.
    pub history: Vec<HistoryRow>,
    /// What the bot cited or tried.
    pub tried: Vec<Citation>,
    /// The drafts made so far, newest request first, by rank.
    pub suggestions: Vec<Suggestion>,
}

/// A change of a ticket, with its values as people read them.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// The change.
    pub entry: HistoryEntry,
    /// What it was: a person's name, a status in words.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

impl Desk {
    /// A ticket with everything in it.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is not this principal's to read.
    pub async fn ticket(&self, principal: &Principal, id: &TicketId) -> Result<TicketView, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let ticket = self.0.store.find_ticket(principal, id).await?.ok_or(DeskError::NotFound)?;
        self.ticket_view(principal, ticket).await
    }

    /// A ticket by the number people call it.
    ///
    /// # Errors
    /// As [`Desk::ticket`].
    pub async fn ticket_by_number(
        &self,
        principal: &Principal,
        number: i64,
    ) -> Result<TicketView, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let ticket =
            self.0.store.find_ticket_by_number(principal, number).await?.ok_or(DeskError::NotFound)?;
        self.ticket_view(principal, ticket).await
    }

    /// The people a ticket can be assigned to.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn agents(&self, principal: &Principal) -> Result<Vec<User>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let mut people = self.0.store.list_users().await?;
        people.retain(User::is_active);
        Ok(people)
    }

    async fn ticket_view(&self, principal: &Principal, ticket: Ticket) -> Result<TicketView, DeskError> {
        let turns = match &ticket.conversation_id {
            Some(id) => self.0.store.list_turns(principal, id).await?,
            None => vec![],
        };
        let mut suggestions = self.0.store.list_suggestions(principal, &ticket.id).await?;
        self.keep_seen_drafts(principal, &mut suggestions).await?;
        Ok(TicketView {
            customer: self.customer_of(&ticket).await?,
            assignee: self.assignee_of(&ticket).await?,
            sla: self.sla_of(principal, &ticket.id).await?,
            messages: self.0.store.list_messages(principal, &ticket.id).await?,
            history: self.history(principal, &ticket.id).await?,
            tried: tried(&turns),
            suggestions,
            turns,
            ticket,
        })
    }

    async fn history(&self, principal: &Principal, id: &TicketId) -> Result<Vec<HistoryRow>, DeskError> {
        let entries = self.0.store.list_ticket_history(principal, id).await?;
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let from = self.value_in_words(&entry.field, entry.from.as_deref()).await?;
            let to = self.value_in_words(&entry.field, entry.to.as_deref()).await?;
            rows.push(HistoryRow { entry, from, to });
        }
        Ok(rows)
    }

    async fn value_in_words(
        &self,
        field: &TicketField,
        value: Option<&str>,
    ) -> Result<Option<String>, DeskError> {
        let Some(value) = value else { return Ok(None) };
        let name = match field {
            TicketField::Assignee => self.0.store.find_user(&UserId::new(value)).await?.map(|user| user.name),
            TicketField::Customer => {
                self.0.store.find_customer(&CustomerId::new(value)).await?.map(|customer| customer.name)
            }
            TicketField::Custom(_) => return Ok(Some(value.to_owned())),
            TicketField::Status | TicketField::Priority | TicketField::Team | TicketField::Tags => None,
        };
        Ok(Some(name.unwrap_or_else(|| value.replace('_', " "))))
    }

    pub(crate) async fn ticket_row(
        &self,
        principal: &Principal,
        ticket: Ticket,
    ) -> Result<TicketRow, DeskError> {
        let customer = self.customer_of(&ticket).await?;
        let assignee = self.assignee_of(&ticket).await?;
        let sla = self.sla_of(principal, &ticket.id).await?;
        Ok(TicketRow { ticket, customer, assignee, sla })
    }

    async fn sla_of(&self, principal: &Principal, id: &TicketId) -> Result<Vec<TicketSla>, DeskError> {
        let mut all = self.0.store.list_ticket_sla(principal, std::slice::from_ref(id)).await?;
        Ok(all.remove(id).unwrap_or_default())
    }

    async fn customer_of(&self, ticket: &Ticket) -> Result<Option<Customer>, DeskError> {
        match &ticket.customer_id {
            Some(id) => Ok(self.0.store.find_customer(id).await?),
            None => Ok(None),
        }
    }

    async fn assignee_of(&self, ticket: &Ticket) -> Result<Option<String>, DeskError> {
        match &ticket.assignee_id {
            Some(id) => Ok(self.0.store.find_user(id).await?.map(|user| user.name)),
            None => Ok(None),
        }
    }
}
