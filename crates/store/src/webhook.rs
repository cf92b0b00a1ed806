//! Webhooks and the sealed secrets that their messages are signed with.

use domain::{Timestamp, Webhook, WebhookId, WebhookState, WhyDisabled};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, url, description, kinds_json, state, disabled_why, disabled_at_ms, since_seq, \
    failing_since_ms, paused_until_ms, created_at_ms, updated_at_ms, revision";

/// A secret of a webhook, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    /// Its id; later ones are greater.
    pub id: String,
    /// Whose.
    pub webhook_id: WebhookId,
    /// The secret, sealed with the site's key.
    pub sealed: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is no longer used; the newest has no end.
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Every webhook, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM webhooks ORDER BY id");
        sqlx::query(sql(text)).fetch_all(&mut *self.reader().await?).await?.iter().map(webhook).collect()
    }

    /// Whether any webhook is told anything.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn has_enabled_webhooks(&self) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT id FROM webhooks WHERE state = 'enabled' LIMIT 1");
        Ok(query.fetch_optional(&mut *self.reader().await?).await?.is_some())
    }

    /// A webhook.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_webhook(&self, id: &WebhookId) -> Result<Option<Webhook>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM webhooks WHERE id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        query.fetch_optional(&mut *self.reader().await?).await?.as_ref().map(webhook).transpose()
    }

    /// The secrets of a webhook that are used at a time, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn webhook_secrets(
        &self,
        id: &WebhookId,
        now: Timestamp,
    ) -> Result<Vec<WebhookSecret>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, webhook_id, sealed, created_at_ms, expires_at_ms FROM webhook_secrets \
             WHERE webhook_id = $1 AND (expires_at_ms IS NULL OR expires_at_ms > $2) ORDER BY id DESC",
        )
        .bind(id.as_str())
        .bind(now.0)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(secret).collect()
    }
}

