//! The real clock and the real source of ids and secrets.

use std::sync::Mutex;

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
