//! Idempotency keys: two requests with one key make one thing.
//!
//! A key is claimed with an empty response before the request is done, and gets its response afterwards.

use domain::Timestamp;

use crate::{
    Store, StoreError, WriteTx, row,
    tx::{inserted, updated},
};

/// What a request with this key was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentResponse {
    /// The hash of the request, to refuse another one under the same key.
    pub request_hash: String,
    /// The response, as its writer wrote it; empty as long as there is none.
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
    /// Claims a key for a request.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is claimed.
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
        inserted(done.rows_affected(), "this idempotency key is claimed")
    }

    /// Stores the response of a request under its claimed key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the key is not claimed.
    pub async fn set_idempotent_response(
        &mut self,
        principal: &str,
        key: &str,
        response: &str,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE idempotency_keys SET response = $3 WHERE principal = $1 AND idempotency_key = $2",
        )
        .bind(principal)
        .bind(key)
        .bind(response)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "idempotency key")
    }

    /// Gives a key back.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_idempotent(&mut self, principal: &str, key: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM idempotency_keys WHERE principal = $1 AND idempotency_key = $2")
            .bind(principal)
            .bind(key)
            .execute(self.connection())
            .await?;
        Ok(())
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
