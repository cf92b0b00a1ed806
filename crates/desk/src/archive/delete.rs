//! Deleting closed tickets at the age that the site says, wherever they are.

use std::collections::BTreeSet;

use domain::{
    AuditAction, Comparison, Condition, Event, Filter, Moment, Principal, Ticket, TicketId, TicketSort,
    TicketStatus, TimeField,
};
use serde_json::json;
use store::{TicketPlace, TicketQuery, Within};

use crate::{DeletionRule, Desk, DeskError, audit::RecordedTx};

/// Tickets that one transaction deletes: each with an entry of its own in the audit log and an event.
const DELETED_PER_ROUND: usize = 50;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Rounds of one sweep for one rule; the next sweep takes the rest.
const ROUNDS_PER_SWEEP: usize = 1_000;

impl Desk {
    /// Deletes closed tickets that are as old as a rule of the site says, unless they have a tag that keeps them. Gives how many.
    ///
    /// What is remembered of them goes too: the next version is learned without it.
    ///
    /// # Errors
    /// Those of the database, and [`DeskError::Invalid`] for a rule with a status or a field that is not there. What is deleted
    /// is gone; calling again goes on.
    pub async fn delete_old_tickets(&self) -> Result<usize, DeskError> {
        let mut n_deleted = 0;
        for rule in &self.0.config.retention.deletions {
            // A slip such as `-field.plna:pro` would delete every ticket.
            self.check_filter("retention.delete", &rule.filter).await?;
            for within in Within::ALL {
                // Some are passed over, and would be found first again and again.
                let mut after = None;
                for _ in 0..ROUNDS_PER_SWEEP {
                    let found = self.old_tickets(rule, within, after).await?;
                    n_deleted += self.delete_tickets(rule, within, &found).await?;
                    let Some(last) = found.get(DELETED_PER_ROUND - 1) else { break };
                    after = Some(TicketPlace::of((None, sort_of(rule)), last));
                }
            }
        }
        Ok(n_deleted)
    }

    /// Tickets of one place that a rule takes.
    async fn old_tickets(
        &self,
        rule: &DeletionRule,
        within: Within,
        after: Option<TicketPlace>,
    ) -> Result<Vec<Ticket>, DeskError> {
        let query = TicketQuery {
            within,
            filter: self.taken_by(rule),
            ctx: self.filter_context_of_nobody(),
            sort: sort_of(rule),
            group_by: None,
            after,
            limit: DELETED_PER_ROUND,
        };
        Ok(self.0.store.list_tickets(&Principal::System, &query).await?)
    }

    /// What a rule takes, as one filter.
    fn taken_by(&self, rule: &DeletionRule) -> Filter {
        let closed = Condition::Status(BTreeSet::from([TicketStatus::Closed]));
        let age = Moment::Ago(i64::from(rule.after_days) * DAY_MS);
        let old = Condition::Time(TimeField::Updated, Comparison::Less, age);
        let keep = &self.0.config.retention.keep_tags;
        let mut parts = match &rule.filter {
            Filter::All(parts) => parts.clone(),
            part => vec![part.clone()],
        };
        parts.extend([Filter::Is(closed), Filter::Is(old)]);
        if !keep.is_empty() {
            let kept = Condition::Tag(keep.iter().cloned().map(Some).collect());
            parts.push(Filter::Not(Box::new(Filter::Is(kept))));
        }
        Filter::All(parts)
    }

    async fn delete_tickets(
        &self,
        rule: &DeletionRule,
        within: Within,
        found: &[Ticket],
    ) -> Result<usize, DeskError> {
        if found.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin(&Principal::System).await?;
        let mut ids: Vec<TicketId> = Vec::with_capacity(found.len());
        for ticket in found {
            // One that was changed or moved since it was found is found by a later sweep, if it is still to go.
            let now = tx.ticket_within(&ticket.id, within).await?;
            if now.is_none_or(|now| now.revision != ticket.revision) {
                continue;
            }
            for ticket in self.with_merged(&mut tx, ticket).await? {
                let details = json!({ "number": ticket.number, "after_days": rule.after_days });
                tx.record(AuditAction::TicketDeleted, &ticket.id, details);
                tx.emit(&Event::TicketChanged { ticket_id: ticket.id.clone() }, self.now()).await?;
                ids.push(ticket.id);
            }
        }
        if ids.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        let mut files = vec![];
        for id in &ids {
            files.extend(tx.delete_attachments_of(id).await?);
            tx.forget_bulk_changes(id).await?;
        }
        for place in Within::ALL {
            tx.delete_tickets(&ids, place).await?;
        }
        tx.commit().await?;
        // From here on nobody reads them; a process that dies leaves them to the sweep.
        self.remove_files(&files).await?;
        Ok(ids.len())
    }

    /// A ticket that is to be deleted, with those that were merged into it: they are one, and go together. None where it is
    /// itself a part of another one that is there, and where any of them has a tag that keeps it.
    async fn with_merged(&self, tx: &mut RecordedTx, ticket: &Ticket) -> Result<Vec<Ticket>, DeskError> {
        if let Some(merged) = &ticket.handling.merged
            && anywhere(tx, &merged.into).await?.is_some()
        {
            return Ok(vec![]);
        }
        let mut all = vec![ticket.clone()];
        for id in tx.merged_into(&ticket.id).await? {
            all.extend(anywhere(tx, &id).await?);
        }
        let keep = &self.0.config.retention.keep_tags;
        let is_kept = all.iter().any(|ticket| ticket.tags.iter().any(|tag| keep.contains(tag)));
        Ok(if is_kept { vec![] } else { all })
    }
}

/// A ticket of either place, left where it is.
async fn anywhere(tx: &mut RecordedTx, id: &TicketId) -> Result<Option<Ticket>, DeskError> {
    for within in Within::ALL {
        if let Some(ticket) = tx.ticket_within(id, within).await? {
            return Ok(Some(ticket));
        }
    }
    Ok(None)
}

/// The tickets of one tag are in the order of creation; all others are found by their last change.
fn sort_of(rule: &DeletionRule) -> TicketSort {
    let order = if names_one_tag(&rule.filter) { "created" } else { "updated" };
    TicketSort::parse(order).unwrap_or(TicketSort::NEWEST)
}

/// Whether a filter asks for one tag and perhaps for more.
fn names_one_tag(filter: &Filter) -> bool {
    let is_tag = |filter: &Filter| matches!(filter, Filter::Is(Condition::Tag(tags)) if matches!(tags.as_slice(), [Some(_)]));
    match filter {
        Filter::All(parts) => parts.iter().any(is_tag),
        filter => is_tag(filter),
    }
}
