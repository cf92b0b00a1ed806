//! What was sent to a webhook and what became of it; sending it again, and trying a webhook out.

use domain::{
    AuditAction, Delivery, DeliveryId, DeliveryState, PING, Principal, Timestamp, Webhook, WebhookId,
};
use serde_json::json;
pub use store::DeliveryFilter;
use store::NewDelivery;

use super::queue::message;
use crate::{Desk, DeskError, audit::Unrecorded};

/// Messages on one page, at most.
pub const DELIVERIES_PER_PAGE_MAX: usize = 100;
/// How long a message is kept once it was received or given up: two weeks, time to notice and send it again.
const KEPT_MS: i64 = 14 * 24 * 60 * 60 * 1_000;
/// Messages that are forgotten in one transaction, so that nobody waits long for the next.
const FORGOTTEN_PER_ROUND: i64 = 5_000;

impl Desk {
    /// The messages of a webhook, newest first; at most [`DELIVERIES_PER_PAGE_MAX`] and one more, which tells of a next page.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`].
    pub async fn list_deliveries(
        &self,
        principal: &Principal,
        webhook_id: &WebhookId,
        filter: DeliveryFilter,
    ) -> Result<Vec<Delivery>, DeskError> {
        self.webhook(principal, webhook_id).await?;
        let most = i64::try_from(DELIVERIES_PER_PAGE_MAX + 1).unwrap_or(i64::MAX);
        let filter = DeliveryFilter { limit: filter.limit.clamp(1, most), ..filter };
        Ok(self.0.store.list_deliveries(webhook_id, &filter).await?)
    }

    /// Sends a message again, or at once when it waits. It keeps its id.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] while it is being sent or waits for an earlier one, and for a webhook
    /// that is disabled.
    pub async fn replay_delivery(
        &self,
        principal: &Principal,
        webhook_id: &WebhookId,
        id: &DeliveryId,
    ) -> Result<Delivery, DeskError> {
        Self::require_webhooks(principal)?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let webhook = tx.webhook(webhook_id).await?.ok_or(DeskError::NotFound)?;
        let delivery = tx.delivery(webhook_id, id).await?.ok_or(DeskError::NotFound)?;
        require_enabled(&webhook)?;
        if !tx.replay_delivery(id, now).await? {
            return Err(DeskError::Conflict(match delivery.state {
                DeliveryState::Queued => "it waits for an earlier message about the same".to_owned(),
                _ => "it is being sent".to_owned(),
            }));
        }
        let delivery = tx.delivery(webhook_id, id).await?.ok_or(DeskError::NotFound)?;
        tx.record(AuditAction::WebhookReplayed, webhook_id, json!({ "delivery_id": id }));
        tx.commit().await?;
        Ok(delivery)
    }

    /// Sends a webhook a message of the kind `ping`, to try it out.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] for a webhook that is disabled.
    pub async fn ping_webhook(
        &self,
        principal: &Principal,
        webhook_id: &WebhookId,
    ) -> Result<Delivery, DeskError> {
        Self::require_webhooks(principal)?;
        let (id, now) = (DeliveryId::new(self.id()), self.now());
        let body = message(PING, now, &json!({ "webhook_id": webhook_id }));
        let mut tx = self.begin(principal).await?;
        let webhook = tx.webhook(webhook_id).await?.ok_or(DeskError::NotFound)?;
        require_enabled(&webhook)?;
        let subject = format!("{PING}:{id}");
        let new =
            NewDelivery { id: &id, webhook_id, event_seq: None, kind: PING, subject: &subject, body: &body };
        tx.insert_delivery(&new, now).await?;
        let delivery = tx.delivery(webhook_id, &id).await?.ok_or(DeskError::NotFound)?;
        tx.record(AuditAction::WebhookTested, webhook_id, json!({ "delivery_id": id }));
        tx.commit().await?;
        Ok(delivery)
    }

    /// Forgets messages that were finished two weeks ago, and secrets that have ended.
    pub(crate) async fn forget_deliveries(&self) -> Result<(), DeskError> {
        let now = self.now();
        let before = Timestamp(now.0 - KEPT_MS);
        loop {
            let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Delivery).await?;
            tx.delete_expired_webhook_secrets(now).await?;
            let n_forgotten = tx.delete_deliveries_before(before, FORGOTTEN_PER_ROUND).await?;
            tx.commit().await?;
            if i64::try_from(n_forgotten).unwrap_or(i64::MAX) < FORGOTTEN_PER_ROUND {
                return Ok(());
            }
        }
    }
}

fn require_enabled(webhook: &Webhook) -> Result<(), DeskError> {
    if webhook.is_enabled() {
        Ok(())
    } else {
        Err(DeskError::Conflict("the webhook is disabled; enable it first".to_owned()))
    }
}
