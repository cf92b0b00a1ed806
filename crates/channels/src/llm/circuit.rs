//! A fuse: a model that keeps failing is left alone, so that nobody waits for it in vain.

use std::time::{Duration, Instant};

/// Failures in a row that open the circuit: more than one bad minute of a provider gives in one conversation.
pub(super) const FAILURES_MAX: u32 = 5;
/// How long it stays open; then one request tries again.
pub(super) const OPEN_FOR: Duration = Duration::from_secs(30);

/// Counts failures. The caller hands in the time.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    n_failures: u32,
    open_until: Option<Instant>,
}

impl Circuit {
    /// Whether a request may be made now. After a pause exactly one may, until it has succeeded or failed.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        match self.open_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                self.open_until = Some(now + OPEN_FOR);
                true
            }
        }
    }

    /// Records an answer.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Records a failure.
    pub(super) fn failed(&mut self, now: Instant) {
        self.n_failures = self.n_failures.saturating_add(1);
        if self.n_failures >= FAILURES_MAX {
            self.open_until = Some(now + OPEN_FOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_failures_open_it_and_one_trial_closes_it() {
        let start = Instant::now();
        let mut circuit = Circuit::default();
        for _ in 0..FAILURES_MAX {
            assert!(circuit.admit(start));
            circuit.failed(start);
        }
        assert!(!circuit.admit(start));
        let later = start + OPEN_FOR;
        assert!(circuit.admit(later), "one trial");
        assert!(!circuit.admit(later), "only one");
        circuit.succeeded();
        assert!(circuit.admit(later));
    }

    #[test]
    fn a_success_forgets_the_failures_before_it() {
        let now = Instant::now();
        let mut circuit = Circuit::default();
        for _ in 0..3 * FAILURES_MAX {
            circuit.failed(now);
            circuit.succeeded();
        }
        assert!(circuit.admit(now));
    }
}
