//! Keeping the index of tickets true to the database: following what happened, building, comparing.

use std::{
    collections::{BTreeSet, HashMap},
    sync::OnceLock,
};

use domain::{
    ConversationId, Customer, CustomerId, Event, ImportBatchId, Principal, Ticket, TicketId, TurnContent,
};
use search::{Reached, TICKET_TEXT_BYTES_MAX, TicketDifferences, TicketIndex, TicketText};
use store::{OutboxEntry, TicketSaid};

use crate::{Desk, DeskError};

/// Events that one commit of the index takes. A round with fewer is the last: what happens next has the next commit.
const EVENTS_PER_COMMIT: i64 = 200;
/// Tickets read at a time; with the most text that each may have, what a build holds in memory.
const TICKETS_PER_PAGE: i64 = 200;
/// Tickets that one commit takes while the index is built: what an interruption costs is half a minute.
const TICKETS_PER_COMMIT: usize = 50_000;

/// The index of tickets, where this process has opened it, and who writes it.
#[derive(Default)]
pub struct IndexedTickets {
    index: OnceLock<TicketIndex>,
    /// Held while the index is written, so that events are applied in order.
    in_order: tokio::sync::Mutex<()>,
}

/// How far a build of the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketProgress {
    /// Tickets that it holds.
    pub n_tickets: u64,
    /// Tickets that there are, about: the number of the newest one when it began.
    pub n_all: u64,
}

impl IndexedTickets {
    /// The index.
    ///
    /// # Errors
    /// [`DeskError::Busy`] where it has not been opened.
    pub(super) fn get(&self) -> Result<&TicketIndex, DeskError> {
        self.index.get().ok_or(DeskError::Busy)
    }
}

impl Desk {
    /// Searches tickets by this index from now on. The first one that is handed in stays.
    pub fn set_ticket_index(&self, index: TicketIndex) {
        let _ = self.0.tickets.index.set(index);
    }

    /// Brings the index of tickets to where the events stand. An index that is not complete, or whose place among the
    /// events is forgotten, is built from the database first. Without an index, nothing is done.
    ///
    /// # Errors
    /// Those of the database and the index. What was committed stays; calling again goes on.
    pub async fn follow_tickets(
        &self,
        progress: &mut (dyn FnMut(TicketProgress) + Send),
    ) -> Result<(), DeskError> {
        let Ok(index) = self.0.tickets.get() else { return Ok(()) };
        let _in_order = self.0.tickets.in_order.lock().await;
        let seq = match index.reached() {
            Reached::Event(seq) if self.can_follow(seq).await? => seq,
            reached => self.build_tickets(index, reached, progress).await?,
        };
        self.apply_events(index, seq).await
    }

    /// Empties the index of tickets and builds it again from the database. Until it has ended, searches are refused.
    ///
    /// # Errors
    /// As [`Desk::follow_tickets`]. When it is stopped half way, the next start goes on.
    pub async fn rebuild_tickets(
        &self,
        progress: &mut (dyn FnMut(TicketProgress) + Send),
    ) -> Result<(), DeskError> {
        let index = self.0.tickets.get()?;
        let _in_order = self.0.tickets.in_order.lock().await;
        let seq = self.build_tickets(index, Reached::NOTHING, progress).await?;
        self.apply_events(index, seq).await
    }

    /// Takes the words of erased customers out of the files of the text indexes. Says whether nothing of them is left there. What is
    /// to do is remembered by the index of tickets itself, in the commit of the erasure's event.
    ///
    /// # Errors
    /// Those of the database and the indexes. Calling again goes on.
    pub async fn rewrite_indexes(&self) -> Result<bool, DeskError> {
        let Ok(index) = self.0.tickets.get() else { return Ok(true) };
        let Some(seq) = index.erased_by() else { return Ok(true) };
        let cannot = |error| DeskError::index("cannot take erased words out of the indexes", error);
        // Questions in their words were taken back with the erasure, by the change log.
        self.catch_up().await?;
        let is_clean =
            self.0.engine.rewrite().await.map_err(cannot)? & index.rewrite().await.map_err(cannot)?;
        if is_clean {
            index.forget_erased(seq).await.map_err(cannot)?;
        }
        Ok(is_clean)
    }

