//! Reading tickets: the list, and one with its transcript.

use std::collections::BTreeSet;

use domain::{
    Author, Citation, Customer, Identity, Link, LinkEnd, LinkId, MergeSight, Message, MessageKind, Principal,
    Scope, Suggestion, Ticket, TicketId, Timestamp, Turn, User, WaitingReply,
};
pub use store::TicketSla;

use crate::{
    Attachments, Desk, DeskError,
    ticket::{
        history::{HistoryRow, TICKET_HISTORY_PER_PAGE_MAX},
        merge::is_shared,
        open::tried,
    },
};

/// A ticket in a list.
#[derive(Debug, Clone)]
pub struct TicketRow {
    /// The ticket.
    pub ticket: Ticket,
    /// Who asked, if known.
    pub customer: Option<Customer>,
    /// The assignee's name.
    pub assignee: Option<String>,
    /// What the organisation is called.
    pub organisation: Option<String>,
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
    /// What the organisation is called.
    pub organisation: Option<String>,
    /// How it stands to what customers are promised, in the order of a ticket's life.
    pub sla: Vec<TicketSla>,
    /// The number of the ticket into which it was merged, as far as this principal sees that one.
    pub merged_into: Option<i64>,
    /// The number of the ticket of which it was a part, likewise.
    pub split_from: Option<i64>,
    /// The tickets that were merged into it, those merged first before the others.
    pub merged: Vec<MergedThread>,
    /// The tickets it is linked with, as far as this principal sees them.
    pub links: Vec<LinkRow>,
    /// Who follows it.
    pub followers: Vec<User>,
    /// What the customer is known by; none for who may not read customers.
    pub identities: Vec<Identity>,
    /// The conversation it came from, oldest first.
    pub turns: Vec<Turn>,
    /// The messages that this principal may read, oldest first.
    pub messages: Vec<Message>,
    /// The files of its messages, and of the replies that wait.
    pub attachments: Attachments,
    /// The replies that wait to be sent, the next one first.
    pub waiting: Vec<WaitingReply>,
    /// What was last changed of it, oldest first: up to [`TICKET_HISTORY_PER_PAGE_MAX`](crate::TICKET_HISTORY_PER_PAGE_MAX).
    pub history: Vec<HistoryRow>,
    /// Where [`Desk::ticket_history`] goes on with what was changed before; absent where that is all.
    pub history_next: Option<String>,
    /// What the bot cited or tried.
    pub tried: Vec<Citation>,
    /// The drafts made so far, newest request first, by rank.
    pub suggestions: Vec<Suggestion>,
}

/// What was said in a ticket that was merged into the one at hand.
#[derive(Debug, Clone)]
pub struct MergedThread {
    /// The ticket.
    pub ticket: Ticket,
    /// Whether the customer of the one at hand reads it too.
    pub sight: MergeSight,
    /// The conversation it came from, oldest first.
    pub turns: Vec<Turn>,
    /// Its replies and notes, oldest first.
    pub messages: Vec<Message>,
}

/// A link of a ticket, with the ticket at its other end.
#[derive(Debug, Clone)]
pub struct LinkRow {
    /// Its id.
    pub id: LinkId,
    /// What the other ticket is to the one at hand.
    pub end: LinkEnd,
    /// The other ticket.
    pub ticket: Ticket,
    /// When it was made.
    pub at: Timestamp,
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

    /// The id of a ticket by the number people call it, for what is done to it next.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read` and `tickets:write`, [`DeskError::NotFound`].
    pub async fn ticket_id(&self, principal: &Principal, number: i64) -> Result<TicketId, DeskError> {
        if !principal.may(Scope::TicketsRead) {
            Self::require(principal, Scope::TicketsWrite)?;
        }
        // Who writes without reading is looked at as in `ticket_of`.
        let ticket = self.0.store.find_ticket_by_number(&Principal::System, number).await?;
        let ticket = ticket.filter(|ticket| principal.sees_team(&ticket.team));
        Ok(ticket.ok_or(DeskError::NotFound)?.id)
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
        let merged = self.merged_threads(principal, &ticket).await?;
        let mut attachments = self.attachments_of(principal, &ticket.id).await?;
        for thread in &merged {
            attachments = attachments.and(self.attachments_of(principal, &thread.ticket.id).await?);
        }
        let mut history = self.history(principal, &ticket.id, None, TICKET_HISTORY_PER_PAGE_MAX).await?;
        history.rows.reverse();
        Ok(TicketView {
            customer: self.customer_of(&ticket).await?,
            assignee: self.assignee_of(&ticket).await?,
            organisation: self.organisation_name(&ticket).await?,
            identities: self.identities_in(principal, &ticket).await?,
            sla: self.sla_of(principal, &ticket.id).await?,
            messages: self.0.store.list_messages(principal, &ticket.id).await?,
            attachments,
            waiting: self.0.store.list_waiting_replies(principal, &ticket.id).await?,
            history: history.rows,
            history_next: history.next,
            tried: tried(&turns),
            merged_into: self
                .number_of(principal, ticket.handling.merged.as_ref().map(|it| &it.into))
                .await?,
            split_from: self.number_of(principal, ticket.handling.split_from.as_ref()).await?,
            merged,
            links: self.link_rows(principal, &ticket.id).await?,
            followers: self.0.store.users_of(&ticket.handling.followers).await?,
            suggestions,
            turns,
            ticket,
        })
    }

