//! Doing a bulk job beside the requests: each ticket in a transaction of its own, with its state, so that a process that dies
//! neither loses one nor does one twice.

use std::time::Duration;

use domain::{
    AuditAction, Author, BulkChange, BulkJob, BulkJobId, BulkJobState, BulkKept, BulkStop, BulkTicket,
    BulkTicketState, BulkUndoState, HistoryEntry, HistoryId, MessageKind, Principal, Scope, Ticket,
    TicketField, TicketId, Writer,
};
use serde_json::json;

use super::create::{events_step, no_such_ticket};
use crate::{
    Desk, DeskError,
    audit::{RecordedTx, Unrecorded},
};

/// Jobs that one round goes on with: three of each of some three hundred people.
const JOBS_PER_ROUND: usize = 1_000;
/// Tickets of one job in a round: then the next job has its turn, so that a large one keeps nobody's small one waiting.
const TICKETS_PER_ROUND: usize = 20;
/// Rest between two rounds, so that neither the processor nor the writer is busy with jobs alone. Between two tickets whoever waits for
/// the writer has it.
const REST: Duration = Duration::from_millis(100);

/// How a job went on.
enum Step {
    /// A ticket was looked at.
    Went,
    /// There is nothing more to do.
    Ended,
}

impl Desk {
    /// Goes on with all jobs, in rounds, until none is left.
    ///
    /// # Errors
    /// Those of the database. What is left is done at the next call.
    pub(crate) async fn work_off_bulk_jobs(&self) -> Result<(), DeskError> {
        while self.run_bulk_jobs().await? > 0 {
            tokio::time::sleep(REST).await;
        }
        Ok(())
    }

    /// Goes on with each job by a few tickets. Gives how many were looked at. Two processes may do so at once: each ticket is
    /// done once.
    ///
    /// # Errors
    /// Those of the database. A job that cannot go on does not keep the others; the first error is returned once all were tried.
    pub async fn run_bulk_jobs(&self) -> Result<usize, DeskError> {
        let (mut n_tickets, mut failed) = (0, None);
        for job in self.0.store.list_open_bulk_jobs(JOBS_PER_ROUND).await? {
            if job.state == BulkJobState::Gathering {
                if let Err(error) = self.stop_interrupted(&job.id).await {
                    failed = failed.or(Some(error));
                }
                continue;
            }
            for _ in 0..TICKETS_PER_ROUND {
                match Box::pin(self.step_bulk_job(&job.id)).await {
                    Ok(Step::Went) => n_tickets += 1,
                    Ok(Step::Ended) => break,
                    Err(error) => {
                        failed = failed.or(Some(error));
                        break;
                    }
                }
            }
        }
        failed.map_or(Ok(n_tickets), Err)
    }

