//! The outbox: events, written in the transaction of the change they tell of, read in order by whoever follows.

use domain::{Event, Timestamp};

use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, row, tx::Counter};

const AFTER: &str = "SELECT seq, at_ms, event_json FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2";

/// An event with its place in the order of commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Counts from 1 without gaps.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Store {
    /// Events after a sequence, in order. A reader that has seen up to `seq` misses none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn events_after(&self, seq: i64, limit: i64) -> Result<Vec<OutboxEntry>, StoreError> {
        let query = sqlx::query(AFTER).bind(seq).bind(limit);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(entry).collect()
    }
}

impl Store {
    /// The sequence of the newest event; 0 before the first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_event_seq(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'event'")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row::int(&row, "value")
    }

    /// The sequence of the oldest event that is kept; nothing when none is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn oldest_event_seq(&self) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT seq FROM outbox ORDER BY seq LIMIT 1")
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.as_ref().map(|row| row::int(row, "seq")).transpose()
    }
}

impl WriteTx {
    /// Events after a sequence, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn events_after(&mut self, seq: i64, limit: i64) -> Result<Vec<OutboxEntry>, StoreError> {
        let query = sqlx::query(AFTER).bind(seq).bind(limit);
        query.fetch_all(self.connection()).await?.iter().map(entry).collect()
    }

    /// The sequence of the newest event; 0 before the first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_event_seq(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'event'")
            .fetch_one(self.connection())
            .await?;
        row::int(&row, "value")
    }

    /// Forgets events from before a time, as far as messages to webhooks were made of them. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_events_before(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM outbox WHERE at_ms < $1 AND seq <= (SELECT value FROM counters WHERE name = 'webhook')",
        )
            .bind(before.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }

    /// Writes an event. Returns its sequence.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn emit(&mut self, event: &Event, now: Timestamp) -> Result<i64, StoreError> {
        let seq = self.next(Counter::Event).await?;
        sqlx::query("INSERT INTO outbox (seq, at_ms, event_json) VALUES ($1, $2, $3)")
            .bind(seq)
            .bind(now.0)
            .bind(row::to_json(event)?)
            .execute(self.connection())
            .await?;
        Ok(seq)
    }
}

fn entry(row: &AnyRow) -> Result<OutboxEntry, StoreError> {
    Ok(OutboxEntry {
        seq: row::int(row, "seq")?,
        at: row::time(row, "at_ms")?,
        event: row::json(row, "event_json")?,
    })
}
