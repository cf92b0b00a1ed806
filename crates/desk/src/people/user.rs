//! The people who sign in, as admins manage them.

use domain::{AuditAction, Principal, Role, Scope, Sees, Session, User, UserId};
use serde_json::json;

use store::WriteTx;

use crate::{Desk, DeskError, audit::RecordedTx, input, people::password};

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Most people of one installation. Lists of them come whole.
const USERS_MAX: i64 = 2_000;

/// What to change of a person; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// The new name.
    pub name: Option<String>,
    /// The new role.
    pub role: Option<Role>,
    /// Whose tickets they see.
    pub sees: Option<Sees>,
    /// Whether they may sign in.
    pub is_active: Option<bool>,
}

impl Desk {
    /// Everybody, by name, those who may no longer sign in too.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`.
    pub async fn users(&self, principal: &Principal) -> Result<Vec<User>, DeskError> {
        Self::require(principal, Scope::AdminUsers)?;
        Ok(self.0.store.list_users().await?)
    }

    /// A person.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::NotFound`].
    pub async fn user(&self, principal: &Principal, id: &UserId) -> Result<User, DeskError> {
        Self::require(principal, Scope::AdminUsers)?;
        self.0.store.find_user(id).await?.ok_or(DeskError::NotFound)
    }

    /// The person who asks.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team.
    pub async fn me(&self, principal: &Principal) -> Result<User, DeskError> {
        self.0.store.find_user(super::session::person(principal)?).await?.ok_or(DeskError::NotFound)
    }

    /// Adds a person. Without a password they sign in by a link first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users` or for a role that may do more than the principal, [`DeskError::Invalid`] for an address that is none or a password that
    /// is too short, [`DeskError::Conflict`] when the address is taken or there are too many people.
    pub async fn create_user(
        &self,
        principal: &Principal,
        name: &str,
        email: &str,
        role: Role,
        password: Option<&str>,
    ) -> Result<User, DeskError> {
        let user = self.new_user(principal, name, email, role)?;
        let hash = match password {
            None => None,
            Some(password) => Some(password::new_hash(password).await?),
        };
        let mut tx = self.begin(principal).await?;
        Self::insert_new_user(&mut tx, principal, &user, hash.as_deref()).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// A person to add, checked.
    pub(crate) fn new_user(
        &self,
        principal: &Principal,
        name: &str,
        email: &str,
        role: Role,
    ) -> Result<User, DeskError> {
        Self::require_people(principal)?;
        Ok(User {
            id: UserId::new(self.id()),
            name: input::text("name", name, NAME_BYTES_MAX)?.to_owned(),
            email: input::email(email)?,
            role,
            sees: Sees::All,
            created_at: self.now(),
            deactivated_at: None,
            revision: 1,
            has_second_factor: false,
        })
    }

    /// Adds them, while there is room, in a role that the principal may give.
    pub(crate) async fn insert_new_user(
        tx: &mut RecordedTx,
        principal: &Principal,
        user: &User,
        password_hash: Option<&str>,
    ) -> Result<(), DeskError> {
        if tx.count_users().await? >= USERS_MAX {
            let message = format!("there are {USERS_MAX} people, as many as there can be");
            return Err(DeskError::Conflict(message));
        }
        Self::require_all(principal, &Self::scopes_of_role(tx, &user.role).await?)?;
        tx.insert_user(user, password_hash).await?;
        tx.record(AuditAction::UserCreated, &user.id, json!({ "role": user.role.as_str() }));
        Ok(())
    }

    /// Changes a person. Who may no longer sign in loses every session and link at once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, and for who may do more than the principal or a role that may;
    /// [`DeskError::NotFound`], [`DeskError::Stale`] when `expected_revision`
    /// is not theirs, [`DeskError::Conflict`] when no admin would be left who may sign in.
    pub async fn change_user(
        &self,
        principal: &Principal,
        id: &UserId,
        change: UserChange,
        expected_revision: Option<i64>,
    ) -> Result<User, DeskError> {
        Self::require_people(principal)?;
        let name = match &change.name {
            None => None,
            Some(name) => Some(input::text("name", name, NAME_BYTES_MAX)?.to_owned()),
        };
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let before = Self::person_below(&mut tx, principal, id).await?;
        input::revision(expected_revision, before.revision)?;
        let mut user = before.clone();
        user.name = name.unwrap_or(user.name);
        if let Some(role) = change.role {
            Self::require_all(principal, &Self::scopes_of_role(&mut tx, &role).await?)?;
            user.role = role;
        }
        user.sees = change.sees.unwrap_or(user.sees);
        user.deactivated_at = match change.is_active {
            None => user.deactivated_at,
            Some(true) => None,
            Some(false) => user.deactivated_at.or(Some(now)),
        };
        if user == before {
            tx.rollback().await?;
            return Ok(user);
        }
        user.revision += 1;
        tx.update_user(&user).await?;
        let details = json!({
            "name_changed": before.name != user.name,
            "role": [before.role.as_str(), user.role.as_str()],
            "sees": [before.sees.as_str(), user.sees.as_str()],
            "is_active": [before.is_active(), user.is_active()],
        });
        tx.record(AuditAction::UserChanged, id, details);
        if !user.is_active() {
            tx.delete_sessions_of(id, None).await?;
            tx.delete_sign_in_links_of(id).await?;
            tx.delete_invite_of(id).await?;
            tx.delete_second_steps_of(id).await?;
        }
        let was_admin = before.role == Role::Admin && before.is_active();
        if was_admin && tx.count_active_users(&Role::Admin).await? == 0 {
            return Err(DeskError::Conflict("the last admin stays an admin and may sign in".to_owned()));
        }
        tx.commit().await?;
        Ok(user)
    }

    /// A person who may do nothing that the principal may not: whoever could change, invite or sign in as somebody else
    /// could do what they may do.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`].
    pub(crate) async fn person_below(
        tx: &mut WriteTx,
        principal: &Principal,
        id: &UserId,
    ) -> Result<User, DeskError> {
        let user = tx.user(id).await?.ok_or(DeskError::NotFound)?;
        Self::require_all(principal, &Self::scopes_of_role(tx, &user.role).await?)?;
        Ok(user)
    }

    /// Where a person is signed in, the last used first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::NotFound`].
    pub async fn sessions_of(&self, principal: &Principal, id: &UserId) -> Result<Vec<Session>, DeskError> {
        let user = self.user(principal, id).await?;
        Ok(self.0.store.list_sessions(&user.id, self.now()).await?)
    }

    /// Ends every session of a person. Returns how many.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::NotFound`].
    pub async fn end_sessions_of(&self, principal: &Principal, id: &UserId) -> Result<u64, DeskError> {
        Self::require_people(principal)?;
        let mut tx = self.begin(principal).await?;
        Self::person_below(&mut tx, principal, id).await?;
        let n_ended = tx.delete_sessions_of(id, None).await?;
        tx.record(AuditAction::UserSessionsEnded, id, json!({ "n": n_ended }));
        tx.commit().await?;
        Ok(n_ended)
    }

    /// The person with this address.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users`, [`DeskError::NotFound`].
    pub async fn user_by_email(&self, principal: &Principal, email: &str) -> Result<User, DeskError> {
        Self::require(principal, Scope::AdminUsers)?;
        let found = self.0.store.find_user_by_email(&input::email(email)?).await?;
        Ok(found.ok_or(DeskError::NotFound)?.0)
    }
}
