//! API keys: made once, shown once, dead when revoked.

use std::collections::BTreeSet;

use domain::{ApiKey, ApiKeyId, Principal, Scope, TicketSight, Timestamp};

use crate::{Desk, DeskError, input, people::secret};

/// Longest name of a key, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// A key to be made.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may do; at least one.
    pub scopes: BTreeSet<Scope>,
    /// The teams whose tickets it sees, by key; all when absent.
    pub teams: Option<BTreeSet<String>>,
    /// Days until it ends by itself; never when absent.
    pub expires_in_days: Option<u32>,
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub struct CreatedKey {
    /// What is stored.
    pub key: ApiKey,
    /// The bearer secret; it cannot be shown again.
    pub secret: String,
}

impl Desk {
    /// Makes a key.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:keys`, and for scopes or teams that are not the principal's own;
    /// [`DeskError::Invalid`] without a name or scopes, or for a team that is not
    /// there.
    pub async fn create_key(&self, principal: &Principal, new: NewKey) -> Result<CreatedKey, DeskError> {
        Self::require(principal, Scope::AdminKeys)?;
        let NewKey { name, scopes, teams, expires_in_days } = new;
        let name = input::text("name", &name, NAME_BYTES_MAX)?;
        let teams = match (teams, principal.sight()) {
            (None, TicketSight::All) => None,
            // Nobody makes a key that sees more than they do.
            (None, TicketSight::Teams(own)) => Some(own),
            (Some(keys), _) => Some(self.known_teams(principal, keys).await?),
        };
        Self::require_all(principal, &scopes)?;
        // Nor does a key see what its maker does not.
        if let TicketSight::Teams(seen) = principal.sight()
            && !teams.as_ref().is_some_and(|teams| teams.is_subset(&seen))
        {
            return Err(DeskError::Forbidden);
        }
        if scopes.is_empty() {
            return Err(DeskError::invalid("scopes", "name at least one scope"));
        }
        let now = self.now();
        let day_ms = 86_400_000;
        let key = ApiKey {
            id: ApiKeyId::new(self.id()),
            name: name.to_owned(),
            scopes,
            teams,
            created_at: now,
            expires_at: expires_in_days.map(|days| Timestamp(now.0 + i64::from(days) * day_ms)),
            revoked_at: None,
        };
        let secret = secret::api_key(&self.0.ids.secret());
        let mut tx = self.0.store.begin().await?;
        tx.insert_api_key(&key, &secret::digest(&secret)).await?;
        tx.commit().await?;
        Ok(CreatedKey { key, secret })
    }

    /// Who holds this key, if it is one that still lives.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn key_principal(&self, key: &str) -> Result<Option<Principal>, DeskError> {
        if !secret::is_api_key(key) {
            return Ok(None);
        }
        let found = self.0.store.find_api_key(&secret::digest(key), self.now()).await?;
        Ok(found.map(|key| Principal::ApiKey {
            id: key.id,
            scopes: key.scopes,
            sight: key.teams.map_or(TicketSight::All, TicketSight::Teams),
        }))
    }

    /// Every key, newest first, without its secret.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:keys`.
    pub async fn list_keys(&self, principal: &Principal) -> Result<Vec<ApiKey>, DeskError> {
        Self::require(principal, Scope::AdminKeys)?;
        Ok(self.0.store.list_api_keys().await?)
    }

    /// Revokes a key from the next request on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:keys`, [`DeskError::NotFound`].
    pub async fn revoke_key(&self, principal: &Principal, id: &ApiKeyId) -> Result<(), DeskError> {
        Self::require(principal, Scope::AdminKeys)?;
        let mut tx = self.0.store.begin().await?;
        let revoked = tx.revoke_api_key(id, self.now()).await?;
        tx.commit().await?;
        if revoked { Ok(()) } else { Err(DeskError::NotFound) }
    }
}
