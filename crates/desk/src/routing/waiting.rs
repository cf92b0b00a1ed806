//! Tickets that wait: for somebody who can take them, or for the agent who has them and has not touched them.

use domain::{AssignmentMode, Occasion, Principal, TicketId, TicketRouting};

use super::route::{is_due, settled};
use crate::{Desk, DeskError, audit::Unrecorded, automation::settle::Settling, sweep::Sweep};

/// Tickets that one sweep of the worker looks at; the next sweep takes the rest.
const TICKETS_PER_SWEEP: i64 = 100;
/// How often a ticket is taken from agents who do not touch it. Then it stays with the last one: to go on would move it in
/// circles, and somebody has to look why.
const ROUNDS_MAX: u32 = 5;

impl Desk {
    /// Looks at the tickets whose time has come. Returns how many they were. Two processes may do so at once.
    ///
    /// # Errors
    /// Those of the database. One that cannot be read does not keep the others waiting.
    pub async fn route_waiting(&self) -> Result<usize, DeskError> {
        let mut sweep = Sweep::new(TICKETS_PER_SWEEP);
        while let Some(limit) = sweep.next_round() {
            for id in sweep.untried(self.0.store.list_due_routing(self.now(), limit).await?) {
                let done = self.look_at(&id).await;
                sweep.note(id, done.map(|()| true));
            }
        }
        sweep.outcome()
    }

    async fn look_at(&self, id: &TicketId) -> Result<(), DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        let routing = tx.ticket_routing(id).await?;
        let Some(ticket) = tx.ticket(id).await? else { return Ok(()) };
        if !is_due(&routing, self.now()) {
            return Ok(());
        }
        let settings = tx.team_routing(&ticket.team).await?;
        if settings.assignment == AssignmentMode::Manual || !ticket.is_waiting() {
            tx.save_ticket_routing(id, &settled(routing)).await?;
            return tx.commit().await;
        }
        let routing = match &ticket.assignee_id {
            None => routing,
            Some(_) if routing.n_rounds >= ROUNDS_MAX => {
                tx.save_ticket_routing(id, &settled(routing)).await?;
                return tx.commit().await;
            }
            Some(assignee) => {
                let mut passed = routing.passed;
                passed.insert(assignee.clone());
                TicketRouting { passed, ..routing }
            }
        };
        // Whoever has it keeps it when nobody else can take it.
        let after = self.give(&mut tx, ticket.clone(), ticket.clone(), &settings, routing).await?;
        let occasion = Occasion::of([], &ticket, &after);
        let what = Settling { routed: Some(&after), ..Settling::after(&ticket, occasion) };
        Box::pin(self.settle(&mut tx, after.clone(), what)).await?;
        tx.commit().await
    }
}
