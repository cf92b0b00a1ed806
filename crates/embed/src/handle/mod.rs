//! The async door to an embedder: its own thread, a bounded queue in which queries go ahead of
//! bulk work, and a memory of recent queries.

mod cache;
mod queue;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, oneshot};

use self::cache::QueryCache;
use self::queue::{Job, Queue};
use crate::Embedder;
use crate::error::EmbedError;

/// Queries that may wait. At 10 ms each the last one waits two seconds, after which an honest
/// "busy" serves people better.
const QUERIES_WAITING_MAX: usize = 200;

/// Bulk texts that may wait; whoever brings more waits for room. Some 2 MB of passages.
const BULK_TEXTS_WAITING_MAX: usize = 1_024;

/// How long bulk texts are to take between two looks for a query: as long as nobody notices. A model
/// that needs longer for a text on each CPU takes longer.
const SLICE: Duration = Duration::from_millis(25);

/// Bulk texts between two looks for a query, however fast they are.
const SLICE_TEXTS_MAX: usize = 64;

/// Embeds from async code. Cheap to clone; the thread ends with the last clone.
#[derive(Clone)]
pub struct EmbedderHandle {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    cache: Mutex<QueryCache>,
    bulk_room: Semaphore,
    model_id: String,
    dims: usize,
    busy_ns: Arc<AtomicU64>,
}

impl EmbedderHandle {
    /// Starts a thread for an embedder.
    ///
    /// # Panics
    /// When the system cannot start a thread.
    #[must_use]
    pub fn spawn(embedder: Arc<dyn Embedder>) -> Self {
        let queue = Arc::new(Queue::default());
        let inner = Inner {
            queue: Arc::clone(&queue),
            cache: Mutex::default(),
            bulk_room: Semaphore::new(BULK_TEXTS_WAITING_MAX),
            model_id: embedder.model_id().to_owned(),
            dims: embedder.dims(),
            busy_ns: Arc::default(),
        };
        let busy_ns = Arc::clone(&inner.busy_ns);
        std::thread::Builder::new()
            .name("embed".into())
            .spawn(move || run(&queue, embedder.as_ref(), &busy_ns))
            .expect("a process that cannot start threads cannot serve");
        Self { inner: Arc::new(inner) }
    }

    /// Names the weights; see [`Embedder::model_id`].
    #[must_use]
    pub fn model_id(&self) -> &str {
        &self.inner.model_id
    }

    /// The length of every vector.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.inner.dims
    }

    /// How long the model has worked since the thread started.
    #[must_use]
    pub fn busy(&self) -> Duration {
        Duration::from_nanos(self.inner.busy_ns.load(Ordering::Relaxed))
    }

    /// Embeds texts that nobody waits for at a screen, such as passages. Waits for room in the
    /// queue. Dropping the future withdraws what has not been started.
    ///
    /// # Errors
    /// `Run` when the model cannot be run, `Stopped` when its thread has ended.
    pub async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut texts = texts.into_iter().peekable();
        while texts.peek().is_some() {
            let some: Vec<String> = texts.by_ref().take(BULK_TEXTS_WAITING_MAX / 4).collect();
            let n_texts = u32::try_from(some.len()).expect("a quarter of the room fits");
            let _room = self.inner.bulk_room.acquire_many(n_texts).await.map_err(|_| EmbedError::Stopped)?;
            let (job, done) = Job::new(some);
            self.inner.queue.push_bulk(job)?;
            vectors.extend(received(done).await?);
        }
        Ok(vectors)
    }

    /// Embeds what a person asked, ahead of all bulk work. A query asked before is remembered.
    ///
    /// # Errors
    /// `Busy` when too many queries wait, `Run` when the model cannot be run, `Stopped` when its
    /// thread has ended.
    pub async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        if let Some(vector) = self.cache(|cache| cache.find(text)) {
            return Ok(vector);
        }
        let (job, done) = Job::new(vec![text.to_owned()]);
        self.inner.queue.push_query(job, QUERIES_WAITING_MAX)?;
        let vector = received(done).await?.pop().ok_or(EmbedError::Stopped)?;
        self.cache(|cache| cache.insert(text, &vector));
        Ok(vector)
    }

    fn cache<T>(&self, use_it: impl FnOnce(&mut QueryCache) -> T) -> T {
        use_it(&mut self.inner.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

async fn received(
    done: oneshot::Receiver<Result<Vec<Vec<f32>>, EmbedError>>,
) -> Result<Vec<Vec<f32>>, EmbedError> {
    done.await.map_err(|_| EmbedError::Stopped)?
}

/// The thread's work: takes jobs, a slice of a bulk job at a time, until the queue is closed.
fn run(queue: &Queue, embedder: &dyn Embedder, busy_ns: &AtomicU64) {
    // Wakes whoever waits, should the embedder panic.
    let _closing = queue.close_on_drop();
    // One text for each CPU is the least that keeps them all busy; more waste less at the end.
    let n_texts_min = std::thread::available_parallelism().map_or(1, usize::from);
    let mut n_bytes_max = 0;
    while let Some(job) = queue.pop() {
        let texts = job.next_texts(n_texts_min..=SLICE_TEXTS_MAX.max(n_texts_min), n_bytes_max);
        let n_bytes: usize = texts.iter().map(|text| text.len()).sum();
        let started = Instant::now();
        let result = embedder.embed(&texts);
        let took = started.elapsed();
        busy_ns.fetch_add(took.as_nanos() as u64, Ordering::Relaxed);
        // The next slice takes its time at the speed of this one.
        n_bytes_max = (n_bytes as f64 * (SLICE.as_secs_f64() / took.as_secs_f64())) as usize;
        if let Some(unfinished) = job.advance(result) {
            queue.put_back(unfinished);
        }
    }
}

#[cfg(test)]
mod tests;
