//! Single sign-on: a provider says who somebody is.
//!
//! Only people who have an account are signed in: by the provider's subject once it is known, the first time by an address
//! that the provider has verified. What a sign-in is checked with is derived from one secret of the browser that began it, so
//! nothing is stored until somebody is known.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use channels::oidc::{Identity, OidcError, Provider};
use domain::{AuditAction, Principal, User};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::StoreError;

use crate::{
    Desk, DeskError, Origin, SignIn,
    audit::{RecordedTx, Unrecorded},
    people::secret,
};

/// Where the provider sends people back to, under the site's address.
pub const PROVIDER_RETURN: &str = "/app/sign-in/provider/return";

/// A provider as people see it.
pub struct SingleSignOn {
    /// What people call it.
    pub name: String,
    /// The provider.
    pub provider: Provider,
}

impl Desk {
    /// What people call the provider, where one is set up.
    pub fn provider_name(&self) -> Option<&str> {
        let single = self.0.single_sign_on.as_ref()?;
        // The provider is told one address to send people back to, which a request must not choose.
        self.site().base_url.as_ref().map(|_| single.name.as_str())
    }

    /// Where a browser with this secret goes to sign in at the provider.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] where none is set up, [`DeskError::Busy`] when it cannot be used now.
    pub async fn begin_provider_sign_in(&self, browser: &str) -> Result<String, DeskError> {
        let (provider, return_to) = self.provider()?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(derived("verifier", browser).as_bytes()));
        let (state, nonce) = (derived("state", browser), derived("nonce", browser));
        let url = provider.authorization_url(&return_to, &state, &nonce, &challenge).await;
        url.map_err(|error| refused(&error))
    }

    /// Signs in who came back from the provider, in the browser with this secret.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for another state, a token that is not believed, and for who has no account, is deactivated,
    /// or is known to the provider as somebody else; [`DeskError::NotFound`] where none is set up, [`DeskError::Busy`] when
    /// it cannot be used now.
    pub async fn finish_provider_sign_in(
        &self,
        browser: &str,
        state: &str,
        code: &str,
        origin: &Origin,
    ) -> Result<SignIn, DeskError> {
        let (provider, return_to) = self.provider()?;
        if !secret::is_equal(derived("state", browser).as_bytes(), state.as_bytes()) {
            return Err(DeskError::Forbidden);
        }
        let (verifier, nonce) = (derived("verifier", browser), derived("nonce", browser));
        let now_s = self.now().0.div_euclid(1_000);
        let identity = provider.identify(code, &return_to, &verifier, &nonce, now_s).await;
        let identity = identity.map_err(|error| refused(&error))?;
        let mut tx = self.begin_unrecorded(&Principal::anonymous(), Unrecorded::Bookkeeping).await?;
        match self.user_of(&mut tx, &identity).await {
            Ok(user) => self.admit(tx, user, origin).await,
            Err(DeskError::Forbidden) => {
                tx.rollback().await?;
                self.refuse_sign_in(None).await
            }
            Err(error) => Err(error),
        }
    }

    /// The person with an account whom the provider means.
    async fn user_of(&self, tx: &mut RecordedTx, identity: &Identity) -> Result<User, DeskError> {
        let known = tx.user_of_identity(&identity.issuer, &identity.subject).await?;
        if let Some(user) = known {
            // By the subject alone: an address that has changed moves nobody.
            return if user.is_active() { Ok(user) } else { Err(DeskError::Forbidden) };
        }
        let email = identity.verified_email.as_deref().ok_or(DeskError::Forbidden)?;
        let user = tx.user_by_email(email).await?.filter(User::is_active).ok_or(DeskError::Forbidden)?;
        match tx.insert_identity(&identity.issuer, &identity.subject, &user.id, self.now()).await {
            Ok(()) => {
                tx.act_as(&user.id);
                tx.record(AuditAction::UserIdentityAdded, &user.id, json!({}));
                Ok(user)
            }
            // The address was given to somebody else at the provider; the account stays with who had it.
            Err(StoreError::Conflict(_)) => Err(DeskError::Forbidden),
            Err(error) => Err(error.into()),
        }
    }

    fn provider(&self) -> Result<(&Provider, String), DeskError> {
        let single = self.0.single_sign_on.as_ref().ok_or(DeskError::NotFound)?;
        let base = self.site().base_url.as_ref().ok_or(DeskError::NotFound)?;
        Ok((&single.provider, format!("{}{PROVIDER_RETURN}", base.trim_end_matches('/'))))
    }
}

/// One of the values that a sign-in is checked with; none tells another, or the secret.
fn derived(what: &str, browser: &str) -> String {
    secret::digest(&format!("single sign-on\0{what}\0{browser}"))
}

fn refused(error: &OidcError) -> DeskError {
    tracing::warn!(error = error as &dyn std::error::Error, "single sign-on failed");
    match error {
        OidcError::Provider(_) => DeskError::Busy,
        OidcError::IdToken(_) => DeskError::Forbidden,
    }
}
