//! Two queues behind one lock: queries, and bulk jobs that are worked off in slices.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::EmbedError;

type Vectors = Result<Vec<Vec<f32>>, EmbedError>;

/// Texts to embed and whom to tell.
pub(super) struct Job {
    texts: Vec<String>,
    /// Numbers into `texts`, in the order of work: by length, so that what runs side by side ends
    /// together.
    order: Vec<usize>,
    n_done: usize,
    vectors: Vec<Vec<f32>>,
    reply: oneshot::Sender<Vectors>,
}

impl Job {
    pub(super) fn new(texts: Vec<String>) -> (Self, oneshot::Receiver<Vectors>) {
        let (reply, done) = oneshot::channel();
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&n| texts[n].len());
        let vectors = vec![Vec::new(); texts.len()];
        (Self { texts, order, n_done: 0, vectors, reply }, done)
    }

    /// The texts to embed next: `n_bytes_max` of text, but within the bounds of `n_texts`.
    pub(super) fn next_texts(&self, n_texts: RangeInclusive<usize>, n_bytes_max: usize) -> Vec<&str> {
        let texts = self.order[self.n_done..].iter().map(|&n| self.texts[n].as_str());
        let mut n_bytes = 0;
        let fits = |(n, text): &(usize, &str)| {
            n_bytes += text.len();
            n < n_texts.start() || n_bytes <= n_bytes_max
        };
        texts.take(*n_texts.end()).enumerate().take_while(fits).map(|(_, text)| text).collect()
    }

    /// Notes what became of the texts last handed out. Returns the job while there is more to do;
    /// else whoever waits is told.
    pub(super) fn advance(mut self, result: Vectors) -> Option<Self> {
        let vectors = match result {
            Ok(vectors) => vectors,
            Err(error) => {
                // Whoever went away needs no reply.
                let _ = self.reply.send(Err(error));
                return None;
            }
        };
        for vector in vectors {
            self.vectors[self.order[self.n_done]] = vector;
            self.n_done += 1;
        }
        if self.n_done < self.order.len() {
            return Some(self);
        }
        let _ = self.reply.send(Ok(self.vectors));
        None
    }

    fn is_withdrawn(&self) -> bool {
        self.reply.is_closed()
    }
}

#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    queries: VecDeque<Job>,
    bulk: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    pub(super) fn push_query(&self, job: Job, n_max: usize) -> Result<(), EmbedError> {
        let mut waiting = self.open()?;
        waiting.queries.retain(|job| !job.is_withdrawn());
        if waiting.queries.len() >= n_max {
            return Err(EmbedError::Busy);
        }
        waiting.queries.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    pub(super) fn push_bulk(&self, job: Job) -> Result<(), EmbedError> {
        self.open()?.bulk.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// Returns a bulk job that is not finished to the head of its queue.
    pub(super) fn put_back(&self, job: Job) {
        self.lock().bulk.push_front(job);
    }

    /// Waits for the next job. `None` once the queue is closed.
    pub(super) fn pop(&self) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            if waiting.closed {
                return None;
            }
            match waiting.queries.pop_front().or_else(|| waiting.bulk.pop_front()) {
                Some(job) if job.is_withdrawn() => {}
                Some(job) => return Some(job),
                None => waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Refuses new jobs and drops those that wait, which tells whoever waits for them.
    pub(super) fn close(&self) {
        *self.lock() = Waiting { closed: true, ..Waiting::default() };
        self.changed.notify_all();
    }

    pub(super) fn close_on_drop(&self) -> impl Drop {
        struct Closing<'a>(&'a Queue);
        impl Drop for Closing<'_> {
            fn drop(&mut self) {
                self.0.close();
            }
        }
        Closing(self)
    }

    fn open(&self) -> Result<MutexGuard<'_, Waiting>, EmbedError> {
        let waiting = self.lock();
        if waiting.closed { Err(EmbedError::Stopped) } else { Ok(waiting) }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
