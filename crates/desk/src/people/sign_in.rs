//! Signing in by address and password.

use domain::{AuditAction, Principal, Timestamp, UserId};
use serde_json::json;

use crate::{
    Desk, DeskError, Origin, SignIn,
    audit::Unrecorded,
    input,
    people::{lockout, lockout::Subject, password},
};

impl Desk {
    /// Signs in by address and password; a second factor is asked for next.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for anything wrong, [`DeskError::TooManyAttempts`] after too many of them. Both are the same
    /// for an address that is not known: it is looked up, and as much is computed.
    pub async fn sign_in(&self, email: &str, password: &str, origin: &Origin) -> Result<SignIn, DeskError> {
        if password.len() > password::BYTES_MAX {
            return self.refuse_sign_in(None).await;
        }
        let subjects = [Subject::network(origin), Subject::address(email)];
        self.admit_attempt(&subjects).await?;
        let found = match input::email(email) {
            Ok(email) => self.0.store.find_user_by_email(&email).await?,
            Err(_) => None,
        };
        let stored = found.as_ref().and_then(|(_, hash)| hash.clone());
        let matches = password::matches(stored, password).await?;
        match found {
            Some((user, _)) if matches && user.is_active() => {
                let mut tx = self.begin_unrecorded(&Principal::anonymous(), Unrecorded::Bookkeeping).await?;
                Self::forgive_attempt(&mut tx, &subjects).await?;
                self.admit(tx, user, origin).await
            }
            // The address that was tried is nobody's where there is no such person: it may be a mistyped password.
            found => self.refuse_sign_in(found.map(|(user, _)| user.id)).await,
        }
    }

    /// Deletes sessions, links, counted attempts, keys of repeated requests, events and messages to webhooks that have ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_expired(&self) -> Result<(), DeskError> {
        // Events of a time in which nothing ran become messages before they are forgotten.
        self.queue_for_webhooks().await?;
        self.forget_deliveries().await?;
        let now = self.now();
        self.trim_audit().await?;
        self.remove_free_files().await?;
        self.forget_bulk_jobs().await?;
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        tx.delete_expired(now).await?;
        tx.delete_attempts_before(Timestamp(now.0 - lockout::FORGET_MS)).await?;
        tx.delete_events_before(Timestamp(now.0 - crate::events::KEPT_MS)).await?;
        tx.delete_idempotent_before(Timestamp(now.0 - crate::repeated::KEPT_MS)).await?;
        tx.commit().await
    }

    /// Records that somebody was not let in, the same for those who are known and those who are not. No transaction may be open.
    pub(crate) async fn record_refusal(&self, user_id: Option<UserId>) -> Result<(), DeskError> {
        let mut tx = self.begin(&Principal::anonymous()).await?;
        match user_id {
            Some(id) => tx.record(AuditAction::UserSignInRefused, id, json!({})),
            None => tx.record_alone(AuditAction::UserSignInRefused, json!({})),
        }
        tx.commit().await
    }

    /// Records it, and refuses.
    pub(crate) async fn refuse_sign_in<T>(&self, user_id: Option<UserId>) -> Result<T, DeskError> {
        self.record_refusal(user_id).await?;
        Err(DeskError::Forbidden)
    }
}
