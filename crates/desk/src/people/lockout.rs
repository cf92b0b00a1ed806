//! Lock-outs: attempts are counted before they are evaluated, for the address whether it is known or not, and for the
//! network they come from. Of many at once only the free ones are evaluated.

use domain::{AttemptLimit, Device, Principal, UserId};
use store::WriteTx;

use crate::{Desk, DeskError, audit::Unrecorded, people::secret};

const MINUTE_MS: i64 = 60_000;
/// After an hour of quiet everything is forgotten.
pub(crate) const FORGET_MS: i64 = 60 * MINUTE_MS;
/// Five guesses at a password or a code, then one a minute, at last one in a quarter of an hour: 100 a day
/// (NIST SP 800-63B-4, 3.2.2 allows 100 in all; an hour of quiet starts anew here).
const GUESSES: AttemptLimit =
    AttemptLimit { n_free: 5, first_wait_ms: MINUTE_MS, wait_ms_max: 15 * MINUTE_MS, forget_ms: FORGET_MS };
/// An office behind one address mistypes more than a person, and guesses at many addresses come from few networks.
const FROM_A_NETWORK: AttemptLimit = AttemptLimit { n_free: 50, ..GUESSES };

/// Where somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// What the session will say.
    pub device: Device,
    /// The network that attempts are counted for: an address, or what one subscriber has of IPv6.
    pub network: String,
}

/// What attempts are counted for, with their limit. Stored as a hash: addresses that people mistype are nobody's business.
pub(crate) struct Subject {
    key: String,
    limit: AttemptLimit,
    when_right: Right,
}

/// What becomes of a count once the attempt was right.
#[derive(Debug, Clone, Copy)]
enum Right {
    /// It is forgotten: the one whose secret it is has shown that it is them.
    Forget,
    /// It is taken back: one right guess says nothing of the others from the same network.
    TakeBack,
}

impl Subject {
    /// Guesses at the password of an address, as it was typed.
    pub(crate) fn address(address: &str) -> Self {
        Self::new("address", &address.trim().to_lowercase(), GUESSES, Right::Forget)
    }

    /// Guesses from a network.
    pub(crate) fn network(origin: &Origin) -> Self {
        Self::new("network", &origin.network, FROM_A_NETWORK, Right::TakeBack)
    }

    /// Guesses at the second factor of a person.
    pub(crate) fn code(id: &UserId) -> Self {
        Self::new("code", id.as_str(), GUESSES, Right::Forget)
    }

    /// Links that are asked for, for an address.
    pub(crate) fn links_to(address: &str) -> Self {
        let limit = AttemptLimit { n_free: 3, first_wait_ms: 5 * MINUTE_MS, ..GUESSES };
        Self::new("links to", &address.trim().to_lowercase(), limit, Right::Forget)
    }

    /// Links that are asked for from a network.
    pub(crate) fn links_from(origin: &Origin) -> Self {
        let limit = AttemptLimit { n_free: 20, ..GUESSES };
        Self::new("links from", &origin.network, limit, Right::TakeBack)
    }

    fn new(kind: &str, of: &str, limit: AttemptLimit, when_right: Right) -> Self {
        Self { key: secret::digest(&format!("{kind}\0{of}")), limit, when_right }
    }
}

impl Desk {
    /// Counts one attempt for each subject, which may then be evaluated.
    ///
    /// # Errors
    /// [`DeskError::TooManyAttempts`] when one of them has to wait; then none is counted.
    pub(crate) async fn admit_attempt(&self, subjects: &[Subject]) -> Result<(), DeskError> {
        let now = self.now();
        let mut tx = self.begin_unrecorded(&Principal::anonymous(), Unrecorded::Bookkeeping).await?;
        for subject in subjects {
            let before = tx.attempts(&subject.key).await?;
            let after = subject.limit.admit(before, now).map_err(|wait_ms| DeskError::TooManyAttempts {
                retry_after_s: u32::try_from((wait_ms + 999) / 1_000).unwrap_or(u32::MAX),
            })?;
            tx.set_attempts(&subject.key, &after).await?;
        }
        tx.commit().await
    }

    /// Counts an attempt that was right as none.
    pub(crate) async fn forgive_attempt(tx: &mut WriteTx, subjects: &[Subject]) -> Result<(), DeskError> {
        for subject in subjects {
            match (subject.when_right, tx.attempts(&subject.key).await?) {
                (_, None) => {}
                (Right::Forget, Some(_)) => tx.delete_attempts(&subject.key).await?,
                (Right::TakeBack, Some(attempts)) => {
                    tx.set_attempts(&subject.key, &subject.limit.take_back(attempts)).await?;
                }
            }
        }
        Ok(())
    }
}
