//! Moving the clocks of tickets, in the transaction of the change that moves them, and by the worker when only time passes.

use std::sync::Arc;

use domain::{
    Calendar, Event, FilterContext, Occasion, Principal, Priority, SlaClock, SlaEvent, SlaHours, SlaPolicy,
    SlaSignal, SlaSignalKind, SlaTerms, Ticket, TicketId, Timestamp,
};
use store::StoredClock;

use crate::{
    Desk, DeskError,
    audit::{RecordedTx, Unrecorded},
    automation::settle::{Settling, rule_events},
    sweep::Sweep,
};

/// Events of a ticket's life that are replayed when a policy first holds for it. Later ones of a ticket with more are not
/// looked at; its status counts all the same.
const LIFE_EVENTS_MAX: i64 = 2_000;
/// Clocks that one sweep of the worker looks at; the next sweep takes the rest.
const CLOCKS_PER_SWEEP: i64 = 100;

impl Desk {
    /// Moves the clocks of a ticket: for a message, for what changed, for time that has passed, and for another policy that
    /// holds from now on. What they say is told in the same transaction, so each warning and miss is told once.
    ///
    /// Gives what they said, so that rules can hear of it. A ticket for which no policy ever held has no clocks. When one first
    /// does, they are set by what has happened to it.
    pub(crate) async fn move_clocks(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: &Ticket,
        message: Option<SlaEvent>,
    ) -> Result<Vec<SlaSignal>, DeskError> {
        let (signals, _) = self.moved_clocks(tx, before, after, message).await?;
        for signal in &signals {
            tx.emit(&event(after, signal), self.now()).await?;
        }
        Ok(signals)
    }

    /// Sets the clocks of a ticket that was imported, by its life elsewhere. Of what was missed there nobody is told: it is no
    /// news. What is still ahead is told when its time comes.
    pub(crate) async fn set_clocks_of_imported(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: &Ticket,
    ) -> Result<(), DeskError> {
        self.moved_clocks(tx, before, after, None).await.map(|_| ())
    }

    /// Moves the clocks of a ticket. Gives what is to be told, and whether it stands otherwise by them.
    async fn moved_clocks(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: &Ticket,
        message: Option<SlaEvent>,
    ) -> Result<(Vec<SlaSignal>, bool), DeskError> {
        let stored = tx.sla_clock(&after.id).await?;
        let policies = tx.sla_policies().await?;
        if stored.is_none() && policies.is_empty() {
            return Ok((vec![], false));
        }
        let now = self.now();
        let ctx = self.filter_context_of_nobody();
        let holds = policy_that_holds(tx, &policies, after, &ctx).await?;
        let mut signals = vec![];
        let mut clock = match stored {
            Some(StoredClock { policy_id, state }) => {
                let held = policies.iter().find(|policy| Some(&policy.id) == policy_id.as_ref());
                let terms = terms(tx, held, before.priority).await?;
                let mut clock = SlaClock::restored(state, terms);
                if let Some(message) = message {
                    signals.extend(clock.apply(now, message));
                }
                if before.status != after.status {
                    signals.extend(clock.apply(now, SlaEvent::Status(after.status)));
                }
                clock
            }
            None if holds.is_none() => return Ok((vec![], false)),
            None => replayed(tx, after, now).await?,
        };
        let terms = terms(tx, holds, after.priority).await?;
        signals.extend(clock.apply(now, SlaEvent::Terms(terms)));
        let readings: Vec<_> = clock.readings(now).collect();
        let stored =
            StoredClock { policy_id: holds.map(|policy| policy.id.clone()), state: clock.state().clone() };
        let differs = tx.save_sla_clock(&after.id, &stored, clock.next_signal_at(), &readings).await?;
        Ok((signals, differs))
    }

    /// Tells the warnings and misses whose time has come, and reads the clocks anew whose policy or schedule changed. Returns
    /// at how many tickets it looked. Two processes may do so at once: each is told once.
    ///
    /// # Errors
    /// Those of the database. One that cannot be read does not keep the others from being told.
    pub async fn tell_due_clocks(&self) -> Result<usize, DeskError> {
        let mut sweep = Sweep::new(CLOCKS_PER_SWEEP);
        while let Some(limit) = sweep.next_round() {
            for id in sweep.untried(self.0.store.list_due_sla_clocks(self.now(), limit).await?) {
                let done = self.tell_clock(&id).await;
                sweep.note(id, done.map(|()| true));
            }
        }
        sweep.outcome()
    }

    async fn tell_clock(&self, id: &TicketId) -> Result<(), DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Derived).await?;
        let Some(ticket) = tx.ticket(id).await? else { return Ok(()) };
        let (signals, differs) = self.moved_clocks(&mut tx, &ticket, &ticket, None).await?;
        for signal in &signals {
            tx.emit(&event(&ticket, signal), self.now()).await?;
        }
        if differs && signals.is_empty() {
            // What is searched by filter holds it too.
            tx.emit(&Event::TicketClocksSet { ticket_id: id.clone() }, self.now()).await?;
        }
        if !signals.is_empty() {
            let occasion = Occasion { events: rule_events(&signals), changes: vec![] };
            Box::pin(self.settle(&mut tx, ticket.clone(), Settling::after(&ticket, occasion))).await?;
        }
        tx.commit().await
    }
}

/// The first policy whose condition admits a ticket.
async fn policy_that_holds<'p>(
    tx: &mut RecordedTx,
    policies: &'p [SlaPolicy],
    ticket: &Ticket,
    ctx: &FilterContext,
) -> Result<Option<&'p SlaPolicy>, DeskError> {
    if policies.is_empty() {
        return Ok(None);
    }
    let people = tx.people_in(ticket).await?;
    let facts = people.facts(ticket);
    Ok(policies.iter().find(|policy| policy.condition.matches(facts, ctx)))
}

async fn terms(
    tx: &mut RecordedTx,
    policy: Option<&SlaPolicy>,
    priority: Priority,
) -> Result<SlaTerms, DeskError> {
    let Some(policy) = policy else { return Ok(SlaTerms::none()) };
    let calendar = match &policy.hours {
        SlaHours::WallTime => Calendar::WallTime,
        SlaHours::Schedule { schedule_id } => {
            let schedule = tx.schedule(schedule_id).await?.ok_or(DeskError::NotFound)?;
            Calendar::Schedule(Arc::new(schedule))
        }
    };
    Ok(SlaTerms::of(policy, priority, calendar))
}

/// The clocks of a ticket as what has happened to it until now sets them, this transaction included.
async fn replayed(tx: &mut RecordedTx, ticket: &Ticket, now: Timestamp) -> Result<SlaClock, DeskError> {
    let mut clock = SlaClock::opened(ticket.created_at, SlaTerms::none());
    for (at, event) in tx.ticket_life(&ticket.id, LIFE_EVENTS_MAX).await? {
        clock.apply(at, event);
    }
    // Changes from before there was a history are known by where the ticket stands.
    let at = ticket.solved_at.filter(|_| ticket.status.is_done()).unwrap_or(now);
    clock.apply(at, SlaEvent::Status(ticket.status));
    Ok(clock)
}

fn event(ticket: &Ticket, signal: &SlaSignal) -> Event {
    let (ticket_id, metric) = (ticket.id.clone(), signal.metric);
    match signal.kind {
        SlaSignalKind::Warned => Event::SlaWarned { ticket_id, metric },
        SlaSignalKind::Breached => Event::SlaBreached { ticket_id, metric },
    }
}
