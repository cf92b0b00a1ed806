//! A model that counts what it embeds, and that a test can hold to decide what happens meanwhile.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use embed::{EmbedError, Embedder, HashEmbedder};

/// Looks taken, 5 ms apart, until a test gives up waiting for a question: 10 s.
const LOOKS_MAX: usize = 2_000;

/// [`HashEmbedder`], watched.
#[derive(Debug)]
pub struct WatchedModel {
    id: String,
    n_texts: AtomicUsize,
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    is_held: bool,
    n_waiting: usize,
}

impl Default for WatchedModel {
    fn default() -> Self {
        Self::named("watched")
    }
}

impl WatchedModel {
    /// A model with this id.
    pub fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            n_texts: AtomicUsize::new(0),
            held: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// How many texts it has embedded.
    pub fn n_texts(&self) -> usize {
        self.n_texts.load(Ordering::SeqCst)
    }

    /// Makes whoever asks wait.
    pub fn hold(&self) {
        self.lock().is_held = true;
    }

    /// Lets everybody go on.
    pub fn release(&self) {
        self.lock().is_held = false;
        self.changed.notify_all();
    }

    /// Returns once somebody waits.
    ///
    /// # Panics
    /// When nobody comes.
    pub async fn somebody_waits(&self) {
        for _ in 0..LOOKS_MAX {
            if self.lock().n_waiting > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nobody asked the model");
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Embedder for WatchedModel {
    fn model_id(&self) -> &str {
        &self.id
    }

    fn dims(&self) -> usize {
        HashEmbedder.dims()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut held = self.lock();
        held.n_waiting += 1;
        let mut held =
            self.changed.wait_while(held, |held| held.is_held).unwrap_or_else(PoisonError::into_inner);
        held.n_waiting -= 1;
        drop(held);
        self.n_texts.fetch_add(texts.len(), Ordering::SeqCst);
        HashEmbedder.embed(texts)
    }
}
