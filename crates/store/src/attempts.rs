//! Attempts at secrets, counted in the one write transaction: of many at once, each sees the ones before it.

use domain::{Attempts, Timestamp};

use crate::{StoreError, WriteTx, row};

impl WriteTx {
    /// What is known of a subject's attempts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn attempts(&mut self, subject: &str) -> Result<Option<Attempts>, StoreError> {
        let query = sqlx::query("SELECT n, last_at_ms, locked_until_ms FROM attempts WHERE subject = $1");
        let row = query.bind(subject).fetch_optional(self.connection()).await?;
        row.map(|row| {
            Ok(Attempts {
                n: row::number(&row, "n")?,
                last_at: row::time(&row, "last_at_ms")?,
                locked_until: row::time(&row, "locked_until_ms")?,
            })
        })
        .transpose()
    }

    /// Stores a subject's attempts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_attempts(&mut self, subject: &str, attempts: &Attempts) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO attempts (subject, n, last_at_ms, locked_until_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (subject) DO UPDATE SET n = excluded.n, last_at_ms = excluded.last_at_ms, \
             locked_until_ms = excluded.locked_until_ms",
        )
        .bind(subject)
        .bind(i64::from(attempts.n))
        .bind(attempts.last_at.0)
        .bind(attempts.locked_until.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets a subject's attempts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_attempts(&mut self, subject: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM attempts WHERE subject = $1")
            .bind(subject)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Forgets the attempts of every subject whose last one is this old. Returns of how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_attempts_before(&mut self, time: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM attempts WHERE last_at_ms < $1").bind(time.0);
        Ok(done.execute(self.connection()).await?.rows_affected())
    }
}
