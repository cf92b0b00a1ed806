//! Time that stands still until a test moves it, and ids that count.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use domain::{Clock, IdSource, Timestamp};

/// A clock that a test moves.
#[derive(Debug)]
pub struct StoppedClock(AtomicI64);

impl Default for StoppedClock {
    /// Stands at 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self(AtomicI64::new(1_767_225_600_000))
    }
}

impl StoppedClock {
    /// Moves on by this many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Ids and secrets that count, so that a failing test fails the same way again.
#[derive(Debug, Default)]
pub struct CountingIds {
    n: AtomicU64,
    last: Mutex<u64>,
}

impl IdSource for CountingIds {
    fn id(&self, _now: Timestamp) -> String {
        // A letter in front, as in every id of our time: a text of digits alone is a ticket's number.
        format!("T{:0>25}", self.n.fetch_add(1, Ordering::SeqCst))
    }

    fn secret(&self) -> [u8; 32] {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *last += 1;
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&last.to_le_bytes());
        bytes
    }
}
