//! What a person who signs in is here for: a built-in role, or one that the site has made.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Scope, Timestamp, key::is_key};

/// Longest key of a role, in bytes.
const KEY_BYTES_MAX: usize = 64;

/// What a person is here for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Everything.
    Admin,
    /// Tickets, and reading every article.
    Agent,
    /// Articles, and reading tickets.
    Editor,
    /// A role of the site's own, by its key.
    Custom(String),
}

/// A text that cannot be a role's key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a role: {0:?}; 1 to 64 of a-z 0-9 _ -")]
pub struct InvalidRole(pub String);

/// A role that a site has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRole {
    /// Its key: 1 to 64 of `a-z 0-9 _ -`, and none of the built-in ones. It never changes.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Role {
    /// The roles that every site has.
    pub const BUILT_IN: [Self; 3] = [Self::Admin, Self::Agent, Self::Editor];

    /// The role's key, as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::Editor => "editor",
            Self::Custom(key) => key,
        }
    }

    /// Parses a key. Whether a site has a role with it is another question.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(role) = Self::BUILT_IN.into_iter().find(|role| role.as_str() == text) {
            return Some(role);
        }
        is_key(text, KEY_BYTES_MAX).then(|| Self::Custom(text.to_owned()))
    }

    /// What a built-in role may do; nothing for others, of which the database knows.
    pub fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Admin => &Scope::ALL,
            Self::Agent => &[
                Scope::KbRead,
                Scope::TicketsRead,
                Scope::TicketsWrite,
                Scope::CustomersRead,
                Scope::CustomersWrite,
            ],
            Self::Editor => &[Scope::KbRead, Scope::KbWrite, Scope::TicketsRead, Scope::CustomersRead],
            Self::Custom(_) => &[],
        }
    }
}

impl TryFrom<String> for Role {
    type Error = InvalidRole;
    fn try_from(key: String) -> Result<Self, InvalidRole> {
        Self::parse(&key).ok_or(InvalidRole(key))
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip_and_refuse_the_rest() {
        for key in ["admin", "agent", "editor", "team-lead_2", &"x".repeat(64)] {
            assert_eq!(Role::parse(key).unwrap().as_str(), key);
        }
        for key in ["", "Admin", "a b", "é", &"x".repeat(65)] {
            assert_eq!(Role::parse(key), None, "{key}");
        }
        assert_eq!(Role::parse("lead").unwrap().scopes(), []);
    }
}
