//! Webhooks: made, listed, changed and deleted by admins.

use std::collections::BTreeSet;

use channels::OutboundError;
use domain::{AuditAction, Event, Principal, Webhook, WebhookId, WebhookState, WhyDisabled};
use serde_json::json;

use super::{WEBHOOKS_MAX, queue::GIVEN_UP_DISABLED};
use crate::{Desk, DeskError, input};

/// Longest address, in bytes: longer ones are not passed on by common proxies.
const URL_BYTES_MAX: usize = 2_048;
/// Longest description, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 500;

/// A webhook to make.
#[derive(Debug, Clone, Default)]
pub struct NewWebhook {
    /// Where it is told: http or https, and no private address that is not allow-listed.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// The kinds of event it hears of; none for all.
    pub kinds: Vec<String>,
}

/// What to change of a webhook; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// The new address; what waits is sent there.
    pub url: Option<String>,
    /// The new description; an empty one is none.
    pub description: Option<String>,
    /// The new kinds of event, for what happens from now on; none for all.
    pub kinds: Option<Vec<String>>,
    /// Whether it is told anything.
    pub switch: Option<WebhookSwitch>,
}

/// What an admin says about a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookSwitch {
    /// Tell it what happens from now on.
    Enable,
    /// Tell it nothing more, and give up what waits.
    Disable,
}

/// A webhook that was just made.
pub struct CreatedWebhook {
    /// What is stored.
    pub webhook: Webhook,
    /// What its messages are signed with; it cannot be shown again.
    pub secret: String,
}

impl Desk {
    /// Makes a webhook, which hears of what happens from now on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::Invalid`] for an address that is none or is not allowed and for kinds that are none, [`DeskError::Conflict`]
    /// when there are 32 or without the site's key.
    pub async fn create_webhook(
        &self,
        principal: &Principal,
        new: NewWebhook,
    ) -> Result<CreatedWebhook, DeskError> {
        Self::require_webhooks(principal)?;
        let url = self.webhook_url(&new.url)?;
        let description = input::optional("description", new.description.as_deref(), DESCRIPTION_BYTES_MAX)?;
        let kinds = kinds(&new.kinds)?;
        let (id, now) = (WebhookId::new(self.id()), self.now());
        let (secret, stored) = self.new_webhook_secret(&id)?;
        let mut tx = self.begin(principal).await?;
        if usize::try_from(tx.count_webhooks().await?).unwrap_or(usize::MAX) >= WEBHOOKS_MAX {
            return Err(DeskError::Conflict(format!("there are {WEBHOOKS_MAX} webhooks already")));
        }
        let webhook = Webhook {
            id,
            url,
            description: description.unwrap_or_default().to_owned(),
            kinds,
            state: WebhookState::Enabled,
            since_seq: tx.last_event_seq().await?,
            failing_since: None,
            paused_until: None,
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        tx.insert_webhook(&webhook).await?;
        tx.insert_webhook_secret(&stored).await?;
        tx.record(AuditAction::WebhookCreated, &webhook.id, json!({ "types": webhook.kinds }));
        tx.commit().await?;
        Ok(CreatedWebhook { webhook, secret })
    }

    /// Every webhook, oldest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets.
    pub async fn list_webhooks(&self, principal: &Principal) -> Result<Vec<Webhook>, DeskError> {
        Self::require_webhooks(principal)?;
        Ok(self.0.store.list_webhooks().await?)
    }

    /// A webhook.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`].
    pub async fn webhook(&self, principal: &Principal, id: &WebhookId) -> Result<Webhook, DeskError> {
        Self::require_webhooks(principal)?;
        self.0.store.find_webhook(id).await?.ok_or(DeskError::NotFound)
    }

    /// Changes a webhook. One that is enabled again hears of what happens from then on.
    ///
    /// # Errors
    /// Those of [`Desk::create_webhook`], [`DeskError::NotFound`], [`DeskError::Stale`] when `expected_revision` is not
    /// its revision.
    pub async fn change_webhook(
        &self,
        principal: &Principal,
        id: &WebhookId,
        change: WebhookChange,
        expected_revision: Option<i64>,
    ) -> Result<Webhook, DeskError> {
        Self::require_webhooks(principal)?;
        let url = change.url.as_deref().map(|url| self.webhook_url(url)).transpose()?;
        let description = match change.description.as_deref() {
            None => None,
            given => Some(input::optional("description", given, DESCRIPTION_BYTES_MAX)?.unwrap_or_default()),
        };
        let kinds = change.kinds.as_deref().map(kinds).transpose()?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let before = tx.webhook(id).await?.ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, before.revision)?;
        let mut webhook = before.clone();
        if let Some(url) = url
            && url != webhook.url
        {
            // Another receiver, which has neither failed nor asked for a pause.
            webhook = Webhook { url, failing_since: None, paused_until: None, ..webhook };
        }
        if let Some(description) = description {
            description.clone_into(&mut webhook.description);
        }
        webhook.kinds = kinds.unwrap_or(webhook.kinds);
        if webhook != before {
            webhook = webhook.changed(now);
        }
        match change.switch {
            Some(WebhookSwitch::Enable) => webhook = webhook.enabled(tx.last_event_seq().await?, now),
            Some(WebhookSwitch::Disable) if webhook.is_enabled() => {
                webhook = webhook.disabled(WhyDisabled::ByAdmin, now);
                tx.give_up_deliveries(id, GIVEN_UP_DISABLED, now).await?;
            }
            Some(WebhookSwitch::Disable) | None => {}
        }
        if webhook == before {
            tx.rollback().await?;
            return Ok(before);
        }
        // One request is one change, whatever it changes.
        webhook.revision = before.revision + 1;
        tx.update_webhook(&webhook).await?;
        tx.record(AuditAction::WebhookChanged, id, json!({ "changed": changed(&before, &webhook) }));
        tx.commit().await?;
        Ok(webhook)
    }

