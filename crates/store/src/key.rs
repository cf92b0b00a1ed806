//! API keys, by the hash of their secret.

use domain::{ApiKey, ApiKeyId, Timestamp};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, name, scopes_json, teams_json, created_at_ms, expires_at_ms, revoked_at_ms, \
    last_used_at_ms, old_secret_ends_at_ms, revision";

impl Store {
    /// The key one of whose secrets has this hash, unless it was revoked or has ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_api_key(
        &self,
        secret_hash: &str,
        now: Timestamp,
    ) -> Result<Option<ApiKey>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM api_keys WHERE (secret_hash = $1 \
             OR (old_secret_hash = $1 AND old_secret_ends_at_ms > $2)) AND revoked_at_ms IS NULL \
             AND (expires_at_ms IS NULL OR expires_at_ms > $2)"
        );
        let query = sqlx::query(sql(text)).bind(secret_hash).bind(now.0);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(api_key).transpose()
    }

    /// A key, dead or alive.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_api_key_by_id(&self, id: &ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM api_keys WHERE id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
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
    /// A key, as nobody changes it until the transaction ends.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn api_key(&mut self, id: &ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM api_keys WHERE id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(api_key).transpose()
    }

    /// How many keys there are that were not revoked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_api_keys(&mut self) -> Result<i64, StoreError> {
        let query = sqlx::query("SELECT COUNT(*) AS n FROM api_keys WHERE revoked_at_ms IS NULL");
        row::int(&query.fetch_one(self.connection()).await?, "n")
    }

    /// Adds a key with the hash of its secret.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or secret is taken.
    pub async fn insert_api_key(&mut self, key: &ApiKey, secret_hash: &str) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO api_keys (id, secret_hash, name, scopes_json, teams_json, created_at_ms, expires_at_ms, \
             revoked_at_ms, last_used_at_ms, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT DO NOTHING",
        )
        .bind(key.id.as_str())
        .bind(secret_hash)
        .bind(key.name.as_str())
        .bind(row::to_json(&key.scopes)?)
        .bind(key.teams.as_ref().map(row::to_json).transpose()?)
        .bind(key.created_at.0)
        .bind(key.expires_at.map(|at| at.0))
        .bind(key.revoked_at.map(|at| at.0))
        .bind(key.last_used_at.map(|at| at.0))
        .bind(key.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this key is already there")
    }

    /// Stores a key's name, scopes, expiry and revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_api_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE api_keys SET name = $2, scopes_json = $3, expires_at_ms = $4, revision = $5 WHERE id = $1",
        )
        .bind(key.id.as_str())
        .bind(key.name.as_str())
        .bind(row::to_json(&key.scopes)?)
        .bind(key.expires_at.map(|at| at.0))
        .bind(key.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "key")
    }

    /// Gives a key another secret. The one it had lives on until a time; one before that ends now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the key is not there.
    pub async fn rotate_api_key(
        &mut self,
        id: &ApiKeyId,
        secret_hash: &str,
        old_ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE api_keys SET old_secret_hash = secret_hash, old_secret_ends_at_ms = $3, secret_hash = $2 \
             WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(secret_hash)
        .bind(old_ends_at.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "key")
    }

    /// Notes when a key was last used.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mark_api_key_used(&mut self, id: &ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE api_keys SET last_used_at_ms = $2 \
             WHERE id = $1 AND (last_used_at_ms IS NULL OR last_used_at_ms < $2)",
        )
        .bind(id.as_str())
        .bind(at.0)
        .execute(self.connection())
        .await?;
        Ok(())
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
        last_used_at: row::optional_time(row, "last_used_at_ms")?,
        old_secret_ends_at: row::optional_time(row, "old_secret_ends_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}