    /// Compares the index of tickets with the database.
    ///
    /// # Errors
    /// Those of the database and the index; [`DeskError::Busy`] where the index has not been opened.
    pub async fn verify_tickets(&self) -> Result<TicketDifferences, DeskError> {
        let index = self.0.tickets.get()?;
        let _in_order = self.0.tickets.in_order.lock().await;
        let mut differences = TicketDifferences::default();
        let mut after: Option<TicketId> = None;
        loop {
            let page =
                self.0.store.tickets_after(&Principal::System, after.as_ref(), TICKETS_PER_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            let states = page.into_iter().map(|ticket| (ticket.id, ticket.number, ticket.revision)).collect();
            let compared = index.compare(states, differences).await;
            differences =
                compared.map_err(|error| DeskError::failed("cannot compare the index of tickets", error))?;
        }
        Ok(index.compared(differences))
    }

    /// Whether every event after this one is still known. An event that has not happened is one of another database.
    async fn can_follow(&self, seq: i64) -> Result<bool, DeskError> {
        let last = self.0.store.last_event_seq().await?;
        Ok(seq <= last && self.first_forgotten(seq, last).await?.is_none())
    }

    /// Adds all tickets, or goes on where an earlier build has stopped. Gives the event whose state the index then has at
    /// least: events after it may be applied once more, which changes nothing.
    async fn build_tickets(
        &self,
        index: &TicketIndex,
        reached: Reached,
        progress: &mut (dyn FnMut(TicketProgress) + Send),
    ) -> Result<i64, DeskError> {
        let cannot = |error| DeskError::index("cannot build the index of tickets", error);
        let (seq, mut after) = match reached {
            Reached::Building { seq, after: Some(after) } if self.can_follow(seq).await? => {
                index.begin().await.map_err(cannot)?;
                (seq, Some(after))
            }
            _ => {
                let seq = self.0.store.last_event_seq().await?;
                index.clear(seq).await.map_err(cannot)?;
                (seq, None)
            }
        };
        let n_all = u64::try_from(self.0.store.last_ticket_number().await?).unwrap_or_default();
        let mut n_tickets = index.n_tickets();
        let mut n_waiting = 0;
        let mut page = self.page_of_tickets(after.as_ref()).await?;
        while let Some(last) = page.last() {
            after = Some(last.ticket.id.clone());
            let n_added = page.len();
            // The next page is read while this one is cut into words.
            let (added, next) = tokio::join!(index.add(page), self.page_of_tickets(after.as_ref()));
            added.map_err(cannot)?;
            page = next?;
            n_tickets += n_added as u64;
            n_waiting += n_added;
            if n_waiting >= TICKETS_PER_COMMIT {
                index.commit(Reached::Building { seq, after: after.clone() }).await.map_err(cannot)?;
                n_waiting = 0;
            }
            progress(TicketProgress { n_tickets, n_all });
        }
        // Who was erased meanwhile has an event that nobody reads any more.
        index.note_erased(seq);
        index.commit(Reached::Event(seq)).await.map_err(cannot)?;
        Ok(seq)
    }

    async fn page_of_tickets(&self, after: Option<&TicketId>) -> Result<Vec<TicketText>, DeskError> {
        let tickets = self.0.store.tickets_after(&Principal::System, after, TICKETS_PER_PAGE).await?;
        self.ticket_texts(tickets).await
    }

    async fn apply_events(&self, index: &TicketIndex, mut seq: i64) -> Result<(), DeskError> {
        loop {
            let entries = self.0.store.events_after(seq, EVENTS_PER_COMMIT).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            for entry in &entries {
                if let Event::TicketsImported { batch_id } = &entry.event {
                    self.apply_import(index, batch_id, seq).await?;
                }
            }
            seq = last.seq;
            // With the commit of these events it is remembered that their words are to leave the files, whatever happens then.
            let erased = |entry: &&OutboxEntry| matches!(entry.event, Event::CustomerErased { .. });
            if let Some(entry) = entries.iter().rfind(erased) {
                index.note_erased(entry.seq);
            }
            self.apply_customers(index, &entries).await?;
            let touched = self.touched_tickets(&entries).await?;
            self.apply_tickets(index, &touched.into_iter().collect::<Vec<_>>(), seq).await?;
            if (entries.len() as i64) < EVENTS_PER_COMMIT {
                return Ok(());
            }
        }
    }

    /// Puts the tickets of customers who changed into the index again, whose names and addresses stand in them: in pages, each of
    /// which is committed with the event before these, so that an interruption begins again with them.
    async fn apply_customers(&self, index: &TicketIndex, entries: &[OutboxEntry]) -> Result<(), DeskError> {
        let Some(first) = entries.first() else { return Ok(()) };
        let customers: BTreeSet<&CustomerId> = entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::CustomerChanged { customer_id } => Some(customer_id),
                _ => None,
            })
            .collect();
        let page = usize::try_from(TICKETS_PER_PAGE).unwrap_or(usize::MAX);
        let mut waiting = vec![];
        for customer in customers {
            let mut after: Option<TicketId> = None;
            loop {
                let ids =
                    self.0.store.ticket_ids_of_customer(customer, after.as_ref(), TICKETS_PER_PAGE).await?;
                let is_last = ids.len() < page;
                after = ids.last().cloned();
                waiting.extend(ids);
                if waiting.len() >= page {
                    self.apply_tickets(index, &std::mem::take(&mut waiting), first.seq - 1).await?;
                }
                if is_last {
                    break;
                }
            }
        }
        if waiting.is_empty() { Ok(()) } else { self.apply_tickets(index, &waiting, first.seq - 1).await }
    }

    /// Takes in what a batch of an import wrote, in pages. The index stays at the event before: stopped half way, the batch is
    /// taken in again, which changes nothing.
    async fn apply_import(
        &self,
        index: &TicketIndex,
        batch_id: &ImportBatchId,
        seq: i64,
    ) -> Result<(), DeskError> {
        let mut after: Option<TicketId> = None;
        loop {
            let page = self.0.store.tickets_of_batch(batch_id, after.as_ref(), TICKETS_PER_PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            self.apply_tickets(index, &page, seq).await?;
        }
    }

    /// Puts tickets into the index as they are now, and commits that with the event that is reached.
    async fn apply_tickets(&self, index: &TicketIndex, ids: &[TicketId], seq: i64) -> Result<(), DeskError> {
        let tickets = self.0.store.tickets_of(&Principal::System, ids).await?;
        let there: BTreeSet<&TicketId> = tickets.iter().map(|ticket| &ticket.id).collect();
        let gone = ids.iter().filter(|id| !there.contains(id)).cloned().collect();
        let texts = self.ticket_texts(tickets).await?;
        let applied = index.apply(texts, gone, seq).await;
        applied.map_err(|error| DeskError::index("cannot update the index of tickets", error))
    }

    /// The tickets that events tell of: their own, and those of conversations that went on.
    async fn touched_tickets(&self, entries: &[OutboxEntry]) -> Result<BTreeSet<TicketId>, DeskError> {
        let mut tickets = BTreeSet::new();
        let mut conversations: BTreeSet<ConversationId> = BTreeSet::new();
        for entry in entries {
            match &entry.event {
                Event::TicketOpened { ticket_id }
                | Event::TicketChanged { ticket_id }
                | Event::TicketWoken { ticket_id }
                // How it stands to what is promised is what filters ask for.
                | Event::TicketClocksSet { ticket_id }
                | Event::SlaWarned { ticket_id, .. }
                | Event::SlaBreached { ticket_id, .. } => {
                    tickets.insert(ticket_id.clone());
                }
                Event::TurnAdded { conversation_id } => {
                    conversations.insert(conversation_id.clone());
                }
                // Those are many: they are taken in pages of their own.
                Event::CustomerChanged { .. }
                | Event::CustomerErased { .. }
                | Event::OrganisationChanged { .. }
                | Event::TicketsImported { .. }
                | Event::HandoffRequested { .. }
                | Event::TicketMentioned { .. }
                | Event::ArticlePublished { .. }
                | Event::ArticleUnpublished { .. }
                | Event::BulkJobChanged { .. } => {}
            }
        }
        tickets.extend(self.0.store.tickets_of_conversations(&conversations).await?);
        Ok(tickets)
    }

    /// Tickets with their customers and what was said in them.
    async fn ticket_texts(&self, tickets: Vec<Ticket>) -> Result<Vec<TicketText>, DeskError> {
        let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
        let mut said = self.0.store.said_in(&Principal::System, &ids, TICKET_TEXT_BYTES_MAX).await?;
        let customers: BTreeSet<CustomerId> =
            tickets.iter().filter_map(|ticket| ticket.customer_id.clone()).collect();
        let customers = self.0.store.customers_of(&customers).await?;
        let customers: HashMap<CustomerId, Customer> =
            customers.into_iter().map(|customer| (customer.id.clone(), customer)).collect();
        let texts = tickets.into_iter().map(|ticket| {
            let said = said.remove(&ticket.id).unwrap_or_default();
            let customer = ticket.customer_id.as_ref().and_then(|id| customers.get(id).cloned());
            let (public, notes) = texts(said);
            TicketText { ticket, customer, public, notes }
        });
        Ok(texts.collect())
    }
}

/// What was said, as texts: what the customer may read, in the order of the ticket's life, and the team's notes.
pub(super) fn texts(said: TicketSaid) -> (Vec<String>, Vec<String>) {
    let turns = said.turns.into_iter().map(|turn| match turn {
        TurnContent::Customer { text } | TurnContent::Agent { text, .. } => text,
        TurnContent::Bot { turn, .. } => turn.text(),
    });
    (turns.chain(said.replies).collect(), said.notes)
}
