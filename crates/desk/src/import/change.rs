//! Tickets that were imported before and have changed in the other system since.

use domain::{Author, Handling, Ticket};
use ingest::ParsedTicket;
use store::ImportedTicket;

use super::ticket::Batch;
use crate::{DeskError, audit::RecordedTx, message::reply::first_reply};

impl Batch<'_> {
    /// Takes over what has changed. Where somebody has changed the ticket here meanwhile, it stays, but for what was said since.
    pub(super) async fn change(
        &mut self,
        tx: &mut RecordedTx,
        place: usize,
        parsed: &ParsedTicket,
        hash: String,
        imported: &ImportedTicket,
    ) -> Result<(), DeskError> {
        // One that was put away stays as it is.
        let Some(before) = tx.ticket(&imported.ticket_id).await? else {
            self.report.n_kept += 1;
            return Ok(());
        };
        let Some(wanted) = self.ticket(tx, place, parsed).await? else {
            self.report.n_kept += 1;
            return Ok(());
        };
        let is_ours = before.revision == imported.revision;
        self.report.n_customers += self.people.write(self.desk, tx, &self.import.source).await?.len();
        let after = if is_ours { taken_over(&before, self.belonging(wanted)) } else { before.clone() };
        let messages = self.messages(parsed, &after);
        let n_messages = usize::try_from(tx.add_messages(&messages).await?).unwrap_or(usize::MAX);
        self.report.n_messages += n_messages;
        let replied_at = first_reply(&messages);
        if !is_ours {
            tx.note_first_reply(&before.id, replied_at).await?;
            self.report.n_kept += 1;
            let revision = ImportedTicket { hash, changed_at: parsed.updated_at, ..imported.clone() };
            self.taken.push(revision);
            return Ok(());
        }
        let mut after = after;
        if after != before {
            after.revision += 1;
            tx.update_ticket(&after).await?;
            self.desk.write_history(tx, &before, &after, &Author::System).await?;
            self.desk.note_touch(tx, &before, &after, &Author::System).await?;
            after = self.desk.route_changed(tx, &before, after).await?;
        }
        tx.note_first_reply(&after.id, replied_at).await?;
        if n_messages > 0 && !after.status.is_done() {
            // What was said meanwhile was said at its own time.
            tx.forget_sla_clock(&after.id).await?;
        }
        if !after.status.is_done() || !before.status.is_done() {
            self.desk.set_clocks_of_imported(tx, &before, &after).await?;
        }
        self.report.n_changed += 1;
        self.remember(parsed, hash, &after);
        Ok(())
    }
}

/// The ticket with what the other system says of it now. What routing decided here stays where the other system names nobody, and
/// a ticket stays its organisation's while it is the same customer's.
fn taken_over(before: &Ticket, wanted: Ticket) -> Ticket {
    let customer_id = wanted.customer_id.clone().or_else(|| before.customer_id.clone());
    let kept = before.organisation_id.clone().filter(|_| customer_id == before.customer_id);
    let first_replied_at = before.handling.first_replied_at;
    Ticket {
        handling: Handling { first_replied_at, ..wanted.handling },
        organisation_id: kept.or_else(|| wanted.organisation_id.clone()),
        id: before.id.clone(),
        number: before.number,
        conversation_id: before.conversation_id.clone(),
        assignee_id: wanted.assignee_id.clone().or_else(|| before.assignee_id.clone()),
        customer_id,
        summary: before.summary.clone(),
        revision: before.revision,
        ..wanted
    }
}
