//! Attempts at a secret: some are free, then each has to wait longer.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What was attempted of late for one address, one network or one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// How many were admitted, until they are forgotten.
    pub n: u32,
    /// When the last one was.
    pub last_at: Timestamp,
    /// Until when none is admitted.
    pub locked_until: Timestamp,
}

/// How many attempts are admitted, and how fast.
#[derive(Debug, Clone, Copy)]
pub struct AttemptLimit {
    /// How many come one after the other, or all at once, before the first wait.
    pub n_free: u32,
    /// How long the first wait is; it doubles with each attempt after it.
    pub first_wait_ms: i64,
    /// The longest wait.
    pub wait_ms_max: i64,
    /// After this long without an attempt, all are forgotten. Longer than the longest wait.
    pub forget_ms: i64,
}

impl AttemptLimit {
    /// Counts one more attempt, which may then be evaluated.
    ///
    /// # Errors
    /// How long to wait, in milliseconds, when it is not admitted; nothing is counted then.
    pub fn admit(&self, before: Option<Attempts>, now: Timestamp) -> Result<Attempts, i64> {
        let known = before.filter(|before| now.0 - before.last_at.0 < self.forget_ms);
        // A clock that was set back must not lock anybody for hours.
        let wait_ms = known.map_or(0, |known| (known.locked_until.0 - now.0).min(self.wait_ms_max));
        if wait_ms > 0 {
            return Err(wait_ms);
        }
        let n = known.map_or(0, |known| known.n).saturating_add(1);
        Ok(Attempts { n, last_at: now, locked_until: Timestamp(now.0 + self.wait_after(n)) })
    }

    /// Takes an attempt back that turned out to be right.
    pub fn take_back(&self, attempts: Attempts) -> Attempts {
        let n = attempts.n.saturating_sub(1);
        let locked_until = Timestamp(attempts.last_at.0 + self.wait_after(n));
        Attempts { n, locked_until, ..attempts }
    }

    fn wait_after(&self, n: u32) -> i64 {
        match n.checked_sub(self.n_free) {
            None => 0,
            // 2^20 first waits are longer than any longest wait that makes sense.
            Some(doublings) => {
                self.first_wait_ms.saturating_mul(1 << doublings.min(20)).min(self.wait_ms_max)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: AttemptLimit =
        AttemptLimit { n_free: 3, first_wait_ms: 10, wait_ms_max: 35, forget_ms: 1_000 };

    #[test]
    fn attempts_wait_longer_and_longer_and_are_forgotten() {
        let mut attempts = None;
        for (at_ms, waits_ms) in [
            (0, None),
            (0, None),
            (0, None),
            (0, Some(10)),
            (9, Some(1)),
            (10, None),
            (29, Some(1)),
            (30, None),
            (64, Some(1)),
            (65, None),
            (1_064, None),
            (2_064, None),
            (2_064, None),
            (2_064, None),
            (2_064, Some(10)),
            // The clock was set back.
            (-9_000, Some(35)),
        ] {
            match LIMIT.admit(attempts, Timestamp(at_ms)) {
                Ok(after) => {
                    assert_eq!(waits_ms, None, "{at_ms}");
                    attempts = Some(after);
                }
                Err(wait_ms) => assert_eq!(waits_ms, Some(wait_ms), "{at_ms}"),
            }
        }
    }

    #[test]
    fn what_was_right_is_taken_back() {
        let two = Attempts { n: 2, last_at: Timestamp(5), locked_until: Timestamp(5) };
        let three = LIMIT.admit(Some(two), Timestamp(5)).unwrap();
        assert!(LIMIT.admit(Some(three), Timestamp(5)).is_err());
        assert_eq!(LIMIT.take_back(three), two);
        assert!(LIMIT.admit(Some(LIMIT.take_back(three)), Timestamp(5)).is_ok());
    }
}
