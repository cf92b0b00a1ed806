//! Sending what is due: a few messages of each webhook at a time, so that a slow one delays no other.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use channels::{
    OutboundError,
    webhook::{WebhookAnswer, WebhookMessage},
};
use domain::{AuditAction, Delivery, Principal, Timestamp, Webhook, WebhookId};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    sync::watch,
    task::{Id, JoinSet},
};

use super::{
    WEBHOOKS_MAX,
    outcome::{Outcome, judge},
    queue::GIVEN_UP_DISABLED,
};
use crate::{
    Desk, DeskError, Unsealed,
    audit::{Unrecorded, from_here},
};

/// Messages of one webhook that are on their way at the same time, each of another subject. A receiver that takes a
/// second for each keeps up with four events a second.
pub(super) const PER_WEBHOOK: usize = 4;
/// Messages that are on their way at the same time in all: enough for every webhook, so that none waits for another.
const IN_FLIGHT_MAX: usize = WEBHOOKS_MAX * PER_WEBHOOK;
/// Longest that sending one message may take, in milliseconds.
pub const WEBHOOK_TIMEOUT_MS_MAX: u64 = 30_000;
/// How much longer than sending can take a message is kept for whoever sends it: room to record what came of it, and for
/// the clocks of two machines to differ.
const LEASE_MARGIN_S: u32 = 15;
/// How often it is looked for messages that are due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long messages on their way may go on when it is time to stop. What is cut off is sent again by the next process.
const STOP_PATIENCE: Duration = Duration::from_secs(3);
/// How long a webhook rests whose secret cannot be opened, until somebody puts the site's key back.
const UNREADABLE_REST_S: u32 = 60;

/// A message that is being sent.
struct Sending {
    webhook: Webhook,
    delivery: Delivery,
    secrets: Vec<Unsealed>,
}

/// How many messages of each webhook are on their way from this process.
type InFlight = BTreeMap<WebhookId, usize>;

