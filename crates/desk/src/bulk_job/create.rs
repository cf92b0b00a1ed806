//! Making a bulk job: its tickets are read at one moment and written down in parts, so that nobody who writes waits for all of
//! them.

use domain::{
    ActionsOf, AuditAction, BULK_JOBS_OPEN_MAX, BULK_TICKETS_MAX, BULK_TICKETS_PER_DAY_MAX, BulkCounts,
    BulkJob, BulkJobId, BulkJobState, BulkStop, Event, Principal, Scope, Timestamp, Writer,
};
use serde_json::{Value, json};

use super::select::{BulkSelection, check_me};
use crate::{
    Desk, DeskError,
    audit::{RecordedTx, Unrecorded},
};

/// Tickets that one transaction writes down: some ten milliseconds of the only writer.
const TICKETS_PER_PART: usize = 1_000;
/// How long writing them down may take; who takes longer is gone, in milliseconds.
const GATHERING_MS: i64 = 10 * 60 * 1_000;
const DAY_MS: i64 = 86_400_000;

/// A bulk job to be made.
#[derive(Debug, Clone)]
pub struct NewBulkJob {
    /// For which tickets.
    pub which: BulkSelection,
    /// What it does, as JSON, as in a macro.
    pub actions: Vec<Value>,
    /// How many tickets its maker has in mind. The job is refused when there are over a tenth more or fewer.
    pub expected_count: Option<usize>,
}

impl Desk {
    /// Makes a bulk job. The worker does it, with the rights that its maker has then.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`; [`DeskError::Invalid`] for what are no actions, no selection, no tickets
    /// or too many; [`DeskError::Conflict`] when there are not about as many as expected, and for who has
    /// [`BULK_JOBS_OPEN_MAX`] jobs that are not at their end or [`BULK_TICKETS_PER_DAY_MAX`] tickets in a day.
    pub async fn create_bulk_job(
        &self,
        principal: &Principal,
        new: NewBulkJob,
    ) -> Result<BulkJob, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let writer = Writer::of(principal).ok_or(DeskError::Forbidden)?;
        let ids = self.selected(principal, &new.which).await?;
        check_count(&new, ids.len())?;
        let holder = self.holder(principal).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let actions =
            self.checked_actions(&mut tx, (principal, &holder), &new.actions, ActionsOf::Macro).await?;
        check_me(principal, &actions)?;
        self.check_bulk_load(&mut tx, &writer, ids.len()).await?;
        let mut job = BulkJob {
            id: BulkJobId::new(self.id()),
            writer,
            filter: match &new.which {
                BulkSelection::Filter(filter) => Some(filter.to_string()),
                BulkSelection::Tickets(_) => None,
            },
            actions,
            state: BulkJobState::Gathering,
            stopped: None,
            counts: BulkCounts { n_tickets: count(ids.len()), ..BulkCounts::default() },
            undoer: None,
            undo_reached: 0,
            created_at: now,
            started_at: None,
            ended_at: None,
            undo_began_at: None,
            undone_at: None,
        };
        tx.insert_bulk_job(&job).await?;
        let kinds: Vec<&str> = job.actions.iter().map(domain::Action::kind).collect();
        let details = json!({ "n_tickets": job.counts.n_tickets, "actions": kinds, "by": new.which.field() });
        tx.record(AuditAction::BulkJobCreated, &job.id, details);
        let mut first = 1;
        let mut parts = ids.chunks(TICKETS_PER_PART).peekable();
        while let Some(part) = parts.next() {
            tx.insert_bulk_tickets(&job.id, first, part).await?;
            first += count(part.len());
            if parts.peek().is_some() {
                tx.commit().await?;
                tx = self.begin_unrecorded(principal, Unrecorded::Bookkeeping).await?;
            }
        }
        job.state = BulkJobState::Waiting;
        tx.update_bulk_job(&job).await?;
        self.tell_bulk_job(&mut tx, &job).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Refuses who has too much under way.
    pub(super) async fn check_bulk_load(
        &self,
        tx: &mut RecordedTx,
        writer: &Writer,
        n_tickets: usize,
    ) -> Result<(), DeskError> {
        let load = tx.bulk_load(writer, Timestamp(self.now().0 - DAY_MS)).await?;
        if load.n_open >= BULK_JOBS_OPEN_MAX {
            let message = format!("{BULK_JOBS_OPEN_MAX} of your jobs are not at their end; wait for one");
            return Err(DeskError::Conflict(message));
        }
        if load.n_tickets + n_tickets > BULK_TICKETS_PER_DAY_MAX {
            let message = format!("more than {BULK_TICKETS_PER_DAY_MAX} tickets in the jobs of a day");
            return Err(DeskError::Conflict(message));
        }
        Ok(())
    }

