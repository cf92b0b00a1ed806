//! Signing in: by password, or by a link that works once.

use domain::{Device, Timestamp};

use crate::{
    Desk, DeskError, SignedIn, input,
    people::{password, secret},
};

/// How long a sign-in link lives: a day.
pub(crate) const LINK_MS: i64 = 86_400_000;

impl Desk {
    /// Signs in by address and password.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for anything wrong; an unknown address costs the same work as a wrong password.
    pub async fn sign_in(&self, email: &str, password: &str, device: &Device) -> Result<SignedIn, DeskError> {
        if password.len() > password::BYTES_MAX {
            return Err(DeskError::Forbidden);
        }
        let found = match input::email(email) {
            Ok(email) => self.0.store.find_user_by_email(&email).await?,
            Err(_) => None,
        };
        let stored = found.as_ref().and_then(|(_, hash)| hash.clone());
        let matches = password::matches(stored, password).await?;
        match found {
            Some((user, _)) if matches && user.is_active() => {
                self.begin_session(self.0.store.begin().await?, user, device).await
            }
            _ => Err(DeskError::Forbidden),
        }
    }

    /// Signs in with a link's secret. It works once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] when it is unknown, used or too old.
    pub async fn sign_in_with_link(&self, token: &str, device: &Device) -> Result<SignedIn, DeskError> {
        let mut tx = self.0.store.begin().await?;
        let user = tx.take_sign_in_link(&secret::digest(token), self.now()).await?;
        // In one transaction: a link whose session could not be stored is not used up.
        self.begin_session(tx, user.ok_or(DeskError::Forbidden)?, device).await
    }

    /// Deletes sessions, sign-in links, keys of repeated requests, events and messages to webhooks that have ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_expired(&self) -> Result<(), DeskError> {
        // Events of a time in which nothing ran become messages before they are forgotten.
        self.queue_for_webhooks().await?;
        self.forget_deliveries().await?;
        let mut tx = self.0.store.begin().await?;
        tx.delete_expired(self.now()).await?;
        tx.delete_events_before(Timestamp(self.now().0 - crate::events::KEPT_MS)).await?;
        tx.delete_idempotent_before(Timestamp(self.now().0 - crate::repeated::KEPT_MS)).await?;
        Ok(tx.commit().await?)
    }
}
