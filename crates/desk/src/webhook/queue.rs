//! From the outbox to messages: each event once for each webhook that hears of it, however often the process dies.

use domain::{AuditAction, DeliveryId, Principal, Timestamp, WhyDisabled};
use serde_json::{Value, json};
use store::{NewDelivery, OutboxEntry};

use crate::{Desk, DeskError, audit::Unrecorded};

/// Events that become messages in one transaction: with 32 webhooks some thousand rows, a fraction of a second.
const EVENTS_PER_ROUND: usize = 100;
/// Messages that wait for one webhook, at most; with more it is disabled. It is days behind then, and tables stay small.
const UNFINISHED_MAX: i64 = 100_000;
/// What the log says of messages that were not sent because their webhook was disabled.
pub(super) const GIVEN_UP_DISABLED: &str = "given up: the webhook was disabled";

impl Desk {
    /// Makes messages of everything that has happened.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn queue_for_webhooks(&self) -> Result<(), DeskError> {
        loop {
            let cursor = self.0.store.webhook_cursor().await?;
            if cursor >= self.0.store.last_event_seq().await? {
                return Ok(());
            }
            self.queue_some().await?;
        }
    }

    /// Makes messages of the next events, in one transaction with the cursor.
    async fn queue_some(&self) -> Result<(), DeskError> {
        let now = self.now();
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Delivery).await?;
        let mut webhooks = tx.enabled_webhooks().await?;
        let last = tx.last_event_seq().await?;
        // What nobody hears of need not be read.
        let heard_from = webhooks.iter().map(|webhook| webhook.since_seq).min().unwrap_or(last);
        let cursor = tx.webhook_cursor().await?.max(heard_from.min(last));
        let entries = tx.events_after(cursor, EVENTS_PER_ROUND as i64).await?;
        for webhook in &mut webhooks {
            if tx.has_more_unfinished_deliveries(&webhook.id, UNFINISHED_MAX).await? {
                tracing::warn!(webhook = %webhook.id, "disabled a webhook: too much waits for it");
                *webhook = webhook.clone().disabled(WhyDisabled::Behind, now);
                tx.update_webhook(webhook).await?;
                tx.give_up_deliveries(&webhook.id, GIVEN_UP_DISABLED, now).await?;
                tx.record(
                    AuditAction::WebhookDisabled,
                    &webhook.id,
                    json!({ "why": WhyDisabled::Behind.as_str() }),
                );
            }
        }
        // What one person alone hears of is no webhook's.
        let is_for_webhooks =
            |entry: &&OutboxEntry| entry.event.is_told() && entry.event.only_for().is_none();
        for entry in entries.iter().filter(is_for_webhooks) {
            let (kind, subject, body) = (entry.event.kind(), entry.event.subject(), body(entry));
            for webhook in webhooks.iter().filter(|webhook| webhook.hears(kind, entry.seq)) {
                let new = NewDelivery {
                    id: &DeliveryId::new(self.id()),
                    webhook_id: &webhook.id,
                    event_seq: Some(entry.seq),
                    kind,
                    subject: &subject,
                    body: &body,
                };
                tx.insert_delivery(&new, now).await?;
            }
        }
        let is_all = entries.len() < EVENTS_PER_ROUND;
        let reached = entries.last().filter(|_| !is_all).map_or(last, |entry| entry.seq);
        tx.set_webhook_cursor(reached).await?;
        tx.commit().await
    }
}

/// What is sent of an event: `type`, `timestamp`, and in `data` what names it. No text that anybody wrote.
fn body(entry: &OutboxEntry) -> String {
    let mut data = serde_json::to_value(&entry.event).unwrap_or_default();
    if let Value::Object(fields) = &mut data {
        fields.remove("type");
        fields.insert("seq".to_owned(), json!(entry.seq));
    }
    message(entry.event.kind(), entry.at, &data)
}

/// The body of a message in the form that Standard Webhooks recommends.
pub(super) fn message(kind: &str, at: Timestamp, data: &Value) -> String {
    json!({ "type": kind, "timestamp": at.iso(), "data": data }).to_string()
}

#[cfg(test)]
mod tests {
    use domain::{Event, TicketId};

    use super::*;

    #[test]
    fn a_message_names_what_happened() {
        let event = Event::TicketOpened { ticket_id: TicketId::new("T7") };
        let body = body(&OutboxEntry { seq: 12, at: Timestamp(1_750_000_000_500), event });
        let body: Value = serde_json::from_str(&body).unwrap();
        let expected = json!({
            "type": "ticket_opened",
            "timestamp": "2025-06-15T15:06:40.5Z",
            "data": { "ticket_id": "T7", "seq": 12 },
        });
        assert_eq!(body, expected);
    }
}