    async fn number_of(
        &self,
        principal: &Principal,
        id: Option<&TicketId>,
    ) -> Result<Option<i64>, DeskError> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.0.store.find_ticket(principal, id).await?.map(|ticket| ticket.number))
    }

    /// What was said in the tickets that were merged into one: who reads that one reads them, customers only their own.
    async fn merged_threads(
        &self,
        principal: &Principal,
        into: &Ticket,
    ) -> Result<Vec<MergedThread>, DeskError> {
        let is_team = principal.ticket_reader().is_team() || *principal == Principal::System;
        let mut threads = vec![];
        for ticket in self.0.store.tickets_merged_into(principal, &into.id).await? {
            let sight = if is_shared(&ticket, into) { MergeSight::Shared } else { MergeSight::Internal };
            if !is_team && sight == MergeSight::Internal {
                continue;
            }
            let turns = match &ticket.conversation_id {
                Some(id) => self.0.store.list_turns(&Principal::System, id).await?,
                None => vec![],
            };
            let mut messages = self.0.store.list_messages(&Principal::System, &ticket.id).await?;
            messages.retain(|message| match message.kind {
                MessageKind::Reply => true,
                MessageKind::Note => is_team,
                // What was typed of who somebody is, and not what happened to that ticket.
                MessageKind::Event => is_team && message.author == Author::Customer,
            });
            threads.push(MergedThread { ticket, sight, turns, messages });
        }
        Ok(threads)
    }

    async fn link_rows(&self, principal: &Principal, id: &TicketId) -> Result<Vec<LinkRow>, DeskError> {
        let links = self.0.store.list_ticket_links(principal, id).await?;
        let others: Vec<TicketId> =
            links.iter().filter_map(|link| link.seen_from(id)).map(|(_, other)| other.clone()).collect();
        let seen = self.0.store.tickets_of(principal, &others).await?;
        let row = |link: &Link| {
            let (end, other) = link.seen_from(id)?;
            let ticket = seen.iter().find(|ticket| ticket.id == *other)?.clone();
            Some(LinkRow { id: link.id.clone(), end, ticket, at: link.at })
        };
        Ok(links.iter().filter_map(row).collect())
    }

    pub(crate) async fn ticket_row(
        &self,
        principal: &Principal,
        ticket: Ticket,
    ) -> Result<TicketRow, DeskError> {
        let customer = self.customer_of(&ticket).await?;
        let assignee = self.assignee_of(&ticket).await?;
        let sla = self.sla_of(principal, &ticket.id).await?;
        let organisation = self.organisation_name(&ticket).await?;
        Ok(TicketRow { ticket, customer, assignee, organisation, sla })
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

    async fn organisation_name(&self, ticket: &Ticket) -> Result<Option<String>, DeskError> {
        match &ticket.organisation_id {
            Some(id) => Ok(self.0.store.find_organisation(id).await?.map(|organisation| organisation.name)),
            None => Ok(None),
        }
    }

    async fn identities_in(
        &self,
        principal: &Principal,
        ticket: &Ticket,
    ) -> Result<Vec<Identity>, DeskError> {
        match &ticket.customer_id {
            Some(id) if principal.may(Scope::CustomersRead) => {
                let mut found = self.0.store.identities_of(&BTreeSet::from([id.clone()])).await?;
                Ok(found.remove(id).unwrap_or_default())
            }
            _ => Ok(vec![]),
        }
    }

    async fn assignee_of(&self, ticket: &Ticket) -> Result<Option<String>, DeskError> {
        match &ticket.assignee_id {
            Some(id) => Ok(self.0.store.find_user(id).await?.map(|user| user.name)),
            None => Ok(None),
        }
    }
}
