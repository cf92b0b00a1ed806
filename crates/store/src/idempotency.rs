//! Idempotency keys: two requests with one key make one thing.
//!
//! The key is written in the transaction of the change, so a second request either finds the response or fails with a
//! conflict, leaves nothing behind, and then finds it.

use domain::Timestamp;

use crate::{Store, StoreError, WriteTx, row, tx::inserted};

/// What a request with this key was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentResponse {
    /// The hash of the request, to refuse another one under the same key.
    pub request_hash: String,
    /// The response, as its writer wrote it.
    pub response: String,
}

impl Store {
    /// The response that a principal's key has got.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_idempotent(
        &self,
        principal: &str,
        key: &str,
    ) -> Result<Option<IdempotentResponse>, StoreError> {
        let row = sqlx::query(
            "SELECT request_hash, response FROM idempotency_keys WHERE principal = $1 AND idempotency_key = $2",
        )
        .bind(principal)
        .bind(key)
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.map(|row| {
            Ok(IdempotentResponse {
                request_hash: row::text(&row, "request_hash")?,
                response: row::text(&row, "response")?,
            })
        })
        .transpose()
    }
}

impl WriteTx {
    /// Stores the response of a request under its key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the key has one.
    pub async fn insert_idempotent(
        &mut self,
        principal: &str,
        key: &str,
        request_hash: &str,
        response: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, response, created_at_ms) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(principal)
        .bind(key)
        .bind(request_hash)
        .bind(response)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "a request with this idempotency key was already answered")
    }

    /// Forgets keys from before a time. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_idempotent_before(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM idempotency_keys WHERE created_at_ms < $1")
            .bind(before.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}
