//! The second factor: setting it up, asking for it, recovery codes for when the device is lost.

use domain::{AuditAction, Principal, SessionId, Timestamp, User, UserId};
use serde_json::json;
use store::WriteTx;

use crate::{
    Desk, DeskError, Origin, SealError, SignedIn,
    audit::RecordedTx,
    people::{lockout::Subject, secret, session::person, totp},
};

/// What the secrets are sealed for.
const SEALED_AS: &str = "second factor";
/// What somebody reads whose codes cannot be checked because the site's secret key is not there.
const CANNOT_CHECK: &str = "Codes cannot be checked on this site at present. Type one of your recovery codes, or ask an admin to \
    remove your second factor.";
/// How long a sign-in waits for a code: ten minutes, to find the phone.
const STEP_MS: i64 = 10 * 60_000;
/// Recovery codes that one gets.
const RECOVERY_CODES: usize = 10;
/// Bytes of a recovery code: 80 bits, too many to try against a stolen database.
const RECOVERY_BYTES: usize = 10;
/// Longest code that is looked at, as it is typed.
const CODE_BYTES_MAX: usize = 64;

/// How signing in went on.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// It is done.
    Done(SignedIn),
    /// A code is asked for next, of whoever holds this secret.
    SecondStep {
        /// For a cookie: only the browser that began may go on.
        token: String,
    },
}

/// What an authenticator needs; shown once.
#[derive(Clone)]
pub struct NewSecondFactor {
    /// The shared secret, in base 32.
    pub secret: String,
    /// The same as an address that authenticators read.
    pub uri: String,
}

impl Desk {
    /// Begins to set up the principal's second factor. Nothing is asked for until it is confirmed.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team, [`DeskError::Conflict`] when they have one, or when the
    /// site's secret key is missing.
    pub async fn begin_second_factor(&self, principal: &Principal) -> Result<NewSecondFactor, DeskError> {
        let user = self.me(principal).await?;
        let shared = &self.0.ids.secret()[..totp::SECRET_BYTES];
        let sealed = self.seal(SEALED_AS, user.id.as_str(), shared)?;
        let mut tx = self.begin(principal).await?;
        if tx.second_factor(&user.id).await?.is_some_and(|factor| factor.confirmed_at.is_some()) {
            return Err(DeskError::Conflict("there is a second factor; remove it first".to_owned()));
        }
        tx.begin_second_factor(&user.id, &sealed, self.now()).await?;
        tx.record(AuditAction::UserFactorBegun, &user.id, json!({}));
        tx.commit().await?;
        let uri = totp::uri(&self.site().name, &user.email, shared);
        Ok(NewSecondFactor { secret: totp::base_32(shared), uri })
    }

    /// Confirms the principal's second factor by a first code. From then on it is asked for; other sessions end. Gives the
    /// recovery codes, shown once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team, [`DeskError::Conflict`] when none is being set up,
    /// [`DeskError::Invalid`] for a wrong code, [`DeskError::TooManyAttempts`].
    pub async fn confirm_second_factor(
        &self,
        principal: &Principal,
        this: &SessionId,
        code: &str,
    ) -> Result<Vec<String>, DeskError> {
        let id = person(principal)?;
        let guesses = [Subject::code(id)];
        self.admit_attempt(&guesses).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let factor = tx.second_factor(id).await?.filter(|factor| factor.confirmed_at.is_none());
        let factor =
            factor.ok_or_else(|| DeskError::Conflict("no second factor is being set up".to_owned()))?;
        let shared = self.unseal(SEALED_AS, id.as_str(), &factor.sealed_secret)?;
        let step = totp::step_of(shared.bytes(), &plain(code), now.0).ok_or_else(wrong_code)?;
        tx.use_step(id, step).await?;
        tx.confirm_second_factor(id, now).await?;
        tx.record(AuditAction::UserFactorAdded, id, json!({}));
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| self.recovery_code()).collect();
        let hashes: Vec<String> = codes.iter().map(|code| recovery_hash(id, &plain(code))).collect();
        tx.set_recovery_codes(id, &hashes).await?;
        tx.delete_sessions_of(id, Some(this)).await?;
        Self::forgive_attempt(&mut tx, &guesses).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Removes the principal's second factor, with a code of it or a recovery code.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team, [`DeskError::Invalid`] for a wrong code,
    /// [`DeskError::Conflict`] for a code that cannot be checked without the site's secret key,
    /// [`DeskError::TooManyAttempts`].
    pub async fn remove_second_factor(&self, principal: &Principal, code: &str) -> Result<(), DeskError> {
        let id = person(principal)?;
        let guesses = [Subject::code(id)];
        self.admit_attempt(&guesses).await?;
        let mut tx = self.begin(principal).await?;
        if !self.is_code(&mut tx, id, code).await? {
            return Err(wrong_code());
        }
        tx.delete_second_factor(id).await?;
        tx.record(AuditAction::UserFactorRemoved, id, json!({}));
        Self::forgive_attempt(&mut tx, &guesses).await?;
        tx.commit().await
    }

