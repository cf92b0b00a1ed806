//! What is to be sent to webhooks: which messages are due, who sends them, and what follows from it.
//!
//! Of the unfinished messages of a subject one waits and the later ones are queued behind it, so that each webhook hears
//! of a subject in order. Whoever sends a message holds a lease on it, and nobody else sends it meanwhile.

use domain::{AfterAttempt, Attempt, Delivery, DeliveryId, DeliveryState, Timestamp, WebhookId};

use crate::{
    Store, StoreError, WriteTx,
    delivery::{COLUMNS, delivery},
    placeholders::sql,
    row,
};

impl Store {
    /// Up to which event messages to webhooks were made.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn webhook_cursor(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'webhook'")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row::int(&row, "value")
    }

    /// The enabled webhooks for which a message is due that nobody is sending.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_due_webhooks(&self, now: Timestamp) -> Result<Vec<WebhookId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM webhooks WHERE state = 'enabled' \
             AND (paused_until_ms IS NULL OR paused_until_ms <= $1) \
             AND EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE d.webhook_id = webhooks.id \
                 AND d.finished_at_ms IS NULL AND d.state = 'waiting' AND d.next_at_ms <= $1 \
                 AND (d.leased_until_ms IS NULL OR d.leased_until_ms <= $1)) ORDER BY id",
        )
        .bind(now.0)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|row| row::text(row, "id").map(WebhookId::new)).collect()
    }
}

impl WriteTx {
    /// Up to which event messages to webhooks were made.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn webhook_cursor(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'webhook'")
            .fetch_one(self.connection())
            .await?;
        row::int(&row, "value")
    }

    /// Says up to which event messages to webhooks were made.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_webhook_cursor(&mut self, seq: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE counters SET value = $1 WHERE name = 'webhook'")
            .bind(seq)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Takes the messages of a webhook that have been due longest, at most `limit`, for as long as the lease.
    ///
    /// A lease that ends without an answer gives the message to whoever comes next: it may be sent twice, never lost.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn claim_deliveries(
        &mut self,
        webhook_id: &WebhookId,
        now: Timestamp,
        lease_s: u32,
        limit: i64,
    ) -> Result<Vec<Delivery>, StoreError> {
        let text = format!(
            "UPDATE webhook_deliveries SET leased_until_ms = $3, n_attempts = n_attempts + 1 WHERE id IN (\
                 SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND finished_at_ms IS NULL \
                 AND state = 'waiting' AND next_at_ms <= $2 AND (leased_until_ms IS NULL OR leased_until_ms <= $2) \
                 ORDER BY next_at_ms, id LIMIT $4) \
             RETURNING {COLUMNS}"
        );
        let rows = sqlx::query(sql(text))
            .bind(webhook_id.as_str())
            .bind(now.0)
            .bind(now.plus_seconds(lease_s).0)
            .bind(limit)
            .fetch_all(self.connection())
            .await?;
        let mut claimed: Vec<Delivery> = rows.iter().map(delivery).collect::<Result<_, _>>()?;
        claimed.sort_by(|a, b| (a.next_at, &a.id).cmp(&(b.next_at, &b.id)));
        Ok(claimed)
    }

    /// Records what came of sending a claimed message. When that finishes it, the next one of its subject is due.
    /// Returns whether the claim still held; nothing is recorded when it did not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn finish_delivery(
        &mut self,
        claimed: &Delivery,
        attempt: &Attempt,
        after: AfterAttempt,
    ) -> Result<bool, StoreError> {
        let (state, next_at) = match after {
            AfterAttempt::Done => (DeliveryState::Delivered, claimed.next_at),
            AfterAttempt::Again(at) => (DeliveryState::Waiting, at),
            AfterAttempt::GivenUp => (DeliveryState::Failed, claimed.next_at),
        };
        let is_finished = state != DeliveryState::Waiting;
        let done = sqlx::query(
            "UPDATE webhook_deliveries SET state = $3, next_at_ms = $4, leased_until_ms = NULL, last_at_ms = $5, \
             last_status = $6, last_error = $7, last_said = $8, finished_at_ms = $9, n_failures = n_failures + $10 \
             WHERE id = $1 AND n_attempts = $2 AND state = 'waiting' AND leased_until_ms IS NOT NULL",
        )
        .bind(claimed.id.as_str())
        .bind(i64::from(claimed.n_attempts))
        .bind(state.as_str())
        .bind(next_at.0)
        .bind(attempt.at.0)
        .bind(attempt.status.map(i64::from))
        .bind(attempt.error.as_deref())
        .bind(attempt.said.as_deref())
        .bind(is_finished.then_some(attempt.at.0))
        .bind(i64::from(after != AfterAttempt::Done))
        .execute(self.connection())
        .await?;
        let held = done.rows_affected() > 0;
        if held && is_finished {
            self.promote_delivery(&claimed.webhook_id, &claimed.subject, attempt.at).await?;
        }
        Ok(held)
    }

    /// Lets a message that nobody is sending be sent now. One that was finished begins anew, beside the order of its
    /// subject. Returns whether it did: not when it is queued or being sent.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn replay_delivery(&mut self, id: &DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
        // A subject of its own: what was received or given up once must not hold up what came after it.
        let again = sqlx::query(
            "UPDATE webhook_deliveries SET state = 'waiting', subject = 'replay:' || id, n_failures = 0, \
             next_at_ms = $2, finished_at_ms = NULL WHERE id = $1 AND finished_at_ms IS NOT NULL",
        )
        .bind(id.as_str())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        let sooner = sqlx::query(
            "UPDATE webhook_deliveries SET next_at_ms = $2 WHERE id = $1 AND state = 'waiting' \
             AND (leased_until_ms IS NULL OR leased_until_ms <= $2)",
        )
        .bind(id.as_str())
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(again.rows_affected() + sooner.rows_affected() > 0)
    }

    /// Makes the first queued message of a subject due, now that the one that was waiting is finished.
    async fn promote_delivery(
        &mut self,
        webhook_id: &WebhookId,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE webhook_deliveries SET state = 'waiting', next_at_ms = $3 WHERE id = (\
                 SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND subject = $2 \
                 AND finished_at_ms IS NULL AND state = 'queued' ORDER BY event_seq LIMIT 1)",
        )
        .bind(webhook_id.as_str())
        .bind(subject)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
