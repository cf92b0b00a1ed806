//! Webhooks and what they were told.

use domain::{Delivery, DeliveryState, Webhook, WebhookState};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// The webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhooksJson {
    pub(crate) webhooks: Vec<WebhookJson>,
}

/// An address that is told what happens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookJson {
    id: String,
    url: String,
    description: String,
    /// The kinds of event it hears of; all when empty.
    types: Vec<String>,
    /// `enabled` or `disabled`.
    state: &'static str,
    /// `by_admin`; `gone`: the receiver answered 410; `failing`: everything failed for five days; `behind`: more than 100,000
    /// messages waited.
    disabled_reason: Option<&'static str>,
    disabled_at: Option<String>,
    /// Since when every message has failed.
    failing_since: Option<String>,
    created_at: String,
    updated_at: String,
    /// What `ETag` says.
    revision: i64,
}

/// A webhook that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedWebhookJson {
    #[serde(flatten)]
    pub(crate) webhook: WebhookJson,
    /// What its messages are signed with; shown once.
    pub(crate) secret: String,
}

/// A secret that was just replaced.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplacedSecretJson {
    /// What messages are signed with first; shown once.
    pub(crate) secret: String,
    /// Until when messages are signed with the former secret too.
    pub(crate) former_secret_until: String,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveriesJson {
    pub(crate) deliveries: Vec<DeliveryJson>,
    /// `after` of the next page.
    pub(crate) next: Option<String>,
}

/// A message to a webhook, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryJson {
    /// What the header `webhook-id` says, each time it is sent.
    id: String,
    /// The kind of event, or `ping`.
    #[serde(rename = "type")]
    kind: String,
    /// The number of the event, as the event stream has it.
    event_seq: Option<i64>,
    /// `queued`, `waiting`, `delivered` or `failed`.
    state: &'static str,
    /// How often it was sent.
    n_attempts: u32,
    created_at: String,
    last_attempt_at: Option<String>,
    /// When it is sent next, while it waits.
    next_attempt_at: Option<String>,
    /// The status that was answered last.
    last_status: Option<u16>,
    /// Why it failed last, or was given up.
    last_error: Option<String>,
    /// The first 500 characters of the last answer.
    last_response: Option<String>,
    /// What is sent, byte by byte.
    body: String,
}

impl WebhookJson {
    pub(crate) fn new(webhook: &Webhook) -> Self {
        let (state, why, at) = match webhook.state {
            WebhookState::Enabled => ("enabled", None, None),
            WebhookState::Disabled { why, at } => ("disabled", Some(why.as_str()), Some(iso(at))),
        };
        Self {
            id: webhook.id.to_string(),
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            types: webhook.kinds.iter().cloned().collect(),
            state,
            disabled_reason: why,
            disabled_at: at,
            failing_since: webhook.failing_since.map(iso),
            created_at: iso(webhook.created_at),
            updated_at: iso(webhook.updated_at),
            revision: webhook.revision,
        }
    }
}

impl DeliveryJson {
    pub(crate) fn new(delivery: &Delivery) -> Self {
        let is_waiting = delivery.state == DeliveryState::Waiting;
        Self {
            id: delivery.id.to_string(),
            kind: delivery.kind.clone(),
            event_seq: delivery.event_seq,
            state: delivery.state.as_str(),
            n_attempts: delivery.n_attempts,
            created_at: iso(delivery.created_at),
            last_attempt_at: delivery.last_at.map(iso),
            next_attempt_at: is_waiting.then(|| iso(delivery.next_at)),
            last_status: delivery.last_status,
            last_error: delivery.last_error.clone(),
            last_response: delivery.last_said.clone(),
            body: delivery.body.clone(),
        }
    }
}
