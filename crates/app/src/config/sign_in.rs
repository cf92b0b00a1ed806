//! How people sign in.

use std::path::PathBuf;

use anyhow::bail;
use serde::Deserialize;

/// How people sign in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// Whether admins may do nothing but set up a second factor until they have one.
    pub admins_need_second_factor: bool,
    /// A provider that says who somebody is (OpenID Connect).
    pub provider: Option<Provider>,
}

/// An OpenID Connect provider. Its `Debug` does not show the secret.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What people call it.
    pub name: String,
    /// The issuer's address, exactly as the provider writes it.
    pub issuer: String,
    /// What the provider knows this site by.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: Option<String>,
    /// A file with the secret.
    pub client_secret_file: Option<PathBuf>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl SignIn {
    /// Checks what can be checked without asking the provider.
    ///
    /// # Errors
    /// Says what is missing.
    pub(super) fn validate(&self, base_url: Option<&str>) -> anyhow::Result<()> {
        let Some(provider) = &self.provider else { return Ok(()) };
        if base_url.is_none() {
            bail!("sign_in.provider needs site.base_url: the provider sends people back to it");
        }
        if !provider.issuer.starts_with("https://") && !provider.issuer.starts_with("http://127.0.0.1") {
            bail!("sign_in.provider.issuer is {}; it must begin with https://", provider.issuer);
        }
        if provider.client_secret.is_none() && provider.client_secret_file.is_none() {
            bail!("set sign_in.provider.client_secret or sign_in.provider.client_secret_file");
        }
        Ok(())
    }
}
