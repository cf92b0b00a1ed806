//! Who does what next: a run is a sequence of steps, each cut into parts that any thread may take,
//! and no step begins before the one before it has ended.
//!
//! Nobody is waited for who has not taken a part, so a thread that wakes late, or not at all, costs
//! nothing.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Looks at another thread's progress before the processor is offered to others: 10 to 40 µs.
const SPINS: usize = 1_000;

pub(super) struct Steps {
    /// Where each step's parts begin when all are counted through, and where the last one's end.
    starts: Vec<usize>,
    n_taken: AtomicUsize,
    n_done: AtomicUsize,
    failed: AtomicBool,
}

/// A part that was taken. It counts as done when this is dropped.
pub(super) struct Part<'a> {
    pub(super) step: usize,
    pub(super) part: usize,
    steps: &'a Steps,
}

impl Steps {
    /// Plans steps of so many parts each.
    pub(super) fn new(n_parts: impl IntoIterator<Item = usize>) -> Self {
        let mut starts = vec![0];
        starts.extend(n_parts.into_iter().scan(0, |end, n| {
            *end += n;
            Some(*end)
        }));
        Self {
            starts,
            n_taken: AtomicUsize::new(0),
            n_done: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
        }
    }

    /// Takes the next part, as soon as its step may begin. `None` when all are taken.
    pub(super) fn take(&self) -> Option<Part<'_>> {
        loop {
            let next = self.n_taken.load(Ordering::Relaxed);
            if next >= self.n_parts() {
                return None;
            }
            let step = self.starts.partition_point(|&start| start <= next) - 1;
            self.wait_until_done(self.starts[step]);
            // Taken only now: a thread that is put to sleep while it waits keeps nobody from going on.
            let taken = self.n_taken.compare_exchange(next, next + 1, Ordering::Relaxed, Ordering::Relaxed);
            if taken.is_ok() {
                return Some(Part { step, part: next - self.starts[step], steps: self });
            }
        }
    }

    /// Waits for the end of all steps. Returns whether no part panicked.
    pub(super) fn wait(&self) -> bool {
        self.wait_until_done(self.n_parts());
        !self.failed.load(Ordering::Relaxed)
    }

    fn n_parts(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    fn wait_until_done(&self, n: usize) {
        let mut n_looks = 0;
        while self.n_done.load(Ordering::Acquire) < n {
            n_looks += 1;
            if n_looks < SPINS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.steps.failed.store(true, Ordering::Relaxed);
        }
        self.steps.n_done.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn steps_come_one_after_another_and_every_part_once() {
        let counts = [3, 1, 0, 5, 2];
        let steps = Steps::new(counts);
        let log = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while let Some(part) = steps.take() {
                        log.lock().unwrap().push((part.step, part.part));
                    }
                });
            }
        });
        assert!(steps.wait());
        let log = log.into_inner().unwrap();
        assert!(log.is_sorted_by_key(|&(step, _)| step), "{log:?}");
        let mut sorted = log;
        sorted.sort_unstable();
        let expected = (0..counts.len()).flat_map(|step| (0..counts[step]).map(move |part| (step, part)));
        assert!(sorted.into_iter().eq(expected));
    }

    #[test]
    fn a_part_that_panics_is_told_and_stops_nobody() {
        let steps = Steps::new([2, 1]);
        std::thread::scope(|scope| {
            let broken = scope.spawn(|| {
                let _part = steps.take();
                panic!("on purpose");
            });
            assert!(broken.join().is_err());
        });
        while steps.take().is_some() {}
        assert!(!steps.wait());
    }
}
