//! API keys: made once, shown once, rotated without a gap, dead when revoked.

use std::collections::BTreeSet;

use domain::{ApiKey, ApiKeyId, AuditAction, Principal, Scope, TicketSight, Timestamp};
use serde_json::json;

use store::WriteTx;

use crate::{Desk, DeskError, input, people::secret};

/// Longest name of a key, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Most keys that were not revoked. Lists of them come whole.
const KEYS_MAX: i64 = 1_000;
/// Days for which a key lives at most: a hundred years.
const DAYS_MAX: u32 = 36_500;
/// Longest that a secret lives on after a rotation: a week, in hours.
const OVERLAP_HOURS_MAX: u32 = 7 * 24;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

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

/// What to change of a key; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    /// The new name.
    pub name: Option<String>,
    /// What it may do instead.
    pub scopes: Option<BTreeSet<Scope>>,
    /// Days from now until it ends by itself, or never.
    pub expires_in_days: Option<Option<u32>>,
}

/// A key that was just made or got another secret.
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
        require_teams(principal, teams.as_ref())?;
        if scopes.is_empty() {
            return Err(DeskError::invalid("scopes", "name at least one scope"));
        }
        let now = self.now();
        let key = ApiKey {
            id: ApiKeyId::new(self.id()),
            name: name.to_owned(),
            scopes,
            teams,
            created_at: now,
            expires_at: expires_in_days.map(|days| in_days(now, days)).transpose()?,
            revoked_at: None,
            last_used_at: None,
            old_secret_ends_at: None,
            revision: 1,
        };
        let secret = secret::api_key(&self.0.ids.secret());
        let mut tx = self.begin(principal).await?;
        if tx.count_api_keys().await? >= KEYS_MAX {
            return Err(DeskError::Conflict(format!("there are {KEYS_MAX} keys; revoke some")));
        }
        tx.insert_api_key(&key, &secret::digest(&secret)).await?;
        let details = json!({ "scopes": key.scopes, "teams": key.teams, "expires_at_ms": key.expires_at });
        tx.record(AuditAction::KeyCreated, &key.id, details);
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
        let now = self.now();
        let found = self.0.store.find_api_key(&secret::digest(key), now).await?;
        Ok(found.map(|key| {
            self.0.seen.key(&key.id, key.last_used_at, now);
            Principal::ApiKey {
                id: key.id,
                scopes: key.scopes,
                sight: key.teams.map_or(TicketSight::All, TicketSight::Teams),
            }
        }))
    }

    /// A key, without its secret.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:keys`, [`DeskError::NotFound`].
    pub async fn api_key(&self, principal: &Principal, id: &ApiKeyId) -> Result<ApiKey, DeskError> {
        Self::require(principal, Scope::AdminKeys)?;
        self.0.store.find_api_key_by_id(id).await?.ok_or(DeskError::NotFound)
    }

    /// Changes a key from its next request on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:keys`, for a key that may do more than the principal, and for scopes that
    /// they do not hold; [`DeskError::NotFound`], [`DeskError::Invalid`], [`DeskError::Conflict`] for a revoked one,
    /// [`DeskError::Stale`] when `expected_revision` is not its revision.
    pub async fn change_key(
        &self,
        principal: &Principal,
        id: &ApiKeyId,
        change: KeyChange,
        expected_revision: Option<i64>,
    ) -> Result<ApiKey, DeskError> {
        Self::require(principal, Scope::AdminKeys)?;
        let name = match &change.name {
            None => None,
            Some(name) => Some(input::text("name", name, NAME_BYTES_MAX)?.to_owned()),
        };
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let before = Self::key_below(&mut tx, principal, id).await?;
        input::revision(expected_revision, before.revision)?;
        if before.revoked_at.is_some() {
            return Err(DeskError::Conflict("a revoked key stays revoked".to_owned()));
        }
        let mut key = before.clone();
        key.name = name.unwrap_or(key.name);
        if let Some(scopes) = change.scopes {
            Self::require_all(principal, &scopes)?;
            if scopes.is_empty() {
                return Err(DeskError::invalid("scopes", "name at least one scope"));
            }
            key.scopes = scopes;
        }
        if let Some(days) = change.expires_in_days {
            key.expires_at = days.map(|days| in_days(now, days)).transpose()?;
        }
        if key != before {
            key.revision += 1;
            tx.update_api_key(&key).await?;
            let details = json!({ "scopes": [before.scopes, key.scopes], "expires_at_ms": key.expires_at });
            tx.record(AuditAction::KeyChanged, id, details);
            tx.commit().await?;
        }
        Ok(key)
    }

    /// Gives a key another secret. The one it had lives on for `overlap_hours`, at most a week, and is dead at once with 0.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:keys` and for a key that may do more than the principal,
    /// [`DeskError::NotFound`], [`DeskError::Invalid`] for a longer overlap, [`DeskError::Conflict`] for a dead key.
    pub async fn rotate_key(
        &self,
        principal: &Principal,
        id: &ApiKeyId,
        overlap_hours: u32,
    ) -> Result<CreatedKey, DeskError> {
        Self::require(principal, Scope::AdminKeys)?;
        if overlap_hours > OVERLAP_HOURS_MAX {
            return Err(DeskError::invalid("overlap_hours", format!("at most {OVERLAP_HOURS_MAX}")));
        }
        let now = self.now();
        let secret = secret::api_key(&self.0.ids.secret());
        let old_ends_at = Timestamp(now.0 + i64::from(overlap_hours) * HOUR_MS);
        let mut tx = self.begin(principal).await?;
        let before = Self::key_below(&mut tx, principal, id).await?;
        if !before.is_alive(now) {
            return Err(DeskError::Conflict("this key is dead; make a new one".to_owned()));
        }
        let key = ApiKey { old_secret_ends_at: Some(old_ends_at), revision: before.revision + 1, ..before };
        tx.rotate_api_key(id, &secret::digest(&secret), old_ends_at).await?;
        tx.update_api_key(&key).await?;
        tx.record(AuditAction::KeyRotated, id, json!({ "overlap_hours": overlap_hours }));
        tx.commit().await?;
        Ok(CreatedKey { key, secret })
    }

    /// A key that may do and see nothing that the principal may not: whoever has its new secret can do what it may, and who
    /// revokes it stops what others rely on.
    async fn key_below(tx: &mut WriteTx, principal: &Principal, id: &ApiKeyId) -> Result<ApiKey, DeskError> {
        let key = tx.api_key(id).await?.ok_or(DeskError::NotFound)?;
        Self::require_all(principal, &key.scopes)?;
        require_teams(principal, key.teams.as_ref())?;
        Ok(key)
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
    /// [`DeskError::Forbidden`] without `admin:keys` and for a key that may do or see more than the principal,
    /// [`DeskError::NotFound`].
    pub async fn revoke_key(&self, principal: &Principal, id: &ApiKeyId) -> Result<(), DeskError> {
        Self::require(principal, Scope::AdminKeys)?;
        let mut tx = self.begin(principal).await?;
        Self::key_below(&mut tx, principal, id).await?;
        if !tx.revoke_api_key(id, self.now()).await? {
            return Err(DeskError::NotFound);
        }
        tx.record(AuditAction::KeyRevoked, id, json!({}));
        tx.commit().await
    }
}

/// When a key ends.
///
/// # Errors
/// [`DeskError::Invalid`] for one that would be dead at once, or outlive everybody.
fn in_days(now: Timestamp, days: u32) -> Result<Timestamp, DeskError> {
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(DeskError::invalid("expires_in_days", format!("1 to {DAYS_MAX}")));
    }
    Ok(Timestamp(now.0 + i64::from(days) * DAY_MS))
}

/// Refuses a key that sees teams which the principal does not see; absent are all of them.
fn require_teams(principal: &Principal, teams: Option<&BTreeSet<String>>) -> Result<(), DeskError> {
    match principal.sight() {
        TicketSight::All => Ok(()),
        TicketSight::Teams(seen) if teams.is_some_and(|teams| teams.is_subset(&seen)) => Ok(()),
        TicketSight::Teams(_) => Err(DeskError::Forbidden),
    }
}
