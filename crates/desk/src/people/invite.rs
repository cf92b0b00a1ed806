//! Invites and passwords: with an invite a person sets a password, the first one or, when it was lost, a new one.

use domain::{AuditAction, Principal, Role, SessionId, Timestamp, User, UserId};
use serde_json::json;

use crate::{
    Desk, DeskError, Origin, SignIn,
    audit::RecordedTx,
    people::{lockout::Subject, password, secret, session::person},
};

/// How long an invite is good: a week, so that it outlives a holiday weekend.
const INVITE_MS: i64 = 7 * 86_400_000;

/// An invite that was just made.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Its secret, for the link; shown once.
    pub token: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl Desk {
    /// Adds a person who sets a password by an invite.
    ///
    /// # Errors
    /// As [`Desk::create_user`].
    pub async fn invite_user(
        &self,
        principal: &Principal,
        name: &str,
        email: &str,
        role: Role,
    ) -> Result<(User, Invite), DeskError> {
        let user = self.new_user(principal, name, email, role)?;
        let mut tx = self.begin(principal).await?;
        Self::insert_new_user(&mut tx, principal, &user, None).await?;
        let invite = self.set_invite(&mut tx, &user.id).await?;
        tx.commit().await?;
        Ok((user, invite))
    }

    /// Makes a person's invite anew: an earlier one and their sign-in links end. Their password and sessions live on until
    /// the invite is used.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users` and for who may do more than the principal, [`DeskError::NotFound`],
    /// [`DeskError::Conflict`] for who may not sign in.
    pub async fn invite(&self, principal: &Principal, id: &UserId) -> Result<Invite, DeskError> {
        Self::require_people(principal)?;
        let mut tx = self.begin(principal).await?;
        let user = Self::person_below(&mut tx, principal, id).await?;
        if !user.is_active() {
            return Err(DeskError::Conflict("this person is deactivated".to_owned()));
        }
        let invite = self.set_invite(&mut tx, id).await?;
        tx.delete_sign_in_links_of(id).await?;
        tx.commit().await?;
        Ok(invite)
    }

    /// Who an invite is for, while it is good.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn invited(&self, token: &str) -> Result<Option<User>, DeskError> {
        Ok(self.0.store.find_invite(&secret::digest(token), self.now()).await?)
    }

    /// Sets the password of who was invited and signs them in. Every other link and session of theirs ends.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] when the invite is unknown, used or too old, [`DeskError::Invalid`] for a password that is
    /// too short; the invite is good for another try then.
    pub async fn accept_invite(
        &self,
        token: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<SignIn, DeskError> {
        // Looked up first: hashing is dear, and anybody can send a token.
        self.invited(token).await?.ok_or(DeskError::Forbidden)?;
        let hash = password::new_hash(password).await?;
        let mut tx = self.begin(&Principal::anonymous()).await?;
        let user = tx.take_invite(&secret::digest(token), self.now()).await?.ok_or(DeskError::Forbidden)?;
        Self::set_password(&mut tx, &user.id, &hash, None).await?;
        self.admit(tx, user, origin).await
    }

    /// Changes the principal's own password. Every link and every other session of theirs ends.
    ///
    /// `current` is the password they have; who has none yet leaves it out.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team, [`DeskError::Invalid`] for a wrong `current_password` or
    /// a `password` that is too short, [`DeskError::TooManyAttempts`] after too many wrong ones.
    pub async fn change_password(
        &self,
        principal: &Principal,
        this: &SessionId,
        current: Option<&str>,
        new: &str,
    ) -> Result<(), DeskError> {
        let id = person(principal)?;
        let user = self.0.store.find_user(id).await?.ok_or(DeskError::NotFound)?;
        // The same count as that of signing in: whoever has the session guesses at the same password.
        let guesses = [Subject::address(&user.email)];
        let found = self.0.store.find_user_by_email(&user.email).await?;
        if let Some(stored) = found.and_then(|(_, hash)| hash) {
            let current = current.unwrap_or_default();
            self.admit_attempt(&guesses).await?;
            if current.len() > password::BYTES_MAX || !password::matches(Some(stored), current).await? {
                return Err(DeskError::invalid("current_password", "this is not your password"));
            }
        }
        let hash = password::new_hash(new).await?;
        let mut tx = self.begin(principal).await?;
        Self::forgive_attempt(&mut tx, &guesses).await?;
        Self::set_password(&mut tx, id, &hash, Some(this)).await?;
        tx.commit().await
    }

    /// Whether the principal has a password.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team.
    pub async fn has_password(&self, principal: &Principal) -> Result<bool, DeskError> {
        let user = self.me(principal).await?;
        let found = self.0.store.find_user_by_email(&user.email).await?;
        Ok(found.is_some_and(|(_, hash)| hash.is_some()))
    }

    async fn set_invite(&self, tx: &mut RecordedTx, id: &UserId) -> Result<Invite, DeskError> {
        let invite = Invite {
            token: secret::token(&self.0.ids.secret()),
            expires_at: Timestamp(self.now().0 + INVITE_MS),
        };
        tx.set_invite(id, &secret::digest(&invite.token), invite.expires_at).await?;
        tx.record(AuditAction::UserInvited, id, json!({}));
        Ok(invite)
    }

    async fn set_password(
        tx: &mut RecordedTx,
        id: &UserId,
        hash: &str,
        except: Option<&SessionId>,
    ) -> Result<(), DeskError> {
        tx.set_password_hash(id, hash).await?;
        tx.act_as(id);
        tx.record(AuditAction::UserPasswordChanged, id, json!({}));
        tx.delete_invite_of(id).await?;
        tx.delete_sign_in_links_of(id).await?;
        tx.delete_sessions_of(id, except).await?;
        tx.delete_second_steps_of(id).await?;
        Ok(())
    }
}
