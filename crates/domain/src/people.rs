//! People: users who sign in, their teams, and the keys of programs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, Role, Scope, SessionId, Timestamp, UserId, key::is_key};

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The name customers and colleagues see.
    pub name: String,
    /// The address they sign in with, lower case.
    pub email: String,
    /// What they are here for.
    pub role: Role,
    /// Whose tickets they see.
    pub sees: Sees,
    /// When they were added.
    pub created_at: Timestamp,
    /// Since when they may not sign in; absent for who may.
    pub deactivated_at: Option<Timestamp>,
    /// Counts their changes, from 1.
    pub revision: i64,
    /// Whether a code is asked for when they sign in.
    pub has_second_factor: bool,
}

impl User {
    /// Whether they may sign in.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }
}

/// What somebody signed in with and where, in words for that person. Nothing is decided by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The browser, as in "Firefox on Linux".
    pub browser: String,
    /// The network, as in "192.0.2.0/24".
    pub network: String,
}

/// A signed-in browser. Its secret is in a cookie and stored as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id; not its secret.
    pub id: SessionId,
    /// Who is signed in.
    pub user_id: UserId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, a few minutes more or less.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What it began with and where.
    pub device: Device,
}

/// Whose tickets a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sees {
    /// Those of every team.
    All,
    /// Those of the teams they are in.
    OwnTeams,
}

impl Sees {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::OwnTeams => "own_teams",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::All, Self::OwnTeams].into_iter().find(|sees| sees.as_str() == text)
    }
}

/// A group of agents who share a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// What tickets name it by: 1 to 64 of `a-z 0-9 _ -`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Longest key of a team, in bytes.
const TEAM_KEY_BYTES_MAX: usize = 64;
/// Most teams of a site: their names and members are read as a whole.
pub const TEAMS_MAX: i64 = 500;

impl Team {
    /// Whether a text can be the key of a team.
    pub fn is_key(text: &str) -> bool {
        is_key(text, TEAM_KEY_BYTES_MAX)
    }
}

/// A program's key. Its secret is shown once and stored as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// The teams whose tickets it sees, by key; absent for all.
    pub teams: Option<BTreeSet<String>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, a minute or so more or less.
    pub last_used_at: Option<Timestamp>,
    /// When the secret ends, or has ended, that it had before its last rotation.
    pub old_secret_ends_at: Option<Timestamp>,
    /// Counts its changes, from 1.
    pub revision: i64,
}

impl ApiKey {
    /// Whether it is still good.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}
