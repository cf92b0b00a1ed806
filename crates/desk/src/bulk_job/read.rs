//! Reading bulk jobs: one's own, and everybody's for admins; and forgetting old ones.

use std::collections::HashMap;

use domain::{
    BULK_KEPT_MS, BulkJob, BulkJobId, BulkTicket, Principal, Scope, TicketId, TicketSight, Timestamp, Writer,
};
use store::BulkTicketsAsked;

use crate::{Desk, DeskError, audit::Unrecorded};

/// Most jobs on one page.
pub const BULK_JOBS_PER_PAGE_MAX: usize = 100;
/// Most tickets on one page: rows are small, and a job has many.
pub const BULK_TICKETS_PER_PAGE_MAX: usize = 1_000;
/// Rows that one transaction forgets.
const FORGOTTEN_PER_ROUND: usize = 5_000;

/// A page of jobs.
#[derive(Debug, Clone)]
pub struct BulkJobPage {
    /// The jobs, the newest first.
    pub jobs: Vec<BulkJob>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<BulkJobId>,
}

/// A page of the tickets of a job.
#[derive(Debug, Clone)]
pub struct BulkTicketPage {
    /// The tickets, in their order.
    pub rows: Vec<BulkTicketRow>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<i64>,
}

/// A ticket of a job.
#[derive(Debug, Clone)]
pub struct BulkTicketRow {
    /// What became of it.
    pub ticket: BulkTicket,
    /// What people call it; absent for who does not see it.
    pub number: Option<i64>,
}

impl Desk {
    /// Jobs, the newest first: one's own, or everybody's with `admin` and the sight of all tickets.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn list_bulk_jobs(
        &self,
        principal: &Principal,
        before: Option<&BulkJobId>,
        limit: usize,
    ) -> Result<BulkJobPage, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let limit = limit.clamp(1, BULK_JOBS_PER_PAGE_MAX);
        let writer = Writer::of(principal);
        let own = writer.as_ref().filter(|_| !sees_all_jobs(principal));
        let mut jobs = self.0.store.list_bulk_jobs(own, before, limit + 1).await?;
        let has_more = jobs.len() > limit;
        jobs.truncate(limit);
        let next = jobs.last().filter(|_| has_more).map(|job| job.id.clone());
        Ok(BulkJobPage { jobs, next })
    }

    /// A job.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`] for one that is not theirs to see.
    pub async fn bulk_job(&self, principal: &Principal, id: &BulkJobId) -> Result<BulkJob, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let found = self.0.store.find_bulk_job(id).await?;
        found.filter(|job| Self::sees_bulk_job(principal, job)).ok_or(DeskError::NotFound)
    }

    /// The tickets of a job.
    ///
    /// # Errors
    /// As [`Desk::bulk_job`].
    pub async fn bulk_job_tickets(
        &self,
        principal: &Principal,
        id: &BulkJobId,
        asked: BulkTicketsAsked,
    ) -> Result<BulkTicketPage, DeskError> {
        self.bulk_job(principal, id).await?;
        let limit = asked.limit.clamp(1, BULK_TICKETS_PER_PAGE_MAX);
        let asked = BulkTicketsAsked { limit: limit + 1, ..asked };
        let mut tickets = self.0.store.list_bulk_tickets(id, &asked).await?;
        let has_more = tickets.len() > limit;
        tickets.truncate(limit);
        let next = tickets.last().filter(|_| has_more).map(|ticket| ticket.position);
        let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.ticket_id.clone()).collect();
        let seen = self.0.store.tickets_of(principal, &ids).await?;
        let numbers: HashMap<TicketId, i64> =
            seen.into_iter().map(|ticket| (ticket.id, ticket.number)).collect();
        let rows = tickets
            .into_iter()
            .map(|ticket| BulkTicketRow { number: numbers.get(&ticket.ticket_id).copied(), ticket });
        Ok(BulkTicketPage { rows: rows.collect(), next })
    }

    /// Whether a job is somebody's to see.
    pub(super) fn sees_bulk_job(principal: &Principal, job: &BulkJob) -> bool {
        sees_all_jobs(principal) || Writer::of(principal).as_ref() == Some(&job.writer)
    }

    /// Forgets jobs that were made long ago and have ended.
    pub(crate) async fn forget_bulk_jobs(&self) -> Result<(), DeskError> {
        let before = Timestamp(self.now().0 - BULK_KEPT_MS);
        loop {
            let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
            let is_more = tx.forget_bulk_jobs(before, FORGOTTEN_PER_ROUND).await?;
            tx.commit().await?;
            if !is_more {
                return Ok(());
            }
        }
    }
}

/// A job tells how many tickets there are of teams that somebody may not see.
fn sees_all_jobs(principal: &Principal) -> bool {
    principal.may(Scope::Admin) && principal.sight() == TicketSight::All
}
