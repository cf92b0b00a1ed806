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
}

/// A key that was just made.
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
        }
    }
}
