//! Bulk jobs: who made them, what they do, how far they are.

use domain::{Actions, ActionsOf, BulkCounts, BulkJob, BulkJobId, BulkJobState, BulkStop, Timestamp, Writer};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{Bound, sql},
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, writer, writer_id, filter, actions_json, state, stopped, n_tickets, n_done, n_unchanged, \
     n_failed, n_undone, n_partly, n_kept, undoer, undoer_id, undo_reached, created_at_ms, started_at_ms, ended_at_ms, \
     undo_began_at_ms, undone_at_ms";
/// As the index of open jobs says it.
const IS_OPEN: &str = "state IN ('gathering', 'waiting', 'running', 'undoing')";

/// What somebody's jobs come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkLoad {
    /// Jobs that are not at their end.
    pub n_open: usize,
    /// Tickets of all jobs since a time.
    pub n_tickets: usize,
}

impl Store {
    /// A job, whoever made it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_bulk_job(&self, id: &BulkJobId) -> Result<Option<BulkJob>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM bulk_jobs WHERE id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        query.fetch_optional(&mut *self.reader().await?).await?.as_ref().map(bulk_job).transpose()
    }

    /// Jobs before one of them, the newest first: those of somebody, or everybody's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_bulk_jobs(
        &self,
        writer: Option<&Writer>,
        before: Option<&BulkJobId>,
        limit: usize,
    ) -> Result<Vec<BulkJob>, StoreError> {
        let text = listed(writer.is_some());
        let mut query = sqlx::query(sql(text)).bind(before.map(BulkJobId::as_str)).bind(row::to_int(limit));
        if let Some(writer) = writer {
            query = query.bind(writer.id().to_owned()).bind(writer.kind());
        }
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(bulk_job).collect()
    }

    /// Jobs that are not at their end, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_open_bulk_jobs(&self, limit: usize) -> Result<Vec<BulkJob>, StoreError> {
        let query = sqlx::query(sql(open())).bind(row::to_int(limit));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(bulk_job).collect()
    }

    /// How the database finds open jobs, somebody's jobs, the next ticket of a job, those in a state and those of a ticket: each
    /// with its name, one step a line, as it explains itself.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn explain_bulk_jobs(&self) -> Result<Vec<(&'static str, Vec<String>)>, StoreError> {
        use crate::bulk_ticket as ticket;
        let mut plans = vec![];
        for (name, text) in [
            ("open", open()),
            ("somebody's", listed(true)),
            ("next", ticket::next()),
            ("next to undo", ticket::next_to_undo()),
            ("in a state", ticket::listed(true, false)),
            ("of a ticket", ticket::FORGET.to_owned()),
        ] {
            let bind = |query: Bound<'static>| match name {
                "open" => query.bind(10_i64),
                "somebody's" => query.bind("z").bind(10_i64).bind("ada").bind("person"),
                "next" => query.bind("j"),
                "next to undo" => query.bind("j").bind(1_i64),
                "in a state" => query.bind("j").bind(1_i64).bind(10_i64).bind("failed"),
                _ => query.bind("t"),
            };
            plans.push((name, self.explain(&text, bind).await?));
        }
        Ok(plans)
    }
}

impl WriteTx {
    /// A job, whoever made it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn bulk_job(&mut self, id: &BulkJobId) -> Result<Option<BulkJob>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM bulk_jobs WHERE id = $1");
        let found = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        found.as_ref().map(bulk_job).transpose()
    }

    /// What somebody's jobs come to; tickets count of jobs that were made since then.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn bulk_load(&mut self, writer: &Writer, since: Timestamp) -> Result<BulkLoad, StoreError> {
        let text = format!(
            "SELECT COUNT(CASE WHEN {IS_OPEN} THEN 1 END) AS n_open, \
             CAST(COALESCE(SUM(CASE WHEN created_at_ms >= $3 THEN n_tickets ELSE 0 END), 0) AS BIGINT) AS n_tickets \
             FROM bulk_jobs WHERE writer_id = $1 AND writer = $2"
        );
        let found = sqlx::query(sql(text))
            .bind(writer.id())
            .bind(writer.kind())
            .bind(since.0)
            .fetch_one(self.connection())
            .await?;
        Ok(BulkLoad { n_open: row::number(&found, "n_open")?, n_tickets: row::number(&found, "n_tickets")? })
    }

    /// Adds a job, without its tickets.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there.
    pub async fn insert_bulk_job(&mut self, new: &BulkJob) -> Result<(), StoreError> {
        let query = sqlx::query(
            "INSERT INTO bulk_jobs (id, state, stopped, n_tickets, n_done, n_unchanged, n_failed, n_undone, n_partly, \
             n_kept, undoer, undoer_id, undo_reached, started_at_ms, ended_at_ms, undo_began_at_ms, undone_at_ms, \
             writer, writer_id, filter, actions_json, created_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) \
             ON CONFLICT DO NOTHING",
        );
        let done = changing(query, new)
            .bind(new.writer.kind())
            .bind(new.writer.id())
            .bind(new.filter.as_deref())
            .bind(row::to_json(&new.actions.to_json())?)
            .bind(new.created_at.0)
            .execute(self.connection())
            .await?;
        inserted(done.rows_affected(), "this bulk job is already there")
    }

    /// Stores how far a job is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_bulk_job(&mut self, job: &BulkJob) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE bulk_jobs SET state = $2, stopped = $3, n_tickets = $4, n_done = $5, n_unchanged = $6, n_failed = $7, \
             n_undone = $8, n_partly = $9, n_kept = $10, undoer = $11, undoer_id = $12, undo_reached = $13, \
             started_at_ms = $14, ended_at_ms = $15, undo_began_at_ms = $16, undone_at_ms = $17 WHERE id = $1",
        );
        let done = changing(query, job).execute(self.connection()).await?;
        updated(done.rows_affected(), "bulk job")
    }

    /// Forgets some of what is known of one job that was made before a time and has ended: so many of its tickets, or the job once
    /// none is left. Returns whether there may be more.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_bulk_jobs(&mut self, before: Timestamp, n_rows: usize) -> Result<bool, StoreError> {
        let text = format!(
            "SELECT id FROM bulk_jobs WHERE created_at_ms < $1 AND NOT ({IS_OPEN}) ORDER BY id LIMIT 1"
        );
        let found = sqlx::query(sql(text)).bind(before.0).fetch_optional(self.connection()).await?;
        let Some(found) = found else { return Ok(false) };
        let id = row::text(&found, "id")?;
        let done = sqlx::query(
            "DELETE FROM bulk_job_tickets WHERE job_id = $1 AND position < $2 + \
             (SELECT MIN(b.position) FROM bulk_job_tickets b WHERE b.job_id = $1)",
        )
        .bind(id.as_str())
        .bind(row::to_int(n_rows))
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            sqlx::query("DELETE FROM bulk_jobs WHERE id = $1").bind(id).execute(self.connection()).await?;
        }
        Ok(true)
    }

    /// Takes the filters away in which any of these texts stands: a customer was meant who is erased.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn empty_bulk_filters_with(&mut self, texts: &[String]) -> Result<(), StoreError> {
        self.where_found("UPDATE bulk_jobs SET filter = '' WHERE", "filter", texts).await
    }
}

