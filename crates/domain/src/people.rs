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
    /// When they were added.
    pub created_at: Timestamp,
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
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
