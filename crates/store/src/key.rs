//! API keys, by the hash of their secret.

use domain::{ApiKey, ApiKeyId, Timestamp};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, placeholders::sql, row, tx::inserted};

const COLUMNS: &str = "id, name, scopes_json, teams_json, created_at_ms, expires_at_ms, revoked_at_ms";

impl Store {
    /// The key whose secret has this hash, unless it was revoked or has ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_api_key(
        &self,
        secret_hash: &str,
        now: Timestamp,
    ) -> Result<Option<ApiKey>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM api_keys WHERE secret_hash = $1 AND revoked_at_ms IS NULL \
             AND (expires_at_ms IS NULL OR expires_at_ms > $2)"
        );
        let query = sqlx::query(sql(text)).bind(secret_hash).bind(now.0);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(api_key).transpose()
    }

    /// Every key, newest first, those that are dead too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM api_keys ORDER BY created_at_ms DESC, id DESC");
        sqlx::query(sql(text)).fetch_all(&mut *self.reader().await?).await?.iter().map(api_key).collect()
    }
}

impl WriteTx {
    /// Adds a key with the hash of its secret.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or secret is taken.
    pub async fn insert_api_key(&mut self, key: &ApiKey, secret_hash: &str) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO api_keys (id, secret_hash, name, scopes_json, teams_json, created_at_ms, expires_at_ms, \
             revoked_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(key.id.as_str())
        .bind(secret_hash)
        .bind(key.name.as_str())
        .bind(row::to_json(&key.scopes)?)
        .bind(key.teams.as_ref().map(row::to_json).transpose()?)
        .bind(key.created_at.0)
        .bind(key.expires_at.map(|at| at.0))
        .bind(key.revoked_at.map(|at| at.0))
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this key is already there")
    }

    /// Revokes a key. Returns whether there was one to revoke.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn revoke_api_key(&mut self, id: &ApiKeyId, now: Timestamp) -> Result<bool, StoreError> {
        let done =
            sqlx::query("UPDATE api_keys SET revoked_at_ms = $2 WHERE id = $1 AND revoked_at_ms IS NULL")
                .bind(id.as_str())
                .bind(now.0)
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn api_key(row: &AnyRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: ApiKeyId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        scopes: row::json(row, "scopes_json")?,
        teams: row::optional_json(row, "teams_json")?,
        created_at: row::time(row, "created_at_ms")?,
        expires_at: row::optional_time(row, "expires_at_ms")?,
        revoked_at: row::optional_time(row, "revoked_at_ms")?,
    })
}
