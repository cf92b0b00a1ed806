//! What an ID token must be to be believed (OpenID Connect Core 1.0, 3.1.3.7).
//!
//! The algorithm is chosen from a list of two, each of which takes one kind of key: a token cannot choose `none`, or make a
//! public key a shared secret.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

use super::{Identity, OidcError};

/// Keys of a provider that are looked at. They have two or three.
const KEYS_MAX: usize = 20;
/// How far the provider's clock may be off, in seconds.
const SKEW_S: i64 = 60;
/// Longest subject (OpenID Connect Core 1.0, 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// What a token is compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    /// The time now, in seconds.
    pub(crate) now_s: i64,
}

/// A provider's keys (RFC 7517).
#[derive(Debug, Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Es256,
}

/// Believes a token, or says why not.
///
/// # Errors
/// [`OidcError::IdToken`].
pub(crate) fn verify(token: &str, keys: &KeySet, expected: Expected<'_>) -> Result<Identity, OidcError> {
    let refused = OidcError::IdToken;
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signed), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(refused("it is no signed token"));
    };
    let message = &token[..header.len() + 1 + claims.len()];
    let header: Header = json(header).ok_or(refused("its header cannot be read"))?;
    let algorithm = match header.alg.as_str() {
        "RS256" => Algorithm::Rs256,
        "ES256" => Algorithm::Es256,
        _ => return Err(refused("its algorithm is neither RS256 nor ES256")),
    };
    if header.crit.is_some() {
        return Err(refused("it asks for what is not understood"));
    }
    let signature = bytes(signed).ok_or(refused("its signature cannot be read"))?;
    let fits = |key: &&Key| key.fits(algorithm) && (header.kid.is_none() || key.kid == header.kid);
    let mut candidates = keys.keys.iter().filter(fits).take(KEYS_MAX);
    if !candidates.any(|key| key.has_signed(algorithm, message.as_bytes(), &signature)) {
        return Err(refused("no key of the provider has signed it"));
    }
    let claims: Claims = json(claims).ok_or(refused("its claims cannot be read"))?;
    claims.check(expected)
}

impl Claims {
    fn check(self, expected: Expected<'_>) -> Result<Identity, OidcError> {
        let refused = |why| Err(OidcError::IdToken(why));
        if self.iss != expected.issuer {
            return refused("somebody else issued it");
        }
        let is_for_us = match &self.aud {
            Audience::One(audience) => audience == expected.client_id,
            // Of several audiences one must be the party that asked, and it must be us.
            Audience::Many(all) => {
                all.iter().any(|one| one == expected.client_id) && (all.len() == 1 || self.azp.is_some())
            }
        };
        if !is_for_us || self.azp.as_deref().is_some_and(|party| party != expected.client_id) {
            return refused("it is for somebody else");
        }
        if self.nonce.as_deref() != Some(expected.nonce) {
            return refused("it answers another sign-in");
        }
        if self.exp <= expected.now_s.saturating_sub(SKEW_S) {
            return refused("it has run out");
        }
        let soon = expected.now_s.saturating_add(SKEW_S);
        if self.iat > soon || self.nbf.is_some_and(|from| from > soon) {
            return refused("it is of the future");
        }
        if self.sub.is_empty() || self.sub.len() > SUBJECT_BYTES_MAX {
            return refused("its subject is none");
        }
        let verified_email = self.email.filter(|_| self.email_verified == Some(true));
        Ok(Identity {
            issuer: self.iss,
            subject: self.sub,
            verified_email: verified_email.map(|email| email.trim().to_lowercase()),
        })
    }
}

impl Key {
    /// Whether it is of the kind that the algorithm takes, and not meant for something else.
    fn fits(&self, algorithm: Algorithm) -> bool {
        let (kind, name) = match algorithm {
            Algorithm::Rs256 => (self.kty == "RSA", "RS256"),
            Algorithm::Es256 => (self.kty == "EC" && self.crv.as_deref() == Some("P-256"), "ES256"),
        };
        kind && self.used_for.as_deref().is_none_or(|used_for| used_for == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == name)
    }

    fn has_signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let part = |part: &Option<String>| part.as_deref().and_then(bytes);
        match algorithm {
            Algorithm::Rs256 => {
                let (Some(n), Some(e)) = (part(&self.n), part(&self.e)) else { return false };
                let key = RsaPublicKeyComponents { n: without_zeros(&n), e: without_zeros(&e) };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            Algorithm::Es256 => {
                let (Some(x), Some(y)) = (part(&self.x), part(&self.y)) else { return false };
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&bytes(part)?).ok()
}

fn bytes(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    &number[start..]
}

#[cfg(test)]
mod tests;