impl Desk {
    /// Sends every message that is due, and those that become due by that, until none is left. Returns how many were sent.
    ///
    /// The worker does this by itself all the time; here it is over when this returns.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn deliver_webhooks(&self) -> Result<usize, DeskError> {
        let mut n_sent = 0;
        loop {
            let sending = self.begin_sending(&InFlight::new()).await?;
            if sending.is_empty() {
                return Ok(n_sent);
            }
            n_sent += sending.len();
            for recorded in join_all(sending.iter().map(|one| self.send(one))).await {
                recorded?;
            }
        }
    }

    /// Sends what is due until `stop` turns true.
    pub(crate) async fn run_webhooks(&self, mut stop: watch::Receiver<bool>) {
        let mut on_their_way = JoinSet::new();
        let mut whose: HashMap<Id, WebhookId> = HashMap::new();
        loop {
            let mut in_flight = InFlight::new();
            for id in whose.values() {
                *in_flight.entry(id.clone()).or_default() += 1;
            }
            let begun = self.begin_sending(&in_flight).await.unwrap_or_else(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot look for webhook messages");
                vec![]
            });
            for one in begun {
                let (desk, id) = (self.clone(), one.webhook.id.clone());
                let task = on_their_way.spawn(from_here(async move { desk.send_and_log(&one).await }));
                whose.insert(task.id(), id);
            }
            tokio::select! {
                // The sender is gone only when the process ends, which is a reason to stop too.
                _ = stop.wait_for(|stop| *stop) => break,
                Some(done) = on_their_way.join_next_with_id() => {
                    let mut next = Some(done);
                    while let Some(done) = next {
                        let task = match done {
                            Ok((task, ())) => task,
                            Err(error) => {
                                tracing::error!(%error, "sending a webhook message has failed");
                                error.id()
                            }
                        };
                        whose.remove(&task);
                        next = on_their_way.try_join_next_with_id();
                    }
                }
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        let ended = async { while on_their_way.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(STOP_PATIENCE, ended).await;
    }

    async fn send_and_log(&self, one: &Sending) {
        if let Err(error) = self.send(one).await {
            // Its lease ends, and it is sent again.
            tracing::error!(error = &error as &dyn std::error::Error, "cannot record a webhook message");
        }
    }

    /// Claims what is due, as far as there is room beside what is on its way.
    async fn begin_sending(&self, in_flight: &InFlight) -> Result<Vec<Sending>, DeskError> {
        if self.0.store.has_enabled_webhooks().await? {
            self.queue_for_webhooks().await?;
        }
        let now = self.now();
        let mut room = IN_FLIGHT_MAX.saturating_sub(in_flight.values().sum());
        let mut begun = vec![];
        for id in self.0.store.list_due_webhooks(now).await? {
            let of_it = in_flight.get(&id).copied().unwrap_or_default();
            let limit = PER_WEBHOOK.saturating_sub(of_it).min(room);
            if limit > 0 {
                let claimed = self.claim(&id, limit, now).await?;
                room -= claimed.len();
                begun.extend(claimed);
            }
        }
        Ok(begun)
    }

    async fn claim(&self, id: &WebhookId, limit: usize, now: Timestamp) -> Result<Vec<Sending>, DeskError> {
        let secrets = self.open_webhook_secrets(&self.0.store.webhook_secrets(id, now).await?);
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Delivery).await?;
        let Some(webhook) = tx.webhook(id).await?.filter(Webhook::is_enabled) else { return Ok(vec![]) };
        let secrets = match secrets {
            Ok(secrets) => secrets,
            Err(error) => {
                // Nothing is counted as a failure: the messages wait for the key, and the log is not filled.
                tracing::error!(webhook = %id, error = &error as &dyn std::error::Error, "cannot sign webhook messages");
                let paused_until = Some(now.plus_seconds(UNREADABLE_REST_S));
                tx.update_webhook(&Webhook { paused_until, ..webhook }).await?;
                tx.commit().await?;
                return Ok(vec![]);
            }
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let timeout_s = u32::try_from(self.0.webhooks.timeout().as_secs()).unwrap_or(u32::MAX);
        let lease_s = timeout_s.saturating_add(LEASE_MARGIN_S);
        let claimed = tx.claim_deliveries(id, now, lease_s, limit).await?;
        tx.commit().await?;
        let sending = claimed.into_iter().map(|delivery| Sending {
            webhook: webhook.clone(),
            delivery,
            secrets: secrets.clone(),
        });
        Ok(sending.collect())
    }

    /// Sends one message and records what came of it. No transaction is open while it is on its way.
    async fn send(&self, one: &Sending) -> Result<(), DeskError> {
        let secrets: Vec<&[u8]> = one.secrets.iter().map(Unsealed::bytes).collect();
        let message = WebhookMessage {
            id: one.delivery.id.as_str(),
            timestamp_s: self.now().0 / 1_000,
            body: &one.delivery.body,
        };
        let heard = self.0.webhooks.send(&one.webhook.url, message, &secrets).await;
        self.record(one, heard).await
    }

    async fn record(
        &self,
        one: &Sending,
        heard: Result<WebhookAnswer, OutboundError>,
    ) -> Result<(), DeskError> {
        let now = self.now();
        let random = self.0.ids.secret();
        let chance = u16::from_le_bytes([random[0], random[1]]);
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Delivery).await?;
        // It may have been deleted or changed meanwhile.
        let Some(before) = tx.webhook(&one.webhook.id).await? else { return Ok(()) };
        let Outcome { attempt, after, webhook } = judge(before.clone(), &one.delivery, heard, now, chance);
        let status = attempt.status;
        if !tx.finish_delivery(&one.delivery, &attempt, after).await? {
            return Ok(());
        }
        if webhook != before {
            tx.update_webhook(&webhook).await?;
        }
        if before.is_enabled() && !webhook.is_enabled() {
            tracing::warn!(webhook = %webhook.id, state = ?webhook.state, "disabled a webhook");
            tx.give_up_deliveries(&webhook.id, GIVEN_UP_DISABLED, now).await?;
            tx.record(AuditAction::WebhookDisabled, &webhook.id, json!({ "status": status }));
        }
        tx.commit().await
    }
}
