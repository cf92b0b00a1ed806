//! Signing in at an OpenID Connect provider: authorization code with PKCE, and what its ID token says.
//!
//! RS256 and ES256 over `ring`; docs/decisions/0016 says why this is ours.

mod id_token;
mod provider;

pub use provider::Provider;

/// Who somebody is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who says so.
    pub issuer: String,
    /// Whom it means; never given to anybody else.
    pub subject: String,
    /// Their address, lower case, only if the provider has verified it.
    pub verified_email: Option<String>,
}

/// Why nobody was signed in. The texts are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The provider cannot be reached, or answers what it should not.
    #[error("the provider cannot be used: {0}")]
    Provider(&'static str),
    /// What it says of somebody is not to be believed.
    #[error("the ID token is refused: {0}")]
    IdToken(&'static str),
}
