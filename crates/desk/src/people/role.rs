//! Roles: sets of scopes that people have. Nobody grants what they may not do themselves.

use std::collections::BTreeSet;

use domain::{AuditAction, CustomRole, Principal, Role, Scope, User};
use serde_json::json;
use store::WriteTx;

use crate::{Desk, DeskError, input};

/// Longest name of a role, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Most roles that a site makes; they are read as a whole.
const ROLES_MAX: usize = 100;

/// A role as admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleView {
    /// Which one.
    pub role: Role,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Counts its changes; absent for a built-in one, which does not change.
    pub revision: Option<i64>,
}

/// The scopes of these names, as requests and commands give them.
///
/// # Errors
/// [`DeskError::Invalid`] with the first name that is none, and the scopes that there are.
pub fn parse_scopes(names: &[String]) -> Result<BTreeSet<Scope>, DeskError> {
    let parse = |name: &String| {
        let known = || Scope::ALL.map(Scope::as_str).join(", ");
        let refused =
            || DeskError::invalid("scopes", format!("there is no scope {name}; use any of {}", known()));
        Scope::parse(name).ok_or_else(refused)
    };
    names.iter().map(parse).collect()
}

/// What to change of a role; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// The new name.
    pub name: Option<String>,
    /// What it may do instead.
    pub scopes: Option<BTreeSet<Scope>>,
}

impl Desk {
    /// The roles: the built-in ones, then the site's own by key.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`.
    pub async fn roles(&self, principal: &Principal) -> Result<Vec<RoleView>, DeskError> {
        Self::require(principal, Scope::AdminUsers)?;
        let built_in = Role::BUILT_IN.into_iter().map(built_in);
        Ok(built_in.chain(self.0.store.list_roles().await?.into_iter().map(RoleView::from)).collect())
    }

    /// Makes a role.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users` or for scopes that the principal does not hold,
    /// [`DeskError::Invalid`], [`DeskError::Conflict`] when the key is taken or there are 100 roles.
    pub async fn create_role(
        &self,
        principal: &Principal,
        key: &str,
        name: &str,
        scopes: BTreeSet<Scope>,
    ) -> Result<RoleView, DeskError> {
        Self::require_people(principal)?;
        let Some(Role::Custom(key)) = Role::parse(key) else {
            let message = "1 to 64 of a-z 0-9 _ -, and not the key of a built-in role";
            return Err(DeskError::invalid("key", message));
        };
        let name = input::text("name", name, NAME_BYTES_MAX)?.to_owned();
        Self::require_all(principal, checked(&scopes)?)?;
        if self.0.store.list_roles().await?.len() >= ROLES_MAX {
            return Err(DeskError::Conflict(format!("there are {ROLES_MAX} roles already")));
        }
        let role = CustomRole { key, name, scopes, revision: 1, created_at: self.now() };
        let mut tx = self.begin(principal).await?;
        tx.insert_role(&role).await?;
        tx.record(AuditAction::RoleCreated, &role.key, json!({ "scopes": role.scopes }));
        tx.commit().await?;
        Ok(role.into())
    }

    /// Changes a role, for everybody who has it and from their next request on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, for a role that may do more than the principal, and for scopes that
    /// they do not hold; [`DeskError::NotFound`], [`DeskError::Invalid`], [`DeskError::Conflict`] for a built-in one,
    /// [`DeskError::Stale`] when `expected_revision` is not its revision.
    pub async fn change_role(
        &self,
        principal: &Principal,
        key: &str,
        change: RoleChange,
        expected_revision: Option<i64>,
    ) -> Result<RoleView, DeskError> {
        Self::require_people(principal)?;
        refuse_built_in(key)?;
        let name = match &change.name {
            None => None,
            Some(name) => Some(input::text("name", name, NAME_BYTES_MAX)?.to_owned()),
        };
        let mut tx = self.begin(principal).await?;
        let before = tx.role(key).await?.ok_or(DeskError::NotFound)?;
        Self::require_all(principal, &before.scopes)?;
        input::revision(expected_revision, before.revision)?;
        let mut role = before.clone();
        role.name = name.unwrap_or(role.name);
        if let Some(scopes) = change.scopes {
            Self::require_all(principal, checked(&scopes)?)?;
            role.scopes = scopes;
        }
        if role != before {
            role.revision += 1;
            tx.update_role(&role).await?;
            tx.record(AuditAction::RoleChanged, key, json!({ "scopes": [before.scopes, role.scopes] }));
            tx.commit().await?;
        }
        Ok(role.into())
    }

