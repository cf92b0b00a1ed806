//! Ending a bulk job before its time, and taking it back: of each ticket the properties that the job changed and that nobody has
//! changed since. What was written or sent stays.

use domain::{
    AuditAction, BulkJob, BulkJobId, BulkJobState, BulkKept, BulkPart, BulkStanding, BulkTicket,
    BulkUndoState, FieldOf, FieldValue, Principal, Scope, StatusState, TAGS_MAX, Ticket, UNDO_WITHIN_MS,
    Writer,
};
use serde_json::json;

use super::run::check_merged;
use crate::{Desk, DeskError, audit::RecordedTx};

impl Desk {
    /// Ends a job of one's own, or anybody's with `admin` and the sight of all tickets. What it has changed stays, and can be
    /// undone.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Conflict`] for one that is at its
    /// end or is undone.
    pub async fn cancel_bulk_job(&self, principal: &Principal, id: &BulkJobId) -> Result<BulkJob, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let mut tx = self.begin(principal).await?;
        let job = bulk_job_of(&mut tx, principal, id).await?;
        if !matches!(job.state, BulkJobState::Waiting | BulkJobState::Running) {
            return Err(DeskError::Conflict(format!(
                "a job that is {} cannot be cancelled",
                job.state.as_str()
            )));
        }
        let job = self.end_bulk_job(&mut tx, job, BulkJobState::Cancelled, None).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Lets the worker undo a job, with the rights that who asks has then. One whose undoing stopped goes on.
    ///
    /// # Errors
    /// As [`Desk::cancel_bulk_job`]; [`DeskError::Conflict`] for one that is not at its end, ended over a day ago, was undone or
    /// changed nothing, and for who has too many jobs that are not at their end.
    pub async fn undo_bulk_job(&self, principal: &Principal, id: &BulkJobId) -> Result<BulkJob, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let undoer = Writer::of(principal).ok_or(DeskError::Forbidden)?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let job = bulk_job_of(&mut tx, principal, id).await?;
        let refused = |why: String| Err(DeskError::Conflict(why));
        match job.state {
            BulkJobState::Finished | BulkJobState::Stopped | BulkJobState::Cancelled => {}
            BulkJobState::Undone => return refused("this was undone already".to_owned()),
            state => return refused(format!("a job that is {} cannot be undone", state.as_str())),
        }
        if job.undo_until().is_some_and(|until| now > until) {
            let hours = UNDO_WITHIN_MS / (60 * 60 * 1_000);
            return refused(format!("this can be undone for {hours} hours only"));
        }
        if job.counts.n_done == 0 {
            return refused("this job changed no ticket".to_owned());
        }
        self.check_bulk_load(&mut tx, &undoer, 0).await?;
        let job = BulkJob {
            state: BulkJobState::Undoing,
            stopped: None,
            undoer: Some(undoer),
            undo_began_at: job.undo_began_at.or(Some(now)),
            ..job
        };
        tx.update_bulk_job(&job).await?;
        tx.record(AuditAction::BulkJobUndoBegun, id, json!({ "n_tickets": job.counts.n_done }));
        self.tell_bulk_job(&mut tx, &job).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Puts a ticket back as far as it can be.
    pub(super) async fn put_back_one(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        job: &BulkJob,
        row: &mut BulkTicket,
    ) -> Result<(), DeskError> {
        let by = self.author(principal).await?;
        let before = Self::ticket_of(tx, principal, &row.ticket_id).await?;
        check_merged(&before)?;
        let mut after = before.clone();
        row.kept.clear();
        for part in &row.change.parts {
            let reason = match part.standing(&before) {
                BulkStanding::AsBefore => continue,
                BulkStanding::Changed => Some("it was changed since".to_owned()),
                BulkStanding::AsLeft => self.why_kept(tx, principal, part, &after).await?,
            };
            match reason {
                None => after = part.put_back(after, self.now()),
                Some(reason) => row.kept.push(BulkKept { field: part.field().key().into_owned(), reason }),
            }
        }
        let mut keep = |field: &str, reason: &str| {
            row.kept.push(BulkKept { field: field.to_owned(), reason: reason.to_owned() });
        };
        let has_written = row.change.n_notes + row.change.n_replies > 0;
        if has_written {
            keep("messages", "what was written or sent stays");
        } else if row.change.parts.is_empty() {
            keep("ticket", "what it was is forgotten: its customer was erased");
        }
        row.undo = match row.kept.len() {
            0 => BulkUndoState::Undone,
            n_kept if n_kept >= row.change.parts.len() + usize::from(has_written) => BulkUndoState::Kept,
            _ => BulkUndoState::Partly,
        };
        if after != before {
            tx.record(AuditAction::TicketBulkUndone, &before.id, json!({ "job_id": job.id }));
            self.note_bulk_job(tx, &before.id, &by, (Some(&job.id), None)).await?;
            self.save_ticket(tx, &before, after, &by).await?;
        }
        Ok(())
    }

    /// Why a property cannot be what it was before; nothing where it can.
    async fn why_kept(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        part: &BulkPart,
        after: &Ticket,
    ) -> Result<Option<String>, DeskError> {
        let refused = match part {
            BulkPart::Priority { .. } | BulkPart::Snoozed { .. } | BulkPart::TagAdded { .. } => None,
            BulkPart::TagRemoved { .. } if after.tags.len() >= TAGS_MAX => {
                Some(format!("it has {TAGS_MAX} tags already"))
            }
            BulkPart::TagRemoved { .. } => None,
            BulkPart::Status { from, .. } => {
                let known = tx.statuses().await?;
                let is_used = known
                    .iter()
                    .any(|status| status.key == from.key() && status.state != StatusState::Retired);
                (!is_used).then(|| format!("{} is retired", from.key()))
            }
            BulkPart::Team { from, .. } => refusal(Self::check_team(tx, principal, from).await)?,
            BulkPart::Assignee { from: Some(id), .. } => refusal(self.check_assignee(id).await)?,
            BulkPart::Assignee { from: None, .. } => None,
            BulkPart::Field { key, from, .. } => {
                let fields = tx.fields(FieldOf::Ticket).await?;
                let is_asked_for =
                    fields.iter().any(|field| field.key == *key && field.is_asked_for(FieldOf::Ticket));
                let is_gone = match from {
                    Some(FieldValue::Customer(id)) => tx.customer(id).await?.is_none(),
                    Some(FieldValue::Organisation(id)) => tx.organisation(id).await?.is_none(),
                    _ => false,
                };
                match (is_asked_for, is_gone) {
                    (false, _) => Some("the field is retired".to_owned()),
                    (true, true) => Some("who it named is gone".to_owned()),
                    (true, false) => None,
                }
            }
        };
        Ok(refused)
    }
}

/// A job of one's own, or anybody's for who sees all.
async fn bulk_job_of(
    tx: &mut RecordedTx,
    principal: &Principal,
    id: &BulkJobId,
) -> Result<BulkJob, DeskError> {
    let found = tx.bulk_job(id).await?;
    found.filter(|job| Desk::sees_bulk_job(principal, job)).ok_or(DeskError::NotFound)
}

/// What is wrong with a value, as a reason. What went wrong otherwise is passed on.
fn refusal(checked: Result<(), DeskError>) -> Result<Option<String>, DeskError> {
    match checked {
        Ok(()) => Ok(None),
        Err(DeskError::Invalid { message, .. }) => Ok(Some(message)),
        Err(error) => Err(error),
    }
}
