//! The engine's own threads. They help whoever embeds, if they are awake in time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Looks for new work before a thread goes to sleep, 20 to 70 µs: texts that follow one another find
/// it awake.
const SPINS: usize = 2_000;

/// Work that several threads can do together.
pub(super) trait Work: Send + Sync {
    /// Takes part until there is nothing left to begin.
    fn take_part(&self);
}

/// Threads beside the one that asks.
pub(super) struct Team {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// Changes with each work, so that a look costs no lock.
    n_works: AtomicUsize,
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    work: Option<Arc<dyn Work>>,
    n_asleep: usize,
    closed: bool,
}

impl Team {
    /// Starts threads, as far as the system can.
    pub(super) fn start(n_threads: usize) -> Self {
        let shared = Arc::<Shared>::default();
        let start = |n| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("embed-{n}")).spawn(move || shared.help()).ok()
        };
        let threads = (0..n_threads).map_while(start).collect();
        Self { shared, threads }
    }

    /// The threads, with the one that asks.
    pub(super) fn n_members(&self) -> usize {
        self.threads.len() + 1
    }

    /// Takes part in the work and lets the threads take part. Returns when there is nothing left to
    /// begin; what others have begun may still run.
    pub(super) fn run<W: Work + 'static>(&self, work: &Arc<W>) {
        let shared_work: Arc<dyn Work> = Arc::<W>::clone(work);
        let mut desk = self.shared.desk();
        desk.work = Some(shared_work);
        self.shared.n_works.fetch_add(1, Ordering::Release);
        let any_asleep = desk.n_asleep > 0;
        drop(desk);
        if any_asleep {
            self.shared.changed.notify_all();
        }
        work.take_part();
        self.shared.desk().work = None;
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.desk().closed = true;
        self.shared.n_works.fetch_add(1, Ordering::Release);
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // It catches panics, so there is nothing to hear.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's life.
    fn help(&self) {
        let mut n_seen = 0;
        loop {
            for _ in 0..SPINS {
                if self.n_works.load(Ordering::Acquire) != n_seen {
                    break;
                }
                std::hint::spin_loop();
            }
            let mut desk = self.desk();
            while self.n_works.load(Ordering::Acquire) == n_seen {
                desk.n_asleep += 1;
                desk = self.changed.wait(desk).unwrap_or_else(PoisonError::into_inner);
                desk.n_asleep -= 1;
            }
            n_seen = self.n_works.load(Ordering::Acquire);
            if desk.closed {
                return;
            }
            let work = desk.work.clone();
            drop(desk);
            if let Some(work) = work {
                // Whoever asked learns of a panic from the work itself.
                let _ = catch_unwind(AssertUnwindSafe(|| work.take_part()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::steps::Steps;

    struct Count {
        steps: Steps,
        sum: AtomicUsize,
    }

    impl Work for Count {
        fn take_part(&self) {
            while let Some(part) = self.steps.take() {
                self.sum.fetch_add(part.part, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn all_work_is_done_once_whether_threads_sleep_or_not() {
        let team = Team::start(2);
        for round in 0..200 {
            let work = Arc::new(Count { steps: Steps::new([10, 10]), sum: AtomicUsize::new(0) });
            team.run(&work);
            assert!(work.steps.wait());
            assert_eq!(work.sum.load(Ordering::Relaxed), 90);
            if round % 50 == 0 {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        }
    }
}