/// Binds the columns that change, and the id.
fn changing<'q>(query: Bound<'q>, job: &BulkJob) -> Bound<'q> {
    let BulkCounts { n_tickets, n_done, n_unchanged, n_failed, n_undone, n_partly, n_kept } = job.counts;
    let at = |at: Option<Timestamp>| at.map(|at| at.0);
    let query =
        query.bind(job.id.to_string()).bind(job.state.as_str()).bind(job.stopped.map(BulkStop::as_str));
    let counts = [n_tickets, n_done, n_unchanged, n_failed, n_undone, n_partly, n_kept];
    counts
        .into_iter()
        .fold(query, Bound::bind)
        .bind(job.undoer.as_ref().map(Writer::kind))
        .bind(job.undoer.as_ref().map(|undoer| undoer.id().to_owned()))
        .bind(job.undo_reached)
        .bind(at(job.started_at))
        .bind(at(job.ended_at))
        .bind(at(job.undo_began_at))
        .bind(at(job.undone_at))
}

fn open() -> String {
    format!("SELECT {COLUMNS} FROM bulk_jobs WHERE {IS_OPEN} ORDER BY id LIMIT $1")
}

fn listed(is_somebodys: bool) -> String {
    let whose = if is_somebodys { " AND writer_id = $3 AND writer = $4" } else { "" };
    // Ids sort by the time at which they were made, and this text comes after all of them.
    format!("SELECT {COLUMNS} FROM bulk_jobs WHERE id < COALESCE($1, '~'){whose} ORDER BY id DESC LIMIT $2")
}

fn bulk_job(found: &AnyRow) -> Result<BulkJob, StoreError> {
    let actions: Vec<Value> = row::json(found, "actions_json")?;
    let actions = Actions::parse(&actions, ActionsOf::Macro)
        .map_err(|error| StoreError::Database(format!("column actions_json: {error}").into()))?;
    let writer_id = row::text(found, "writer_id")?;
    let undoer_id = row::optional_text(found, "undoer_id")?;
    Ok(BulkJob {
        id: BulkJobId::new(row::text(found, "id")?),
        writer: row::parsed(found, "writer", |kind| Writer::parse(kind, &writer_id))?,
        filter: row::optional_text(found, "filter")?,
        actions,
        state: row::parsed(found, "state", BulkJobState::parse)?,
        stopped: match row::optional_text(found, "stopped")? {
            Some(_) => Some(row::parsed(found, "stopped", BulkStop::parse)?),
            None => None,
        },
        counts: BulkCounts {
            n_tickets: row::int(found, "n_tickets")?,
            n_done: row::int(found, "n_done")?,
            n_unchanged: row::int(found, "n_unchanged")?,
            n_failed: row::int(found, "n_failed")?,
            n_undone: row::int(found, "n_undone")?,
            n_partly: row::int(found, "n_partly")?,
            n_kept: row::int(found, "n_kept")?,
        },
        undoer: match undoer_id {
            Some(id) => Some(row::parsed(found, "undoer", |kind| Writer::parse(kind, &id))?),
            None => None,
        },
        undo_reached: row::int(found, "undo_reached")?,
        created_at: row::time(found, "created_at_ms")?,
        started_at: row::optional_time(found, "started_at_ms")?,
        ended_at: row::optional_time(found, "ended_at_ms")?,
        undo_began_at: row::optional_time(found, "undo_began_at_ms")?,
        undone_at: row::optional_time(found, "undone_at_ms")?,
    })
}
