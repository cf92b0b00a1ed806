//! Trying a rule on past tickets: which it would have applied to, and what it would do to them now. Nothing is written.

use domain::{Principal, Rule, RuleId, Ticket, TicketField, TicketId, TicketSort, Trigger};
use store::{TicketQuery, Within};

use super::{
    action::{PlannedMessage, RefusedAction},
    rule::RuleInput,
    settle::doer,
};
use crate::{Desk, DeskError, audit::Unrecorded};

/// Most tickets that a dry run shows.
pub const DRY_RUN_MAX: usize = 50;
/// Tickets that are looked at for changes that a rule listens to.
const LOOKED_AT_MAX: usize = 200;
/// Changes of each of these that are looked at, the newest: what happened long before says little of how a rule would act.
const CHANGES_LOOKED_AT_MAX: usize = 500;

/// What a rule would do.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// How many tickets its condition admitted that were looked at, the newest first.
    pub n_looked_at: usize,
    /// Those to which it would apply.
    pub tickets: Vec<DryRunTicket>,
}

/// What a rule would do to a ticket.
#[derive(Debug, Clone)]
pub struct DryRunTicket {
    /// The ticket as it is.
    pub ticket: Ticket,
    /// The fields that would change, each with its value before and after.
    pub changes: Vec<(TicketField, Option<String>, Option<String>)>,
    /// What it would write.
    pub messages: Vec<PlannedMessage>,
    /// What it could not do.
    pub refused: Vec<RefusedAction>,
}

impl Desk {
    /// Tries a rule that is not kept, on tickets that this principal may read: none without `tickets:read`.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:rules`, [`DeskError::Invalid`] for what is no rule.
    pub async fn try_rule(
        &self,
        principal: &Principal,
        rule: RuleInput,
        limit: usize,
    ) -> Result<DryRun, DeskError> {
        Self::require_rules(principal)?;
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        let rule = self.checked_rule(&mut tx, principal, RuleId::new("dry-run"), rule).await?;
        tx.rollback().await?;
        self.dry_run(principal, &rule, limit).await
    }

    /// Tries a rule that is kept, whether it is active or not, likewise.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:rules`, [`DeskError::NotFound`].
    pub async fn try_kept_rule(
        &self,
        principal: &Principal,
        id: &RuleId,
        limit: usize,
    ) -> Result<DryRun, DeskError> {
        let (rule, _) = self.rule(principal, id).await?;
        self.dry_run(principal, &rule, limit).await
    }

    async fn dry_run(&self, principal: &Principal, rule: &Rule, limit: usize) -> Result<DryRun, DeskError> {
        let limit = limit.clamp(1, DRY_RUN_MAX);
        let listens = matches!(&rule.trigger, Trigger::Events { changed, .. } if !changed.is_empty());
        let query = TicketQuery {
            within: Within::Desk,
            filter: rule.condition.clone(),
            ctx: self.filter_context_of_nobody(),
            sort: TicketSort::NEWEST,
            group_by: None,
            after: None,
            limit: if listens { LOOKED_AT_MAX } else { limit },
        };
        let admitted = self.0.store.list_tickets(principal, &query).await?;
        let mut run = DryRun { n_looked_at: 0, tickets: vec![] };
        for ticket in admitted {
            if run.tickets.len() >= limit {
                break;
            }
            run.n_looked_at += 1;
            if self.has_changed_so(principal, rule, &ticket.id).await? {
                run.tickets.extend(self.try_on(principal, rule, &ticket.id).await?);
            }
        }
        Ok(run)
    }

    /// Whether all that a rule wants to have changed has changed once, at the same time, within the ticket's last changes.
    async fn has_changed_so(
        &self,
        principal: &Principal,
        rule: &Rule,
        id: &TicketId,
    ) -> Result<bool, DeskError> {
        let Trigger::Events { changed, .. } = &rule.trigger else { return Ok(true) };
        if changed.is_empty() {
            return Ok(true);
        }
        let history = self.0.store.list_ticket_history(principal, id, None, CHANGES_LOOKED_AT_MAX).await?;
        let together = |at| history.iter().filter(move |entry| entry.at == at);
        Ok(history.iter().any(|first| {
            changed.iter().all(|test| {
                together(first.at)
                    .any(|entry| test.admits(&entry.field, entry.from.as_deref(), entry.to.as_deref()))
            })
        }))
    }

    /// One transaction for each ticket: others write in between.
    async fn try_on(
        &self,
        principal: &Principal,
        rule: &Rule,
        id: &TicketId,
    ) -> Result<Option<DryRunTicket>, DeskError> {
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        let Some(ticket) = tx.ticket(id).await? else { return Ok(None) };
        let plan = self.plan(&mut tx, &doer(rule), &ticket, &rule.actions).await?;
        tx.rollback().await?;
        let changes = plan.changes(&ticket);
        Ok(Some(DryRunTicket { ticket, changes, messages: plan.messages, refused: plan.refused }))
    }
}
