//! API keys.

use domain::{ApiKey, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// The keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeysJson {
    pub(crate) keys: Vec<KeyJson>,
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyJson {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    /// The teams whose tickets it sees, by key; null for all.
    teams: Option<Vec<String>>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    /// A minute or so more or less; null when it was never used.
    last_used_at: Option<String>,
    /// When the secret ends, or has ended, that it had before its last rotation.
    old_secret_ends_at: Option<String>,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// A key that was just made, or got another secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedKeyJson {
    #[serde(flatten)]
    pub(crate) key: KeyJson,
    /// The key itself; shown once.
    pub(crate) secret: String,
}

impl KeyJson {
    pub(crate) fn new(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            scopes: key.scopes.iter().map(|scope| Scope::as_str(*scope)).collect(),
            teams: key.teams.as_ref().map(|teams| teams.iter().cloned().collect()),
            created_at: iso(key.created_at),
            expires_at: key.expires_at.map(iso),
            revoked_at: key.revoked_at.map(iso),
            last_used_at: key.last_used_at.map(iso),
            old_secret_ends_at: key.old_secret_ends_at.map(iso),
            revision: key.revision,
        }
    }
}
