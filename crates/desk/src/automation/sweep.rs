//! Rules that are tried as time passes: again and again, on what their conditions admit, once on each ticket until somebody
//! touches it.

use std::collections::BTreeSet;

use domain::{Occasion, Principal, Rule, RuleState, Then, TicketId, Trigger};

use super::settle::Settling;
use crate::{Desk, DeskError, audit::Unrecorded};

/// Tickets on which one sweep lets a rule act; the next sweep takes the rest.
const TICKETS_PER_RULE: usize = 100;

impl Desk {
    /// Lets the rules that are tried as time passes act. Returns on how many tickets they did. Two processes may do so at once:
    /// each ticket is taken once.
    ///
    /// # Errors
    /// Those of the database. A ticket that cannot be saved does not keep the others waiting; the first error is returned once
    /// all were tried.
    pub async fn run_time_rules(&self) -> Result<usize, DeskError> {
        let rules = self.0.store.list_rules().await?.into_iter().map(|(rule, _)| rule);
        let rules: Vec<Rule> =
            rules.filter(|rule| rule.state == RuleState::Active && rule.trigger == Trigger::Time).collect();
        self.keep_floors(&rules);
        let (mut n_taken, mut failed) = (0, None);
        // Tickets that a rule took for itself, in this sweep.
        let mut stopped: BTreeSet<TicketId> = BTreeSet::new();
        for rule in rules {
            let ctx = self.filter_context_of_nobody();
            let floor = self.rule_floor(&rule).await?;
            for id in self.0.store.list_tickets_for_rule(&rule, &ctx, floor, TICKETS_PER_RULE).await? {
                if stopped.contains(&id) {
                    continue;
                }
                match self.run_time_rule(&rule, &id).await {
                    Ok(false) => {}
                    Ok(true) => {
                        n_taken += 1;
                        if rule.then == Then::Stop {
                            stopped.insert(id);
                        }
                    }
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
        }
        failed.map_or(Ok(n_taken), Err)
    }

    /// Lets a rule act on one ticket, if it still may: what is true was read before the transaction. Whether it did.
    async fn run_time_rule(&self, rule: &Rule, id: &TicketId) -> Result<bool, DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        let Some(before) = tx.ticket(id).await? else { return Ok(false) };
        let is_as_it_was = self.rule_book(&mut tx).await?.timed.contains(rule);
        let people = tx.people_in(&before).await?;
        let facts = people.facts(&before);
        let is_due = rule.condition.matches(facts, &self.filter_context_of_nobody());
        if !is_as_it_was || !is_due || !tx.mark_ticket(&rule.id, id, self.now()).await? {
            return Ok(false);
        }
        let after = self.apply_rule(&mut tx, rule, &before).await?;
        if after != before {
            let mut occasion = Occasion::of([], &before, &after);
            for change in &mut occasion.changes {
                change.by.insert(rule.id.clone());
            }
            let what = Settling { by: Some(rule), ..Settling::after(&before, occasion) };
            Box::pin(self.settle(&mut tx, after, what)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
