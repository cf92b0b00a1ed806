//! People: customers who ask, users who sign in, and the keys of programs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, CustomerId, Role, Scope, Timestamp, UserId};

/// A customer: somebody who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// The name they gave; may be empty.
    pub name: String,
    /// The mail address they gave, unverified unless they signed in by it.
    pub email: Option<String>,
    /// When they first wrote.
    pub created_at: Timestamp,
}

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

impl Team {
    /// Whether a text can be the key of a team.
    pub fn is_key(text: &str) -> bool {
        (1..=TEAM_KEY_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
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
}