    /// Deletes a webhook with its log and what waits for it.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`], [`DeskError::Stale`] when `expected_revision` is not its revision.
    pub async fn delete_webhook(
        &self,
        principal: &Principal,
        id: &WebhookId,
        expected_revision: Option<i64>,
    ) -> Result<(), DeskError> {
        Self::require_webhooks(principal)?;
        let mut tx = self.begin(principal).await?;
        let webhook = tx.webhook(id).await?.ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, webhook.revision)?;
        tx.delete_webhook(id).await?;
        tx.record(AuditAction::WebhookDeleted, id, json!({}));
        tx.commit().await
    }

    fn webhook_url(&self, url: &str) -> Result<String, DeskError> {
        let url = input::text("url", url, URL_BYTES_MAX)?;
        match self.0.webhooks.check(url) {
            Ok(()) => Ok(url.to_owned()),
            // No more is said: who tries addresses out must learn nothing about the network.
            Err(OutboundError::NotAllowed) => Err(DeskError::invalid("url", "target not allowed")),
            Err(_) => Err(DeskError::invalid("url", "an http or https address without user and password")),
        }
    }
}

/// Which fields of a webhook differ. Addresses may hold secrets and are not told.
fn changed(before: &Webhook, after: &Webhook) -> Vec<&'static str> {
    let fields = [
        ("url", before.url != after.url),
        ("description", before.description != after.description),
        ("types", before.kinds != after.kinds),
        ("state", before.state != after.state),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

fn kinds(given: &[String]) -> Result<BTreeSet<String>, DeskError> {
    let mut known = Event::KINDS.to_vec();
    known.retain(|kind| !Event::OWN_KINDS.contains(kind));
    if given.iter().any(|kind| !known.contains(&kind.as_str())) {
        return Err(DeskError::invalid("types", format!("any of {}", known.join(", "))));
    }
    Ok(given.iter().cloned().collect())
}
