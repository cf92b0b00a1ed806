//! The real clock, the real source of ids and secrets, and no mail.

use std::{
    pin::Pin,
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use desk::{Deliver, SignInLetter};
use domain::{Clock, IdSource, Timestamp};
use rand::RngCore as _;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the owner of the clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The machine's clock, except while a past is played.
#[derive(Debug, Default)]
pub(crate) struct PlayedClock {
    /// What it shows, in milliseconds; zero for the machine's time.
    shown: AtomicI64,
}

impl PlayedClock {
    pub(crate) fn show(&self, at: Timestamp) {
        self.shown.store(at.0, Ordering::Relaxed);
    }

    pub(crate) fn follow_the_machine(&self) {
        self.shown.store(0, Ordering::Relaxed);
    }
}

impl Clock for PlayedClock {
    fn now(&self) -> Timestamp {
        match self.shown.load(Ordering::Relaxed) {
            0 => SystemClock.now(),
            shown => Timestamp(shown),
        }
    }
}

/// Random ids and secrets from the operating system.
#[derive(Debug, Default)]
pub struct SystemIds {
    last: Mutex<Option<ulid::Ulid>>,
}

impl IdSource for SystemIds {
    fn id(&self, now: Timestamp) -> String {
        let now_ms = u64::try_from(now.0).unwrap_or(0);
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Ids of one process only grow, even within a millisecond or when the clock is set back.
        let next = match *last {
            Some(last) if last.timestamp_ms() >= now_ms => last.increment(),
            _ => None,
        }
        .unwrap_or_else(|| ulid::Ulid::from_parts(now_ms, rand::random()));
        *last = Some(next);
        next.to_string()
    }

    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        bytes
    }
}

/// No way to bring a letter anywhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoMail;

impl Deliver for NoMail {
    fn is_set_up(&self) -> bool {
        false
    }

    fn deliver(&self, _letter: SignInLetter) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // Nobody is asked to deliver what is not set up; if somebody were, the letter would be lost, and must not be shown.
        tracing::error!("a letter could not be sent: no mail is set up");
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_is_set_back() {
        let ids = SystemIds::default();
        let first = ids.id(Timestamp(1_000));
        let second = ids.id(Timestamp(1_000));
        let third = ids.id(Timestamp(10));
        assert!(first < second && second < third);
    }
}