    /// Stops a job whose maker was gone before its tickets were written down.
    pub(super) async fn stop_interrupted(&self, id: &BulkJobId) -> Result<(), DeskError> {
        let now = self.now();
        let mut tx = self.begin(&Principal::System).await?;
        let found = tx.bulk_job(id).await?;
        let found = found
            .filter(|job| job.state == BulkJobState::Gathering && job.created_at.0 + GATHERING_MS < now.0);
        let Some(job) = found else { return tx.rollback().await };
        self.end_bulk_job(&mut tx, job, BulkJobState::Stopped, Some(BulkStop::Interrupted)).await?;
        tx.commit().await
    }

    /// Brings a job to its end, or stops it.
    pub(super) async fn end_bulk_job(
        &self,
        tx: &mut RecordedTx,
        job: BulkJob,
        state: BulkJobState,
        stopped: Option<BulkStop>,
    ) -> Result<BulkJob, DeskError> {
        let was_undoing = job.state == BulkJobState::Undoing;
        let now = self.now();
        let mut job = BulkJob { state, stopped, ..job };
        match state {
            BulkJobState::Undone => job.undone_at = Some(now),
            // What stops while it is undone has ended long before.
            _ => job.ended_at = job.ended_at.or(Some(now)),
        }
        tx.update_bulk_job(&job).await?;
        let counts = job.counts;
        let details = match was_undoing {
            true => {
                json!({ "n_undone": counts.n_undone, "n_partly": counts.n_partly, "n_kept": counts.n_kept,
                        "stopped": stopped.map(BulkStop::as_str) })
            }
            false => {
                json!({ "n_done": counts.n_done, "n_unchanged": counts.n_unchanged, "n_failed": counts.n_failed,
                        "stopped": stopped.map(BulkStop::as_str) })
            }
        };
        let action = match state {
            BulkJobState::Undone => AuditAction::BulkJobUndone,
            BulkJobState::Cancelled => AuditAction::BulkJobCancelled,
            _ => AuditAction::BulkJobEnded,
        };
        tx.record(action, &job.id, details);
        self.tell_bulk_job(tx, &job).await?;
        Ok(job)
    }

    /// Tells who made a job how far it is.
    pub(super) async fn tell_bulk_job(&self, tx: &mut RecordedTx, job: &BulkJob) -> Result<(), DeskError> {
        let (job_id, writer, state) = (job.id.clone(), job.writer.clone(), job.state);
        tx.emit(&Event::BulkJobChanged { job_id, writer, state }, self.now()).await?;
        Ok(())
    }
}

/// Refuses a selection of none or too many, and one of which its maker had another idea.
fn check_count(new: &NewBulkJob, n: usize) -> Result<(), DeskError> {
    let field = new.which.field();
    if n == 0 {
        return Err(DeskError::invalid(field, "no ticket matches"));
    }
    if n > BULK_TICKETS_MAX {
        let message = format!("more than {BULK_TICKETS_MAX} tickets match, the most of one job; narrow it");
        return Err(DeskError::invalid(field, message));
    }
    let Some(expected) = new.expected_count else { return Ok(()) };
    if n.abs_diff(expected) > expected.div_ceil(10) {
        let message = format!(
            "{n} tickets match, {expected} were expected, which is over a tenth more or fewer; look again, then send what you expect"
        );
        return Err(DeskError::Conflict(message));
    }
    Ok(())
}

pub(super) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The ticket of a job that was named and is none of theirs, or is there no more: the two are not told apart.
pub(super) fn no_such_ticket() -> String {
    "there is no such ticket".to_owned()
}

/// How many tickets of a job lie between two events: at most a hundred events, and none for small jobs but at their ends.
pub(super) fn events_step(job: &BulkJob) -> i64 {
    const AT_LEAST: i64 = 100;
    (job.counts.n_tickets / 100).max(AT_LEAST)
}