    /// Does the next ticket of a job, or ends it.
    async fn step_bulk_job(&self, id: &BulkJobId) -> Result<Step, DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        let Some(mut job) = tx.bulk_job(id).await? else { return Ok(Step::Ended) };
        let is_undone = match job.state {
            BulkJobState::Waiting | BulkJobState::Running => false,
            BulkJobState::Undoing => true,
            _ => return Ok(Step::Ended),
        };
        let principal = match self.bulk_doer(&mut tx, job.doer()).await? {
            Ok(principal) => principal,
            Err(why) => {
                self.end_bulk_job(&mut tx, job, BulkJobState::Stopped, Some(why)).await?;
                tx.commit().await?;
                return Ok(Step::Ended);
            }
        };
        tx.act_for(&principal);
        let Some(mut ticket) = next_of(&mut tx, &job).await? else {
            let end = if is_undone { BulkJobState::Undone } else { BulkJobState::Finished };
            self.end_bulk_job(&mut tx, job, end, None).await?;
            tx.commit().await?;
            return Ok(Step::Ended);
        };
        let done = match is_undone {
            false => self.change_one(&mut tx, &principal, &job, &mut ticket).await,
            true => self.put_back_one(&mut tx, &principal, &job, &mut ticket).await,
        };
        let is_as_it_was = ticket.state == BulkTicketState::Unchanged && !is_undone;
        if done.is_err() || is_as_it_was {
            // What was written of the ticket goes, such as that it left the archive; what became of it stays.
            tx.rollback().await?;
            let reason = done.err().map(reason_of).transpose()?;
            tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
            let Some(now) = tx.bulk_job(id).await?.filter(|now| now.state == job.state) else {
                return Ok(Step::Ended);
            };
            job = now;
            let next = next_of(&mut tx, &job).await?;
            if next.is_none_or(|next| next.position != ticket.position) {
                // Another process has done it meanwhile.
                return Ok(Step::Went);
            }
            if let Some(reason) = reason {
                failed(&job, &mut ticket, reason);
            }
        }
        count_one(&mut job, &ticket);
        if job.state == BulkJobState::Waiting {
            (job.state, job.started_at) = (BulkJobState::Running, Some(self.now()));
            self.tell_bulk_job(&mut tx, &job).await?;
        } else if ticket.position % events_step(&job) == 0 {
            self.tell_bulk_job(&mut tx, &job).await?;
        }
        tx.update_bulk_ticket(id, &ticket).await?;
        tx.update_bulk_job(&job).await?;
        tx.commit().await?;
        Ok(Step::Went)
    }

    /// In whose name a job goes on, with the rights that they have now.
    async fn bulk_doer(
        &self,
        tx: &mut RecordedTx,
        writer: &Writer,
    ) -> Result<Result<Principal, BulkStop>, DeskError> {
        Ok(match self.writer_now(tx, writer).await? {
            None => Err(BulkStop::DoerGone),
            Some(principal) if !principal.may(Scope::TicketsWrite) => Err(BulkStop::NotAllowed),
            Some(principal) => Ok(principal),
        })
    }

    /// Does the actions of a job to one of its tickets: all, or none.
    async fn change_one(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        job: &BulkJob,
        row: &mut BulkTicket,
    ) -> Result<(), DeskError> {
        let doer = self.doer(principal).await?;
        let before = Self::ticket_of(tx, principal, &row.ticket_id).await?;
        check_merged(&before)?;
        let plan = self.whole_plan(tx, &doer, &before, &job.actions).await?;
        if plan.does_nothing(&before) {
            row.state = BulkTicketState::Unchanged;
            return Ok(());
        }
        tx.record(AuditAction::TicketBulkChanged, &before.id, json!({ "job_id": job.id }));
        self.note_bulk_job(tx, &before.id, &doer.by, (None, Some(&job.id))).await?;
        let (after, messages) = self.carry_out(tx, &doer.by, &before, plan).await?;
        let n_of = |kind| messages.iter().filter(|message| message.kind == kind).count();
        row.state = BulkTicketState::Done;
        row.change = BulkChange::of(&before, &after, n_of(MessageKind::Note), n_of(MessageKind::Reply));
        Ok(())
    }

    /// Notes in the history of a ticket that a job changed it, or was undone.
    pub(super) async fn note_bulk_job(
        &self,
        tx: &mut RecordedTx,
        ticket_id: &TicketId,
        by: &Author,
        (from, to): (Option<&BulkJobId>, Option<&BulkJobId>),
    ) -> Result<(), DeskError> {
        let entry = HistoryEntry {
            id: HistoryId::new(self.id()),
            ticket_id: ticket_id.clone(),
            at: self.now(),
            by: by.clone(),
            field: TicketField::BulkJob,
            from: from.map(ToString::to_string),
            to: to.map(ToString::to_string),
        };
        Ok(tx.insert_history(&entry).await?)
    }
}

/// The next ticket of a job.
async fn next_of(tx: &mut RecordedTx, job: &BulkJob) -> Result<Option<BulkTicket>, DeskError> {
    Ok(match job.state {
        BulkJobState::Undoing => tx.next_bulk_ticket_to_undo(&job.id, job.undo_reached).await?,
        _ => tx.next_bulk_ticket(&job.id).await?,
    })
}

/// Refuses a ticket that is no work of its own any more.
pub(super) fn check_merged(ticket: &Ticket) -> Result<(), DeskError> {
    match &ticket.handling.merged {
        None => Ok(()),
        Some(_) => Err(DeskError::Conflict("it is merged into another ticket".to_owned())),
    }
}

/// Why a ticket failed, in words that are told to who made the job.
///
/// # Errors
/// What is no fault of the ticket's and will be over: the job goes on later.
fn reason_of(error: DeskError) -> Result<String, DeskError> {
    Ok(match error {
        error @ (DeskError::Busy | DeskError::StorageFull) => return Err(error),
        DeskError::NotFound | DeskError::Forbidden => no_such_ticket(),
        DeskError::Invalid { field: "actions", message } | DeskError::Conflict(message) => message,
        error @ (DeskError::Invalid { .. } | DeskError::TooLarge { .. }) => error.to_string(),
        error => {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot change a ticket of a bulk job");
            "something went wrong; the log of the server says what".to_owned()
        }
    })
}

fn failed(job: &BulkJob, ticket: &mut BulkTicket, reason: String) {
    if job.state == BulkJobState::Undoing {
        ticket.undo = BulkUndoState::Kept;
        ticket.kept = vec![BulkKept { field: "ticket".to_owned(), reason }];
    } else {
        ticket.state = BulkTicketState::Failed;
        ticket.reason = Some(reason);
    }
}

/// Counts what became of a ticket.
fn count_one(job: &mut BulkJob, ticket: &BulkTicket) {
    let counts = &mut job.counts;
    if job.state == BulkJobState::Undoing {
        job.undo_reached = ticket.position;
        match ticket.undo {
            BulkUndoState::Undone => counts.n_undone += 1,
            BulkUndoState::Partly => counts.n_partly += 1,
            BulkUndoState::Kept => counts.n_kept += 1,
            BulkUndoState::None => {}
        }
        return;
    }
    match ticket.state {
        BulkTicketState::Done => counts.n_done += 1,
        BulkTicketState::Unchanged => counts.n_unchanged += 1,
        BulkTicketState::Failed => counts.n_failed += 1,
        BulkTicketState::Waiting => {}
    }
}
