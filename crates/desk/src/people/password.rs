//! Passwords: what they must be, and hashing them away from the async threads.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::DeskError;

/// Shortest password, in characters (NIST SP 800-63B-4: at least 15 where it is the only factor).
const CHARS_MIN: usize = 15;
/// Longest password, in bytes; more would only buy CPU time for an attacker.
pub(crate) const BYTES_MAX: usize = 1024;
/// Hashes computed at once: each takes 19 MiB (argon2id, OWASP's parameters, the crate's default).
static HASHING: Semaphore = Semaphore::const_new(2);
/// A hash that no password has, so that an unknown address costs the same work as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody signs in with this").unwrap_or_default());

/// The hash of a new password.
///
/// # Errors
/// [`DeskError::Invalid`] when it is too short, [`DeskError::TooLarge`] when it is too long.
pub(crate) async fn new_hash(password: &str) -> Result<String, DeskError> {
    if password.chars().count() < CHARS_MIN {
        return Err(DeskError::invalid("password", format!("use at least {CHARS_MIN} characters")));
    }
    if password.len() > BYTES_MAX {
        return Err(DeskError::TooLarge { field: "password", bytes_max: BYTES_MAX });
    }
    in_background(password.to_owned(), |password| hash(&password)).await
}

/// Whether a password has this hash. Without one the same work is done, and none has it.
///
/// # Errors
/// [`DeskError::Failed`] when the process is ending.
pub(crate) async fn matches(stored: Option<String>, password: &str) -> Result<bool, DeskError> {
    let known = stored.is_some();
    let matches = in_background((stored, password.to_owned()), |(stored, password)| {
        Some(verify(&stored.unwrap_or_else(|| NOBODY.clone()), &password))
    });
    Ok(matches.await? && known)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unknown_address_costs_the_work_of_a_known_one() {
        let known = new_hash("seven grey geese fly").await.unwrap();
        let (known, nobody) = (PasswordHash::new(&known).unwrap(), PasswordHash::new(&NOBODY).unwrap());
        assert_eq!(
            (known.algorithm, known.version, &known.params),
            (nobody.algorithm, nobody.version, &nobody.params)
        );
        assert!(!matches(None, "nobody signs in with this").await.unwrap());
        assert!(matches(Some(known.to_string()), "seven grey geese fly").await.unwrap());
        assert!(!matches(Some(known.to_string()), "eight grey geese fly").await.unwrap());
    }
}
