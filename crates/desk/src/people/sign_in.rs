//! Signing in: by password, or by a link that works once.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::{Principal, Role, Sees, SessionId, Timestamp, User, UserId};
use store::WriteTx;
use tokio::sync::Semaphore;

use crate::{Desk, DeskError, input, people::secret};

/// How long a session lives: two weeks.
const SESSION_MS: i64 = 14 * 86_400_000;
/// How long a sign-in link lives: a day.
const LINK_MS: i64 = 86_400_000;
/// Shortest password, in characters (NIST SP 800-63B-4: at least 15 where it is the only factor).
const PASSWORD_CHARS_MIN: usize = 15;
/// Longest password, in bytes; more would only buy CPU time for an attacker.
const PASSWORD_BYTES_MAX: usize = 1024;
/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Hashes computed at once: each takes 19 MiB (argon2id, OWASP's parameters, the crate's default).
static HASHING: Semaphore = Semaphore::const_new(2);
/// A hash that no password has, so that an unknown address takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody signs in with this").unwrap_or_default());

/// A session that just began.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The session's secret, for the cookie.
    pub token: String,
}

impl Desk {
    /// Adds a person. Without a password they sign in by a link first.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for an address that is none or a password that is too short,
    /// [`DeskError::Conflict`] when the address is taken.
    pub async fn create_user(
        &self,
        name: &str,
        email: &str,
        role: Role,
        password: Option<&str>,
    ) -> Result<User, DeskError> {
        let name = input::text("name", name, NAME_BYTES_MAX)?;
        let email = input::email(email)?;
        let hash = match password {
            None => None,
            Some(password) if password.chars().count() < PASSWORD_CHARS_MIN => {
                let message = format!("use at least {PASSWORD_CHARS_MIN} characters");
                return Err(DeskError::invalid("password", message));
            }
            Some(password) if password.len() > PASSWORD_BYTES_MAX => {
                return Err(DeskError::TooLarge { field: "password", bytes_max: PASSWORD_BYTES_MAX });
            }
            Some(password) => Some(in_background(password.to_owned(), |password| hash(&password)).await?),
        };
        let user = User {
            id: UserId::new(self.id()),
            name: name.to_owned(),
            email,
            role,
            sees: Sees::All,
            created_at: self.now(),
        };
        let mut tx = self.0.store.begin().await?;
        tx.insert_user(&user, hash.as_deref()).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// A link's secret with which a person signs in once, within a day.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is no such person.
    pub async fn create_sign_in_link(&self, email: &str) -> Result<String, DeskError> {
        let email = input::email(email)?;
        let (user, _) = self.0.store.find_user_by_email(&email).await?.ok_or(DeskError::NotFound)?;
        let token = secret::token(&self.0.ids.secret());
        let expires = Timestamp(self.now().0 + LINK_MS);
        let mut tx = self.0.store.begin().await?;
        tx.insert_sign_in_link(&secret::digest(&token), &user.id, expires).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Signs in by address and password.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for anything wrong; an unknown address takes as long as a wrong password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, DeskError> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(DeskError::Forbidden);
        }
        let found = match input::email(email) {
            Ok(email) => self.0.store.find_user_by_email(&email).await?,
            Err(_) => None,
        };
        let stored = found.as_ref().and_then(|(_, hash)| hash.clone());
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let matches = in_background((stored, password.to_owned()), |(stored, password)| {
            Some(verify(&stored, &password))
        })
        .await?;
        match found {
            Some((user, _)) if known && matches => {
                self.begin_session(self.0.store.begin().await?, user).await
            }
            _ => Err(DeskError::Forbidden),
        }
    }

    /// Signs in with a link's secret. It works once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] when it is unknown, used or too old.
    pub async fn sign_in_with_link(&self, token: &str) -> Result<SignedIn, DeskError> {
        let mut tx = self.0.store.begin().await?;
        let user = tx.take_sign_in_link(&secret::digest(token), self.now()).await?;
        // In one transaction: a link whose session could not be stored is not used up.
        self.begin_session(tx, user.ok_or(DeskError::Forbidden)?).await
    }

    /// Who holds this session token, if the session still lives.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn session(&self, token: &str) -> Result<Option<(Principal, User)>, DeskError> {
        let user = self.0.store.find_session(&secret::digest(token), self.now()).await?;
        let Some(user) = user else { return Ok(None) };
        let scopes = user.role.scopes().iter().copied().collect();
        let principal = Principal::Staff { id: user.id.clone(), scopes, sight: self.sight_of(&user).await? };
        Ok(Some((principal, user)))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn sign_out(&self, token: &str) -> Result<(), DeskError> {
        let mut tx = self.0.store.begin().await?;
        tx.delete_session(&secret::digest(token)).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes sessions, sign-in links, keys of repeated requests, events and messages to webhooks that have ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_expired(&self) -> Result<(), DeskError> {
        // Events of a time in which nothing ran become messages before they are forgotten.
        self.queue_for_webhooks().await?;
        self.forget_deliveries().await?;
        let mut tx = self.0.store.begin().await?;
        tx.delete_expired(self.now()).await?;
        tx.delete_events_before(Timestamp(self.now().0 - crate::events::KEPT_MS)).await?;
        tx.delete_idempotent_before(Timestamp(self.now().0 - crate::repeated::KEPT_MS)).await?;
        Ok(tx.commit().await?)
    }

    /// Begins a session and commits.
    async fn begin_session(&self, mut tx: WriteTx, user: User) -> Result<SignedIn, DeskError> {
        let token = secret::token(&self.0.ids.secret());
        let now = self.now();
        let id = SessionId::new(self.id());
        tx.insert_session(&id, &secret::digest(&token), &user.id, now, Timestamp(now.0 + SESSION_MS)).await?;
        tx.commit().await?;
        Ok(SignedIn { user, token })
    }
}

fn hash(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

fn verify(stored: &str, password: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|stored| Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
}

/// Runs a password computation away from the async threads, two at a time.
async fn in_background<I: Send + 'static, O: Send + 'static>(
    input: I,
    compute: fn(I) -> Option<O>,
) -> Result<O, DeskError> {
    let _permit =
        HASHING.acquire().await.map_err(|error| DeskError::failed("cannot check a password", error))?;
    tokio::task::spawn_blocking(move || compute(input))
        .await
        .map_err(|error| DeskError::failed("cannot check a password", error))?
        .ok_or(DeskError::Busy)
}
