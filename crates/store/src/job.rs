//! Jobs: work written in the transaction that calls for it and done later, at least once.
//!
//! A claimed job comes back when its lease ends without an answer. One that fails too often is set aside as dead.

use domain::{JobId, Timestamp};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, row};

/// Tries before a job is dead. With waits that double from a second this is some hours (1 s · 2^14 = 4.5 h).
pub const JOB_ATTEMPTS_MAX: i64 = 15;

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Its id.
    pub id: &'a JobId,
    /// What is to be done.
    pub kind: &'a str,
    /// With what, as JSON.
    pub payload_json: &'a str,
    /// While a job with this key waits or runs, another one is not added.
    pub dedupe_key: Option<&'a str>,
    /// Not before.
    pub run_at: Timestamp,
}

/// A job that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// With what, as JSON.
    pub payload_json: String,
    /// Tries so far, this one included. Tells this claim from a later one.
    pub n_attempts: i64,
    /// What the last try failed with.
    pub last_error: Option<String>,
}

/// What became of a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobFate {
    /// It is tried again.
    Waiting,
    /// It has failed too often.
    Dead,
    /// Its lease had ended and somebody else has it, or it is done.
    Lost,
}

impl Store {
    /// Jobs that have failed too often, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_dead_jobs(&self, limit: i64) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, kind, payload_json, n_attempts, last_error FROM jobs WHERE state = 'dead' \
             ORDER BY run_at_ms, id LIMIT $1",
        )
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(job).collect()
    }
}

impl WriteTx {
    /// Adds a job. Returns whether it was added: not when one with its key is there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn enqueue(&mut self, job: &NewJob<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO jobs (id, kind, payload_json, dedupe_key, state, run_at_ms, n_attempts, created_at_ms) \
             VALUES ($1, $2, $3, $4, 'waiting', $5, 0, $6) ON CONFLICT DO NOTHING",
        )
        .bind(job.id.as_str())
        .bind(job.kind)
        .bind(job.payload_json)
        .bind(job.dedupe_key)
        .bind(job.run_at.0)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes the job that has waited longest, for as long as the lease. While it runs, its `run_at` is the end of the
    /// lease.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn claim_job(&mut self, now: Timestamp, lease_s: u32) -> Result<Option<Job>, StoreError> {
        // A worker that died each time it had the job never said so.
        sqlx::query(
            "UPDATE jobs SET state = 'dead', dedupe_key = NULL \
             WHERE state = 'waiting' AND run_at_ms <= $1 AND n_attempts >= $2",
        )
        .bind(now.0)
        .bind(JOB_ATTEMPTS_MAX)
        .execute(self.connection())
        .await?;
        let claimed = sqlx::query(
            "UPDATE jobs SET run_at_ms = $2, n_attempts = n_attempts + 1 WHERE id = (SELECT id FROM jobs \
             WHERE state = 'waiting' AND run_at_ms <= $1 ORDER BY run_at_ms, id LIMIT 1) \
             RETURNING id, kind, payload_json, n_attempts, last_error",
        )
        .bind(now.0)
        .bind(now.plus_seconds(lease_s).0)
        .fetch_optional(self.connection())
        .await?;
        claimed.as_ref().map(job).transpose()
    }

    /// Removes a job that is done. Returns whether the claim still held.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn complete_job(&mut self, job: &Job) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM jobs WHERE id = $1 AND n_attempts = $2 AND state = 'waiting'")
            .bind(job.id.as_str())
            .bind(job.n_attempts)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Puts a job that failed back, or aside when it has failed [`JOB_ATTEMPTS_MAX`] times.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn retry_job(
        &mut self,
        job: &Job,
        error: &str,
        run_at: Timestamp,
    ) -> Result<JobFate, StoreError> {
        let dead = job.n_attempts >= JOB_ATTEMPTS_MAX;
        let statement = if dead {
            "UPDATE jobs SET state = 'dead', dedupe_key = NULL, last_error = $3, run_at_ms = $4 \
             WHERE id = $1 AND n_attempts = $2 AND state = 'waiting'"
        } else {
            "UPDATE jobs SET last_error = $3, run_at_ms = $4 \
             WHERE id = $1 AND n_attempts = $2 AND state = 'waiting'"
        };
        let done = sqlx::query(statement)
            .bind(job.id.as_str())
            .bind(job.n_attempts)
            .bind(error)
            .bind(run_at.0)
            .execute(self.connection())
            .await?;
        Ok(match (done.rows_affected(), dead) {
            (0, _) => JobFate::Lost,
            (_, true) => JobFate::Dead,
            (_, false) => JobFate::Waiting,
        })
    }
}

fn job(row: &AnyRow) -> Result<Job, StoreError> {
    Ok(Job {
        id: JobId::new(row::text(row, "id")?),
        kind: row::text(row, "kind")?,
        payload_json: row::text(row, "payload_json")?,
        n_attempts: row::int(row, "n_attempts")?,
        last_error: row::optional_text(row, "last_error")?,
    })
}
