//! Roles.

use desk::RoleView;
use domain::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleJson {
    /// What people are given it by.
    key: String,
    name: String,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// Whether every site has it, as it is.
    built_in: bool,
    /// Counts its changes, from 1, the `ETag`; null for a built-in one.
    revision: Option<i64>,
}

/// Roles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RolesJson {
    pub(crate) roles: Vec<RoleJson>,
}

impl RoleJson {
    pub(crate) fn new(role: &RoleView) -> Self {
        Self {
            key: role.role.as_str().to_owned(),
            name: role.name.clone(),
            scopes: role.scopes.iter().copied().map(Scope::as_str).collect(),
            built_in: role.revision.is_none(),
            revision: role.revision,
        }
    }
}
