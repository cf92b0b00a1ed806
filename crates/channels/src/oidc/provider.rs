//! The provider: where to send people, and what it says of who comes back.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Url;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Identity, OidcError,
    id_token::{Expected, KeySet, verify},
};
use crate::{OutboundClient, OutboundRequest};

/// How long each answer of the provider may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer. Descriptions and key sets are a few kilobytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;

/// An OpenID Connect provider that a site trusts to say who somebody is. Its `Debug` shows no secret.
pub struct Provider {
    http: OutboundClient,
    issuer: String,
    client_id: String,
    client_secret: String,
}

/// What a provider says of itself (OpenID Connect Discovery 1.0, 3).
#[derive(Debug, Deserialize)]
struct Description {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// A provider by its issuer's address, and what it knows the site by.
    pub fn new(http: OutboundClient, issuer: &str, client_id: &str, client_secret: &str) -> Self {
        Self {
            http,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
        }
    }

    /// Where a person is sent, who comes back to `redirect_uri` with a code and the same state.
    ///
    /// `code_challenge` is the base 64 of the SHA-256 of a verifier (RFC 7636, S256).
    ///
    /// # Errors
    /// [`OidcError::Provider`].
    pub async fn authorization_url(
        &self,
        redirect_uri: &str,
        state: &str,
        nonce: &str,
        code_challenge: &str,
    ) -> Result<String, OidcError> {
        let description = self.description().await?;
        let mut url = Url::parse(&description.authorization_endpoint)
            .map_err(|_| OidcError::Provider("its authorization endpoint is no address"))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", "openid email")
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", code_challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Who it is that came back with a code. The provider is asked; nothing that the browser brought is believed.
    ///
    /// # Errors
    /// [`OidcError::Provider`], [`OidcError::IdToken`].
    pub async fn identify(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        nonce: &str,
        now_s: i64,
    ) -> Result<Identity, OidcError> {
        let description = self.description().await?;
        let mut form = Url::parse("form:").map_err(|_| OidcError::Provider("no form can be written"))?;
        form.query_pairs_mut()
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("code_verifier", verifier);
        let request = self.http.post(&description.token_endpoint).map_err(|_| not_allowed())?;
        let request = request
            .header("authorization", &self.basic())
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", form.query().unwrap_or_default());
        let tokens: Tokens = answer(request).await?;
        let keys = self.http.get(&description.jwks_uri).map_err(|_| not_allowed())?;
        let keys: KeySet = answer(keys).await?;
        let expected = Expected { issuer: &self.issuer, client_id: &self.client_id, nonce, now_s };
        verify(&tokens.id_token, &keys, expected)
    }

    /// Read anew each time: people sign in now and then, and keys and addresses change.
    async fn description(&self) -> Result<Description, OidcError> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let request = self.http.get(&url).map_err(|_| not_allowed())?;
        let description: Description = answer(request).await?;
        if description.issuer != self.issuer {
            return Err(OidcError::Provider("it calls itself by another issuer than the configured one"));
        }
        // The client's secret and the keys travel only as safely as to the issuer itself.
        let own = origin(&self.issuer);
        for url in [&description.token_endpoint, &description.jwks_uri] {
            if !url.starts_with("https://") && (own.is_none() || origin(url) != own) {
                return Err(OidcError::Provider("one of its addresses is not https"));
            }
        }
        Ok(description)
    }

    /// RFC 6749, 2.3.1: both parts are form-encoded first.
    fn basic(&self) -> String {
        let encoded = |text: &str| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
            text.bytes()
                .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
                .collect::<String>()
        };
        let pair = format!("{}:{}", encoded(&self.client_id), encoded(&self.client_secret));
        format!("Basic {}", STANDARD.encode(pair))
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

async fn answer<T: DeserializeOwned>(request: OutboundRequest) -> Result<T, OidcError> {
    let unreachable = |_| OidcError::Provider("it cannot be reached");
    let response = request.send(TIMEOUT).await.map_err(unreachable)?;
    match response.status() {
        200 => {}
        // RFC 6749, 5.2: what was sent is wrong, and will be wrong again.
        400 => return Err(OidcError::IdToken("the provider gives none for this code")),
        _ => return Err(OidcError::Provider("it refuses")),
    }
    let bytes = response.bytes(ANSWER_BYTES_MAX).await.map_err(unreachable)?;
    serde_json::from_slice(&bytes).map_err(|_| OidcError::Provider("its answer cannot be read"))
}

fn not_allowed() -> OidcError {
    OidcError::Provider("one of its addresses may not be reached")
}

fn origin(url: &str) -> Option<(String, String, Option<u16>)> {
    let url = Url::parse(url).ok()?;
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.port_or_known_default()))
}
