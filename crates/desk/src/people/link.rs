//! Links with which a person signs in once: made by an admin, or asked for by whoever knows the address.

use std::{pin::Pin, sync::Arc};

use domain::{AuditAction, Principal, Timestamp, UserId};
use serde_json::json;

use crate::{
    Desk, DeskError, Origin, SignIn,
    audit::Unrecorded,
    people::{lockout::Subject, secret},
};

/// How long a link lives that an admin made: a day.
const MADE_MS: i64 = 86_400_000;
/// How long a link lives that was asked for, in milliseconds: as long as one looks for a mail.
pub const ASKED_LINK_MS: i64 = 15 * 60_000;
/// Longest address that is looked at; more is no address (RFC 5321).
const ADDRESS_BYTES_MAX: usize = 254;

/// A letter to a person, with a link in it.
#[derive(Clone)]
pub struct SignInLetter {
    /// The address.
    pub to: String,
    /// The person's name.
    pub name: String,
    /// The link; a secret.
    pub url: String,
}

/// Brings letters to people; handed in.
pub trait Deliver: Send + Sync {
    /// Whether letters arrive anywhere. Where they do not, none is written.
    fn is_set_up(&self) -> bool;

    /// Brings a letter on its way. What fails is for the operator's log and not told to whoever asked.
    fn deliver(&self, letter: SignInLetter) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

impl Desk {
    /// A link's secret with which a person signs in once, within a day, in any browser.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users` and for who may do more than the principal, [`DeskError::NotFound`] when there is no such person,
    /// [`DeskError::Conflict`] when they may not sign in.
    pub async fn create_sign_in_link(&self, principal: &Principal, email: &str) -> Result<String, DeskError> {
        Self::require_people(principal)?;
        let user = self.user_by_email(principal, email).await?;
        Self::require_all(principal, &self.scopes_of(&user).await?)?;
        if !user.is_active() {
            return Err(DeskError::Conflict("this person is deactivated".to_owned()));
        }
        let token = secret::token(&self.0.ids.secret());
        let expires = Timestamp(self.now().0 + MADE_MS);
        let mut tx = self.begin(principal).await?;
        tx.insert_sign_in_link(&secret::digest(&token), &user.id, None, expires).await?;
        tx.record(AuditAction::UserLinkCreated, &user.id, json!({}));
        tx.commit().await?;
        Ok(token)
    }

    /// Whether a link that is asked for reaches anybody.
    pub fn delivers_links(&self) -> bool {
        self.0.delivery.is_set_up() && self.site().base_url.is_some()
    }

    /// Sends a link to a person who asked for one, good for [`ASKED_LINK_MS`] in the browser that asked, whose secret is
    /// `browser`. Whoever asks learns nothing: not whether the address is known, nor whether a link was sent.
    ///
    /// The link leads to the configured address of the site, never to the one that a request names.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn ask_for_sign_in_link(
        &self,
        email: &str,
        browser: &str,
        origin: &Origin,
    ) -> Result<(), DeskError> {
        // The rest of what is no address counts for nothing.
        let email: String = email.trim().to_lowercase().chars().take(ADDRESS_BYTES_MAX).collect();
        match self.admit_attempt(&[Subject::links_to(&email), Subject::links_from(origin)]).await {
            Ok(()) => {}
            Err(DeskError::TooManyAttempts { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
        let Some(base) = self.site().base_url.clone().filter(|_| self.0.delivery.is_set_up()) else {
            tracing::warn!(
                "a sign-in link was asked for, but could not be sent: no mail is set up, or site.base_url is missing"
            );
            return Ok(());
        };
        let found = self.0.store.find_user_by_email(&email).await?;
        let user = found.map(|(user, _)| user).filter(domain::User::is_active);
        let token = secret::token(&self.0.ids.secret());
        self.keep_asked_link(&token, browser, user.as_ref().map(|user| &user.id)).await?;
        if let Some(user) = user {
            let url = format!("{}/app/sign-in?token={token}", base.trim_end_matches('/'));
            let letter = SignInLetter { to: user.email, name: user.name, url };
            let delivery = Arc::clone(&self.0.delivery);
            // Nobody waits for it: how long it takes would tell whether there was one.
            tokio::spawn(async move { delivery.deliver(letter).await });
        }
        Ok(())
    }

    /// Signs in with a link's secret, in the browser that asked for it if one did. It works once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] when it is unknown, used, too old or of another browser; that one can still use it.
    pub async fn sign_in_with_link(
        &self,
        token: &str,
        browser: Option<&str>,
        origin: &Origin,
    ) -> Result<SignIn, DeskError> {
        let browser = browser.map(secret::digest);
        let mut tx = self.begin_unrecorded(&Principal::anonymous(), Unrecorded::Bookkeeping).await?;
        let user = tx.take_sign_in_link(&secret::digest(token), browser.as_deref(), self.now()).await?;
        let Some(user) = user else {
            tx.rollback().await?;
            return self.refuse_sign_in(None).await;
        };
        // In one transaction: a link whose session could not be stored is not used up.
        self.admit(tx, user, origin).await
    }

    /// Stores a link that was asked for; for nobody, the same transaction without it.
    async fn keep_asked_link(
        &self,
        token: &str,
        browser: &str,
        user_id: Option<&UserId>,
    ) -> Result<(), DeskError> {
        let expires = Timestamp(self.now().0 + ASKED_LINK_MS);
        let (token, browser) = (secret::digest(token), secret::digest(browser));
        let mut tx = self.begin_unrecorded(&Principal::anonymous(), Unrecorded::Bookkeeping).await?;
        if let Some(user_id) = user_id {
            tx.insert_sign_in_link(&token, user_id, Some(&browser), expires).await?;
        }
        tx.commit().await
    }

    /// A secret for a browser that asks for a link.
    pub fn browser_secret(&self) -> String {
        secret::token(&self.0.ids.secret())
    }
}
