//! Messages to webhooks: making them, the log of what became of them, and forgetting.

use domain::{Delivery, DeliveryId, DeliveryState, Timestamp, WebhookId};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, placeholders::sql, row};

pub(crate) const COLUMNS: &str = "id, webhook_id, event_seq, kind, subject, body, state, n_attempts, n_failures, \
    next_at_ms, leased_until_ms, last_at_ms, last_status, last_error, last_said, created_at_ms";

/// Which messages of a webhook to list.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those older than this one.
    pub after: Option<DeliveryId>,
    /// At most this many.
    pub limit: i64,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct NewDelivery<'a> {
    /// Its id; later ones are greater.
    pub id: &'a DeliveryId,
    /// To which webhook.
    pub webhook_id: &'a WebhookId,
    /// The event it tells of; nothing for a ping.
    pub event_seq: Option<i64>,
    /// What kind of event.
    pub kind: &'a str,
    /// What it is kept in order by.
    pub subject: &'a str,
    /// The JSON to send.
    pub body: &'a str,
}

impl Store {
    /// The messages of a webhook, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_deliveries(
        &self,
        webhook_id: &WebhookId,
        filter: &DeliveryFilter,
    ) -> Result<Vec<Delivery>, StoreError> {
        // An empty text is smaller than any id and no state.
        let state = if filter.state.is_some() { "AND state = $3" } else { "AND $3 = ''" };
        let after = if filter.after.is_some() { "AND id < $2" } else { "AND $2 = ''" };
        let text = format!(
            "SELECT {COLUMNS} FROM webhook_deliveries WHERE webhook_id = $1 {after} {state} ORDER BY id DESC LIMIT $4"
        );
        let rows = sqlx::query(sql(text))
            .bind(webhook_id.as_str())
            .bind(filter.after.as_ref().map(DeliveryId::as_str).unwrap_or_default())
            .bind(filter.state.map(DeliveryState::as_str).unwrap_or_default())
            .bind(filter.limit)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(delivery).collect()
    }
}

impl WriteTx {
    /// Adds a message: waiting, or queued behind the unfinished ones of its subject. Returns whether it was added: not
    /// when the webhook has one for the event.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the webhook.
    pub async fn insert_delivery(
        &mut self,
        new: &NewDelivery<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = sqlx::query(
            "SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND subject = $2 AND finished_at_ms IS NULL LIMIT 1",
        )
        .bind(new.webhook_id.as_str())
        .bind(new.subject)
        .fetch_optional(self.connection())
        .await?;
        let state = if before.is_some() { DeliveryState::Queued } else { DeliveryState::Waiting };
        let done = sqlx::query(
            "INSERT INTO webhook_deliveries (id, webhook_id, event_seq, kind, subject, body, state, n_attempts, \
             n_failures, next_at_ms, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $8) \
             ON CONFLICT DO NOTHING",
        )
        .bind(new.id.as_str())
        .bind(new.webhook_id.as_str())
        .bind(new.event_seq)
        .bind(new.kind)
        .bind(new.subject)
        .bind(new.body)
        .bind(state.as_str())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// A message of a webhook.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delivery(
        &mut self,
        webhook_id: &WebhookId,
        id: &DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2");
        let query = sqlx::query(sql(text)).bind(webhook_id.as_str()).bind(id.as_str());
        query.fetch_optional(self.connection()).await?.as_ref().map(delivery).transpose()
    }

    /// Whether more than `n` messages of a webhook are not finished.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn has_more_unfinished_deliveries(
        &mut self,
        webhook_id: &WebhookId,
        n: i64,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND state IN ('queued', 'waiting') \
             AND finished_at_ms IS NULL LIMIT 1 OFFSET $2",
        )
        .bind(webhook_id.as_str())
        .bind(n)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }

    /// Gives up what a webhook has not been told yet. What is on its way now may still arrive. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn give_up_deliveries(
        &mut self,
        webhook_id: &WebhookId,
        why: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "UPDATE webhook_deliveries SET state = 'failed', last_error = $2, finished_at_ms = $3, \
             leased_until_ms = NULL WHERE webhook_id = $1 AND state IN ('queued', 'waiting') \
             AND finished_at_ms IS NULL",
        )
        .bind(webhook_id.as_str())
        .bind(why)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Forgets at most `limit` messages that were finished before a time. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_deliveries_before(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries \
             WHERE finished_at_ms IS NOT NULL AND finished_at_ms < $1 ORDER BY finished_at_ms LIMIT $2)",
        )
        .bind(before.0)
        .bind(limit)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

pub(crate) fn delivery(row: &AnyRow) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: DeliveryId::new(row::text(row, "id")?),
        webhook_id: WebhookId::new(row::text(row, "webhook_id")?),
        event_seq: row::optional_int(row, "event_seq")?,
        kind: row::text(row, "kind")?,
        subject: row::text(row, "subject")?,
        body: row::text(row, "body")?,
        state: row::parsed(row, "state", DeliveryState::parse)?,
        n_attempts: row::number(row, "n_attempts")?,
        n_failures: row::number(row, "n_failures")?,
        next_at: row::time(row, "next_at_ms")?,
        leased_until: row::optional_time(row, "leased_until_ms")?,
        last_at: row::optional_time(row, "last_at_ms")?,
        last_status: row::optional_int(row, "last_status")?.and_then(|status| u16::try_from(status).ok()),
        last_error: row::optional_text(row, "last_error")?,
        last_said: row::optional_text(row, "last_said")?,
        created_at: row::time(row, "created_at_ms")?,
    })
}
