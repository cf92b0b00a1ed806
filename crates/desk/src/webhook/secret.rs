//! What messages are signed with: shown once, sealed at rest, and replaced without an interruption.

use channels::webhook::secret_text;
use domain::{AuditAction, Principal, Timestamp, Webhook, WebhookId};
use serde_json::json;
use store::WebhookSecret;

use crate::{Desk, DeskError, SealError, Unsealed};

/// What a webhook's secret is sealed for.
const SEALED_FOR: &str = "webhook secret";
/// How long messages are signed with the former secret too: a day to enter the new one at the receiver.
const OVERLAP_MS: i64 = 24 * 60 * 60 * 1_000;
/// Secrets of a webhook, at most: the newest and two before it, so that a second replacement within a day does not cut
/// off a receiver that has not followed the first. Each makes the header longer.
const SECRETS_MAX: i64 = 3;

/// A secret that was just replaced.
pub struct ReplacedSecret {
    /// What messages are signed with first; it cannot be shown again.
    pub secret: String,
    /// Until when they are signed with the one before it too.
    pub former_until: Timestamp,
}

impl Desk {
    /// Gives a webhook a new secret. For a day messages are signed with the former one too.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:webhooks`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] without the site's key.
    pub async fn replace_webhook_secret(
        &self,
        principal: &Principal,
        id: &WebhookId,
    ) -> Result<ReplacedSecret, DeskError> {
        Self::require_webhooks(principal)?;
        let (secret, stored) = self.new_webhook_secret(id)?;
        let former_until = Timestamp(self.now().0 + OVERLAP_MS);
        let mut tx = self.begin(principal).await?;
        let webhook = tx.webhook(id).await?.ok_or(DeskError::NotFound)?;
        tx.retire_webhook_secrets(id, former_until, SECRETS_MAX - 1).await?;
        tx.insert_webhook_secret(&stored).await?;
        // It may have rested because no secret could be opened.
        tx.update_webhook(&Webhook { paused_until: None, ..webhook }).await?;
        tx.record(AuditAction::WebhookSecretReplaced, id, json!({}));
        tx.commit().await?;
        Ok(ReplacedSecret { secret, former_until })
    }

    /// A secret as receivers enter it, and as it is stored.
    pub(super) fn new_webhook_secret(&self, id: &WebhookId) -> Result<(String, WebhookSecret), DeskError> {
        let bytes = self.0.ids.secret();
        let stored = WebhookSecret {
            id: self.id(),
            webhook_id: id.clone(),
            sealed: self.seal(SEALED_FOR, id.as_str(), &bytes)?,
            created_at: self.now(),
            expires_at: None,
        };
        Ok((secret_text(&bytes), stored))
    }

    /// Opens what messages of a webhook are signed with, newest first.
    ///
    /// # Errors
    /// [`SealError`] when the newest cannot be opened. An older one that cannot is left out.
    pub(super) fn open_webhook_secrets(&self, stored: &[WebhookSecret]) -> Result<Vec<Unsealed>, SealError> {
        let open =
            |secret: &WebhookSecret| self.unseal(SEALED_FOR, secret.webhook_id.as_str(), &secret.sealed);
        let (newest, older) = stored.split_first().ok_or(SealError::Damaged)?;
        let mut opened = vec![open(newest)?];
        opened.extend(older.iter().filter_map(|secret| open(secret).ok()));
        Ok(opened)
    }
}