impl WriteTx {
    /// How many webhooks there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_webhooks(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM webhooks").fetch_one(self.connection()).await?;
        row::int(&row, "n")
    }

    /// The webhooks that are enabled, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn enabled_webhooks(&mut self) -> Result<Vec<Webhook>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM webhooks WHERE state = 'enabled' ORDER BY id");
        sqlx::query(sql(text)).fetch_all(self.connection()).await?.iter().map(webhook).collect()
    }

    /// A webhook.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn webhook(&mut self, id: &WebhookId) -> Result<Option<Webhook>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM webhooks WHERE id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(webhook).transpose()
    }

    /// Adds a webhook.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken.
    pub async fn insert_webhook(&mut self, webhook: &Webhook) -> Result<(), StoreError> {
        let (state, why, at) = state_columns(webhook.state);
        let done = sqlx::query(
            "INSERT INTO webhooks (id, url, description, kinds_json, state, disabled_why, disabled_at_ms, since_seq, \
             failing_since_ms, paused_until_ms, created_at_ms, updated_at_ms, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
        )
        .bind(webhook.id.as_str())
        .bind(webhook.url.as_str())
        .bind(webhook.description.as_str())
        .bind(row::to_json(&webhook.kinds)?)
        .bind(state)
        .bind(why)
        .bind(at)
        .bind(webhook.since_seq)
        .bind(webhook.failing_since.map(|at| at.0))
        .bind(webhook.paused_until.map(|at| at.0))
        .bind(webhook.created_at.0)
        .bind(webhook.updated_at.0)
        .bind(webhook.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this webhook is already there")
    }

    /// Stores a webhook in another state.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn update_webhook(&mut self, webhook: &Webhook) -> Result<(), StoreError> {
        let (state, why, at) = state_columns(webhook.state);
        let done = sqlx::query(
            "UPDATE webhooks SET url = $2, description = $3, kinds_json = $4, state = $5, disabled_why = $6, \
             disabled_at_ms = $7, since_seq = $8, failing_since_ms = $9, paused_until_ms = $10, updated_at_ms = $11, \
             revision = $12 WHERE id = $1",
        )
        .bind(webhook.id.as_str())
        .bind(webhook.url.as_str())
        .bind(webhook.description.as_str())
        .bind(row::to_json(&webhook.kinds)?)
        .bind(state)
        .bind(why)
        .bind(at)
        .bind(webhook.since_seq)
        .bind(webhook.failing_since.map(|at| at.0))
        .bind(webhook.paused_until.map(|at| at.0))
        .bind(webhook.updated_at.0)
        .bind(webhook.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "webhook")
    }

    /// Deletes a webhook with its secrets and everything that was or was to be sent to it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_webhook(&mut self, id: &WebhookId) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM webhook_deliveries WHERE webhook_id = $1",
            "DELETE FROM webhook_secrets WHERE webhook_id = $1",
        ] {
            sqlx::query(statement).bind(id.as_str()).execute(self.connection()).await?;
        }
        let done = sqlx::query("DELETE FROM webhooks WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "webhook")
    }

    /// Adds the newest secret of a webhook.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken, [`StoreError::NotFound`] without the webhook.
    pub async fn insert_webhook_secret(&mut self, secret: &WebhookSecret) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO webhook_secrets (id, webhook_id, sealed, created_at_ms, expires_at_ms) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(secret.id.as_str())
        .bind(secret.webhook_id.as_str())
        .bind(secret.sealed.as_str())
        .bind(secret.created_at.0)
        .bind(secret.expires_at.map(|at| at.0))
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this secret is already there")
    }

    /// Gives the secrets of a webhook that have no end one, and forgets all but the `n_kept` newest.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn retire_webhook_secrets(
        &mut self,
        id: &WebhookId,
        expires_at: Timestamp,
        n_kept: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE webhook_secrets SET expires_at_ms = $2 WHERE webhook_id = $1 AND expires_at_ms IS NULL",
        )
        .bind(id.as_str())
        .bind(expires_at.0)
        .execute(self.connection())
        .await?;
        sqlx::query(
            "DELETE FROM webhook_secrets WHERE webhook_id = $1 AND id NOT IN (SELECT id FROM webhook_secrets \
             WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2)",
        )
        .bind(id.as_str())
        .bind(n_kept)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets the secrets that have ended. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_expired_webhook_secrets(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM webhook_secrets WHERE expires_at_ms IS NOT NULL AND expires_at_ms <= $1",
        )
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

fn state_columns(state: WebhookState) -> (&'static str, Option<&'static str>, Option<i64>) {
    match state {
        WebhookState::Enabled => ("enabled", None, None),
        WebhookState::Disabled { why, at } => ("disabled", Some(why.as_str()), Some(at.0)),
    }
}

pub(crate) fn webhook(row: &AnyRow) -> Result<Webhook, StoreError> {
    let state = match row::optional_time(row, "disabled_at_ms")? {
        None => WebhookState::Enabled,
        Some(at) => WebhookState::Disabled { why: row::parsed(row, "disabled_why", WhyDisabled::parse)?, at },
    };
    Ok(Webhook {
        id: WebhookId::new(row::text(row, "id")?),
        url: row::text(row, "url")?,
        description: row::text(row, "description")?,
        kinds: row::json(row, "kinds_json")?,
        state,
        since_seq: row::int(row, "since_seq")?,
        failing_since: row::optional_time(row, "failing_since_ms")?,
        paused_until: row::optional_time(row, "paused_until_ms")?,
        created_at: row::time(row, "created_at_ms")?,
        updated_at: row::time(row, "updated_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}

fn secret(row: &AnyRow) -> Result<WebhookSecret, StoreError> {
    Ok(WebhookSecret {
        id: row::text(row, "id")?,
        webhook_id: WebhookId::new(row::text(row, "webhook_id")?),
        sealed: row::text(row, "sealed")?,
        created_at: row::time(row, "created_at_ms")?,
        expires_at: row::optional_time(row, "expires_at_ms")?,
    })
}
