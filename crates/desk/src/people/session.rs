//! Sessions: beginning one, who holds one, where a person is signed in, and ending them.

use std::collections::BTreeSet;

use domain::{AuditAction, Principal, Scope, Session, SessionId, Timestamp, User, UserId};
use serde_json::json;

use crate::{Desk, DeskError, Origin, audit::RecordedTx, people::secret};

/// How long a session lives: two weeks.
const SESSION_MS: i64 = 14 * 86_400_000;
/// Sessions of one person at once; the least used ends when there is one more.
const SESSIONS_MAX: usize = 50;

/// A session that just began.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The session's secret, for the cookie.
    pub token: String,
}

/// A session that lives, and who holds it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// The session.
    pub session: Session,
    /// Who is signed in.
    pub user: User,
    /// What they may do.
    pub principal: Principal,
    /// Whether they may do nothing but set up a second factor first.
    pub needs_second_factor: bool,
}

impl Desk {
    /// The session with this secret, if it still lives.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn session(&self, token: &str) -> Result<Option<OpenSession>, DeskError> {
        let now = self.now();
        let found = self.0.store.find_session(&secret::digest(token), now).await?;
        let Some((session, user)) = found else { return Ok(None) };
        self.0.seen.session(&session.id, session.last_seen_at, now);
        let scopes = self.scopes_of(&user).await?;
        let needs_second_factor = self.needs_second_factor(&user, &scopes);
        let scopes = if needs_second_factor { BTreeSet::new() } else { scopes };
        let principal = Principal::Staff { id: user.id.clone(), scopes, sight: self.sight_of(&user).await? };
        Ok(Some(OpenSession { session, user, principal, needs_second_factor }))
    }

    /// Where the principal is signed in, the last used first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team.
    pub async fn sessions(&self, principal: &Principal) -> Result<Vec<Session>, DeskError> {
        Ok(self.0.store.list_sessions(person(principal)?, self.now()).await?)
    }

    /// Ends a session of the principal's own.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team, [`DeskError::NotFound`].
    pub async fn end_session(&self, principal: &Principal, id: &SessionId) -> Result<(), DeskError> {
        let user_id = person(principal)?;
        let mut tx = self.begin(principal).await?;
        if !tx.delete_session_of(user_id, id).await? {
            return Err(DeskError::NotFound);
        }
        tx.record(AuditAction::UserSessionsEnded, user_id, json!({ "n": 1 }));
        tx.commit().await
    }

    /// Ends every session of the principal's own but this one. Returns how many.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team.
    pub async fn end_other_sessions(
        &self,
        principal: &Principal,
        this: &SessionId,
    ) -> Result<u64, DeskError> {
        let user_id = person(principal)?;
        let mut tx = self.begin(principal).await?;
        let n_ended = tx.delete_sessions_of(user_id, Some(this)).await?;
        tx.record(AuditAction::UserSessionsEnded, user_id, json!({ "n": n_ended }));
        tx.commit().await?;
        Ok(n_ended)
    }

    /// Ends the session with this secret; one that is not there has ended.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn sign_out(&self, token: &str) -> Result<(), DeskError> {
        let found = self.0.store.find_session(&secret::digest(token), self.now()).await?;
        let Some((_, user)) = found else { return Ok(()) };
        let mut tx = self.begin(&Principal::anonymous()).await?;
        tx.act_as(&user.id);
        tx.delete_session(&secret::digest(token)).await?;
        tx.record(AuditAction::UserSignedOut, &user.id, json!({}));
        tx.commit().await
    }

    /// Whether the site asks of this person to set up a second factor before anything else.
    fn needs_second_factor(&self, user: &User, scopes: &BTreeSet<Scope>) -> bool {
        self.0.config.sign_in.admins_need_second_factor
            && !user.has_second_factor
            && scopes.iter().any(|scope| scope.is_admin())
    }

    /// Begins a session and commits.
    pub(crate) async fn begin_session(
        &self,
        mut tx: RecordedTx,
        user: User,
        origin: &Origin,
    ) -> Result<SignedIn, DeskError> {
        let token = secret::token(&self.0.ids.secret());
        let now = self.now();
        let session = Session {
            id: SessionId::new(self.id()),
            user_id: user.id.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: Timestamp(now.0 + SESSION_MS),
            device: origin.device.clone(),
        };
        tx.insert_session(&session, &secret::digest(&token), SESSIONS_MAX).await?;
        tx.act_as(&user.id);
        tx.record(AuditAction::UserSignedIn, &user.id, json!({}));
        tx.commit().await?;
        Ok(SignedIn { user, token })
    }
}

/// Who it is, for what only concerns a person: a key or a visitor has no sessions.
pub(crate) fn person(principal: &Principal) -> Result<&UserId, DeskError> {
    match principal {
        Principal::Staff { id, .. } => Ok(id),
        _ => Err(DeskError::Forbidden),
    }
}