    /// Deletes a role that nobody has.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users` and for a role that may do more than the principal,
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] for a built-in one or while somebody has it.
    pub async fn delete_role(&self, principal: &Principal, key: &str) -> Result<(), DeskError> {
        Self::require_people(principal)?;
        refuse_built_in(key)?;
        let mut tx = self.begin(principal).await?;
        let role = tx.role(key).await?.ok_or(DeskError::NotFound)?;
        Self::require_all(principal, &role.scopes)?;
        tx.delete_role(key).await?;
        tx.record(AuditAction::RoleDeleted, key, json!({}));
        tx.commit().await
    }

    /// Refuses who may not manage people: without the scope, or limited to the tickets of some teams, since who makes
    /// people could see the others' through them.
    pub(crate) fn require_people(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::AdminUsers)
    }

    /// Refuses to grant, or to lay hands on, what the principal does not hold.
    pub(crate) fn require_all(principal: &Principal, scopes: &BTreeSet<Scope>) -> Result<(), DeskError> {
        if scopes.iter().all(|&scope| principal.may(scope)) { Ok(()) } else { Err(DeskError::Forbidden) }
    }

    /// What a person may do.
    pub(crate) async fn scopes_of(&self, user: &User) -> Result<BTreeSet<Scope>, DeskError> {
        match &user.role {
            // A role cannot go while somebody has it; if it were gone, they could do nothing.
            Role::Custom(key) => {
                Ok(self.0.store.find_role(key).await?.map(|role| role.scopes).unwrap_or_default())
            }
            built_in => Ok(built_in.scopes().iter().copied().collect()),
        }
    }

    /// Whether a person may read tickets at all.
    pub(crate) async fn may_read(&self, user: &User) -> Result<bool, DeskError> {
        let scopes = self.scopes_of(user).await?;
        Ok(scopes.contains(&Scope::TicketsRead) || scopes.contains(&Scope::Admin))
    }

    /// What a person may do, within a transaction that relies on it.
    pub(crate) async fn scopes_of_role(tx: &mut WriteTx, role: &Role) -> Result<BTreeSet<Scope>, DeskError> {
        match role {
            Role::Custom(key) => {
                let found = tx.role(key).await?;
                found
                    .map(|role| role.scopes)
                    .ok_or_else(|| DeskError::invalid("role", "there is no such role"))
            }
            built_in => Ok(built_in.scopes().iter().copied().collect()),
        }
    }
}

impl From<CustomRole> for RoleView {
    fn from(role: CustomRole) -> Self {
        Self {
            role: Role::Custom(role.key),
            name: role.name,
            scopes: role.scopes,
            revision: Some(role.revision),
        }
    }
}

fn built_in(role: Role) -> RoleView {
    let name = match &role {
        Role::Admin => "Admin",
        Role::Agent => "Agent",
        Role::Editor => "Editor",
        Role::Custom(key) => key,
    };
    RoleView { name: name.to_owned(), scopes: role.scopes().iter().copied().collect(), revision: None, role }
}

fn refuse_built_in(key: &str) -> Result<(), DeskError> {
    match Role::parse(key) {
        Some(Role::Custom(_)) => Ok(()),
        Some(_) => Err(DeskError::Conflict("the built-in roles stay as they are".to_owned())),
        None => Err(DeskError::NotFound),
    }
}

fn checked(scopes: &BTreeSet<Scope>) -> Result<&BTreeSet<Scope>, DeskError> {
    if scopes.is_empty() {
        return Err(DeskError::invalid("scopes", "name at least one scope"));
    }
    Ok(scopes)
}
