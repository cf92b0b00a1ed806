//! Snoozed tickets: out of the queues until a time, or until the customer writes.

use domain::{Author, Event, Principal, SNOOZE_DAYS_MAX, Ticket, TicketId, TicketStatus, Timestamp};

use crate::{
    Desk, DeskError,
    audit::{RecordedTx, Unrecorded},
    sweep::Sweep,
};

/// Tickets that one sweep of the worker wakes; the next sweep takes the rest.
const TICKETS_PER_SWEEP: i64 = 100;

impl Desk {
    /// Wakes the tickets whose time has come. Returns how many. Two processes may do so at once: each is woken once.
    ///
    /// # Errors
    /// Those of the database. One that cannot be woken does not keep the others asleep; the first error is returned once all
    /// were tried.
    pub async fn wake_snoozed(&self) -> Result<usize, DeskError> {
        let mut sweep = Sweep::new(TICKETS_PER_SWEEP);
        while let Some(limit) = sweep.next_round() {
            for id in sweep.untried(self.0.store.list_due_snoozes(self.now(), limit).await?) {
                let done = self.wake_if_due(&id).await;
                sweep.note(id, done);
            }
        }
        sweep.outcome()
    }

    /// Wakes a ticket, unless somebody has meanwhile.
    async fn wake_if_due(&self, id: &TicketId) -> Result<bool, DeskError> {
        let now = self.now();
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        let Some(ticket) = tx.ticket(id).await? else { return Ok(false) };
        if ticket.handling.snoozed_until.is_none_or(|until| until > now) {
            return Ok(false);
        }
        tx.emit(&Event::TicketWoken { ticket_id: id.clone() }, now).await?;
        self.save_woken(&mut tx, &ticket, &Author::System).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Stores a ticket that is no longer snoozed and waits for the team.
    pub(crate) async fn save_woken(
        &self,
        tx: &mut RecordedTx,
        ticket: &Ticket,
        by: &Author,
    ) -> Result<Ticket, DeskError> {
        self.save_ticket(tx, ticket, woken(ticket), by).await
    }
}

/// The same ticket, in the queues again: open, unless nobody has answered it yet.
pub(crate) fn woken(ticket: &Ticket) -> Ticket {
    let mut woken = ticket.clone();
    if !matches!(ticket.status, TicketStatus::New | TicketStatus::Open) {
        woken = woken.with_status(TicketStatus::Open, None);
    }
    woken.handling.snoozed_until = None;
    woken
}

/// Checks a time until which a ticket shall be snoozed.
///
/// # Errors
/// [`DeskError::Invalid`] for one that is past or further away than [`SNOOZE_DAYS_MAX`]; [`DeskError::Conflict`] for a ticket
/// that is done.
pub(crate) fn check_snooze(ticket: &Ticket, until: Timestamp, now: Timestamp) -> Result<(), DeskError> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    if until <= now {
        return Err(DeskError::invalid("snoozed_until", "this time is past"));
    }
    if until.0 - now.0 > SNOOZE_DAYS_MAX * DAY_MS {
        return Err(DeskError::invalid("snoozed_until", format!("at most {SNOOZE_DAYS_MAX} days from now")));
    }
    if ticket.status.is_done() {
        let status = ticket.status.as_str();
        return Err(DeskError::Conflict(format!(
            "a ticket that is {status} is in no queue, so it is not snoozed"
        )));
    }
    Ok(())
}