    /// Removes a person's second factor, for who has lost their device and their recovery codes.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:users` and for who may do more than the principal, [`DeskError::NotFound`]
    /// without the person or the factor.
    pub async fn reset_second_factor(&self, principal: &Principal, id: &UserId) -> Result<(), DeskError> {
        Self::require_people(principal)?;
        let mut tx = self.begin(principal).await?;
        Self::person_below(&mut tx, principal, id).await?;
        if !tx.delete_second_factor(id).await? {
            return Err(DeskError::NotFound);
        }
        tx.record(AuditAction::UserFactorRemoved, id, json!({}));
        tx.commit().await
    }

    /// How many recovery codes the principal has left.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team.
    pub async fn recovery_codes_left(&self, principal: &Principal) -> Result<i64, DeskError> {
        Ok(self.0.store.count_recovery_codes(person(principal)?).await?)
    }

    /// Whether a sign-in with this secret waits for a code.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn awaits_code(&self, token: &str) -> Result<bool, DeskError> {
        Ok(self.0.store.find_second_step(&secret::digest(token), self.now()).await?.is_some())
    }

    /// Goes on with a sign-in that waits for a code: one of the second factor, or a recovery code.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] when no sign-in with this secret waits, [`DeskError::Invalid`] for a wrong code,
    /// [`DeskError::Conflict`] for a code that cannot be checked without the site's secret key,
    /// [`DeskError::TooManyAttempts`] after too many of them.
    pub async fn finish_sign_in(
        &self,
        token: &str,
        code: &str,
        origin: &Origin,
    ) -> Result<SignedIn, DeskError> {
        let token_hash = secret::digest(token);
        let user = self.0.store.find_second_step(&token_hash, self.now()).await?;
        let user = user.ok_or(DeskError::Forbidden)?;
        let guesses = [Subject::code(&user.id), Subject::network(origin)];
        self.admit_attempt(&guesses).await?;
        let mut tx = self.begin(&Principal::anonymous()).await?;
        if !self.is_code(&mut tx, &user.id, code).await? {
            tx.rollback().await?;
            self.record_refusal(Some(user.id)).await?;
            return Err(wrong_code());
        }
        // Of two at once with two good codes, one goes on.
        let user = tx.take_second_step(&token_hash, self.now()).await?.ok_or(DeskError::Forbidden)?;
        Self::forgive_attempt(&mut tx, &guesses).await?;
        self.begin_session(tx, user, origin).await
    }

    /// Goes on after the first factor: a session, or the second step where the person has set one up.
    pub(crate) async fn admit(
        &self,
        mut tx: RecordedTx,
        user: User,
        origin: &Origin,
    ) -> Result<SignIn, DeskError> {
        if !user.has_second_factor {
            return self.begin_session(tx, user, origin).await.map(SignIn::Done);
        }
        let token = secret::token(&self.0.ids.secret());
        let expires = Timestamp(self.now().0 + STEP_MS);
        // One sign-in waits at a time: an older one is somebody who gave up, or somebody else.
        tx.delete_second_steps_of(&user.id).await?;
        tx.insert_second_step(&secret::digest(&token), &user.id, expires).await?;
        tx.commit().await?;
        Ok(SignIn::SecondStep { token })
    }

    /// Whether this is a good code, which is used up with it.
    async fn is_code(&self, tx: &mut WriteTx, id: &UserId, code: &str) -> Result<bool, DeskError> {
        let code = plain(code);
        let factor = tx.second_factor(id).await?.filter(|factor| factor.confirmed_at.is_some());
        let Some(factor) = factor else { return Ok(false) };
        // A recovery code needs no site key, and is longer than any other.
        if tx.use_recovery_code(id, &recovery_hash(id, &code), self.now()).await? {
            return Ok(true);
        }
        let shared = match self.unseal(SEALED_AS, id.as_str(), &factor.sealed_secret) {
            // Who signs in cannot mend it, and need not know why.
            Err(SealError::Missing | SealError::OtherKey { .. }) => {
                return Err(DeskError::Conflict(CANNOT_CHECK.to_owned()));
            }
            other => other?,
        };
        match totp::step_of(shared.bytes(), &code, self.now().0) {
            Some(step) => Ok(tx.use_step(id, step).await?),
            None => Ok(false),
        }
    }

    /// Such as `abcd-efgh-ijkl-mnop`.
    fn recovery_code(&self) -> String {
        let code = totp::base_32(&self.0.ids.secret()[..RECOVERY_BYTES]).to_lowercase();
        let groups: Vec<String> =
            code.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        groups.join("-")
    }
}

/// A code without what people type between its signs.
fn plain(code: &str) -> String {
    let signs = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    signs.take(CODE_BYTES_MAX).collect::<String>().to_lowercase()
}

fn recovery_hash(id: &UserId, code: &str) -> String {
    secret::digest(&format!("recovery code\0{id}\0{code}"))
}

fn wrong_code() -> DeskError {
    DeskError::invalid("code", "this code is wrong or was used already")
}
