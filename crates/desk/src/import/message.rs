//! Messages that an export keeps apart from their tickets.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Event, ImportBatchId, Message, Principal, TicketId};
use ingest::{DESCRIPTION, ParsedMessage};
use store::ImportedTicket;

use super::{
    TicketImport, TicketImportReport,
    author::{Said, Team},
    id::message_id,
    resolve::People,
};
use crate::{
    Desk, DeskError, ImportRun,
    audit::{RecordedTx, Unrecorded},
    message::reply::first_reply,
};

impl Desk {
    /// Imports messages of tickets that were imported, in one transaction. The first one of a ticket is mostly its description once
    /// more, which is there already.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets, and those of the
    /// database; then nothing was written.
    pub async fn import_messages(
        &self,
        principal: &Principal,
        import: &TicketImport,
        messages: &[ParsedMessage],
    ) -> Result<TicketImportReport, DeskError> {
        Self::require_import(principal)?;
        let team = Team::new(self.0.store.list_users().await?);
        let mut report = TicketImportReport::default();
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Imported).await?;
        let of: BTreeSet<&str> = messages.iter().map(|message| message.ticket_id.as_str()).collect();
        let known = tx.imported_tickets(&import.source, &of.into_iter().collect::<Vec<_>>()).await?;
        let ids: Vec<&str> = known.values().map(|ticket| ticket.ticket_id.as_str()).collect();
        let erased: BTreeSet<TicketId> = tx.erased_among(&ids).await?.into_iter().collect();
        let people =
            People::read(&mut tx, &import.source, messages.iter().map(|message| &message.author)).await?;
        let mut of_tickets: BTreeMap<&str, Vec<&ParsedMessage>> = BTreeMap::new();
        for (place, message) in messages.iter().enumerate() {
            match known.get(&message.ticket_id) {
                None => report.refuse(place, format!("ticket {} was not imported", message.ticket_id)),
                Some(ticket) if erased.contains(&ticket.ticket_id) => report.n_kept += 1,
                Some(_) if message.created_at.is_some_and(|at| self.is_ahead(at)) => {
                    report.refuse(place, "it lies in the future");
                }
                Some(_) => of_tickets.entry(&message.ticket_id).or_default().push(message),
            }
        }
        let mut touched = vec![];
        for (ticket_id, said) in of_tickets {
            let ticket = &known[ticket_id];
            if self.add_said(&mut tx, import, ticket, &said, &team, &people, &mut report).await? {
                touched.push(ticket.clone());
            }
        }
        if !touched.is_empty() {
            let batch_id = ImportBatchId::new(self.id());
            tx.save_imported_tickets(&import.source, &batch_id, &touched).await?;
            tx.emit(&Event::TicketsImported { batch_id }, self.now()).await?;
        }
        match import.run {
            ImportRun::Write => tx.commit().await?,
            ImportRun::DryRun => tx.rollback().await?,
        }
        Ok(report)
    }

    /// Adds what was said in one ticket. Says whether anything was new.
    #[expect(clippy::too_many_arguments, reason = "a batch, and what it is read with")]
    async fn add_said(
        &self,
        tx: &mut RecordedTx,
        import: &TicketImport,
        imported: &ImportedTicket,
        said: &[&ParsedMessage],
        team: &Team,
        people: &People,
        report: &mut TicketImportReport,
    ) -> Result<bool, DeskError> {
        let Some(ticket) = tx.ticket(&imported.ticket_id).await? else {
            report.n_kept += said.len();
            return Ok(false);
        };
        let of = Said {
            source: &import.source,
            ticket_id: &ticket.id,
            requester: None,
            customer_id: ticket.customer_id.as_ref(),
            created_at: ticket.created_at,
        };
        let first = message_id(&import.source, &imported.external_id, DESCRIPTION, ticket.created_at);
        let there = tx.messages(&ticket.id).await?;
        let description = there.iter().find(|message| message.id == first);
        let is_description = |message: &Message, plain: &str| {
            description.is_some_and(|description| {
                description.author == message.author && is_same_text(&description.body, plain)
            })
        };
        let mut new = vec![];
        for parsed in said {
            match of.message(parsed, team, people) {
                Some(message) if !is_description(&message, &parsed.plain) => new.push(message),
                _ => report.n_unchanged += 1,
            }
        }
        tx.note_first_reply(&ticket.id, first_reply(&new)).await?;
        let n_added = usize::try_from(tx.add_messages(&new).await?).unwrap_or(usize::MAX);
        report.n_unchanged += new.len() - n_added;
        report.n_new += n_added;
        report.n_messages += n_added;
        if n_added > 0 && !ticket.status.is_done() && ticket.revision == imported.revision {
            // The clocks were set without it.
            tx.forget_sla_clock(&ticket.id).await?;
            self.set_clocks_of_imported(tx, &ticket, &ticket).await?;
        }
        Ok(n_added > 0)
    }
}

/// Whether two texts have the same words.
fn is_same_text(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}
