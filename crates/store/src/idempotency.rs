//! Idempotency keys: two requests with one key make one thing.
//!
//! A key is claimed with an empty response before the request is done, and gets its response afterwards.

use domain::Timestamp;
use sqlx::any::AnyRow;

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

/// A key of a principal.
pub type ClaimedKey = (String, String);

/// Responses read at a time while they are searched.
const RESPONSES_PER_PAGE: i64 = 500;

impl Store {
    /// The keys whose requests have no response, or none any more.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keys_without_response(&self) -> Result<Vec<ClaimedKey>, StoreError> {
        let mut connection = self.reader().await?;
        let query = sqlx::query(
            "SELECT principal, idempotency_key FROM idempotency_keys WHERE response = '' \
             ORDER BY principal, idempotency_key",
        );
        query.fetch_all(&mut *connection).await?.iter().map(claimed).collect()
    }

    /// The keys in whose responses any of these texts stands, whatever the case of its letters. It reads all that are kept, in
    /// pages.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keys_with(&self, texts: &[String]) -> Result<Vec<ClaimedKey>, StoreError> {
        let wanted = Wanted::of(texts);
        let (mut found, mut after): (_, ClaimedKey) = (vec![], Default::default());
        loop {
            let page = sqlx::query(
                "SELECT principal, idempotency_key, response FROM idempotency_keys \
                 WHERE (principal, idempotency_key) > ($1, $2) ORDER BY principal, idempotency_key LIMIT $3",
            )
            .bind(after.0.as_str())
            .bind(after.1.as_str())
            .bind(RESPONSES_PER_PAGE)
            .fetch_all(&mut *self.reader().await?)
            .await?;
            let Some(last) = page.last() else { return Ok(found) };
            after = claimed(last)?;
            for row in &page {
                if wanted.are_in(&row::text(row, "response")?) {
                    found.push(claimed(row)?);
                }
            }
        }
    }

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

    /// Empties the responses of these keys. The requests stay claimed: they are refused rather than done again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn empty_responses_of(&mut self, keys: &[ClaimedKey]) -> Result<(), StoreError> {
        for (principal, key) in keys {
            let query = sqlx::query(
                "UPDATE idempotency_keys SET response = '' WHERE principal = $1 AND idempotency_key = $2",
            );
            query.bind(principal.as_str()).bind(key.as_str()).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Empties the responses in which any of these texts stands, of these keys and of those that were claimed since a time. No
    /// others are read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn empty_late_responses_with(
        &mut self,
        texts: &[String],
        keys: &[ClaimedKey],
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let wanted = Wanted::of(texts);
        let mut late = sqlx::query(
            "SELECT principal, idempotency_key, response FROM idempotency_keys WHERE created_at_ms >= $1",
        )
        .bind(since.0)
        .fetch_all(self.connection())
        .await?;
        for (principal, key) in keys {
            let query = sqlx::query(
                "SELECT principal, idempotency_key, response FROM idempotency_keys \
                 WHERE principal = $1 AND idempotency_key = $2",
            );
            let query = query.bind(principal.as_str()).bind(key.as_str());
            late.extend(query.fetch_optional(self.connection()).await?);
        }
        let mut found = vec![];
        for row in &late {
            if wanted.are_in(&row::text(row, "response")?) {
                found.push(claimed(row)?);
            }
        }
        self.empty_responses_of(&found).await
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

/// Texts that are searched, in small letters.
struct Wanted(Vec<String>);

impl Wanted {
    fn of(texts: &[String]) -> Self {
        Self(texts.iter().map(|text| text.to_lowercase()).collect())
    }

    /// Whether any of them stands in a text.
    fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|wanted| text.contains(wanted.as_str()))
    }
}

fn claimed(row: &AnyRow) -> Result<ClaimedKey, StoreError> {
    Ok((row::text(row, "principal")?, row::text(row, "idempotency_key")?))
}
