//! What callers of the handle can notice, with an embedder that is held back and counted.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use super::*;

/// Embeds each text as its length, but only when it is let, and tells what it was given.
struct Gated {
    gate: Mutex<mpsc::Receiver<()>>,
    seen: Mutex<Vec<String>>,
}

impl Embedder for Gated {
    fn model_id(&self) -> &'static str {
        "gated"
    }

    fn dims(&self) -> usize {
        1
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.gate.lock().unwrap().recv().map_err(EmbedError::run)?;
        self.seen.lock().unwrap().extend(texts.iter().map(ToString::to_string));
        Ok(texts.iter().map(|text| vec![text.len() as f32]).collect())
    }
}

fn gated() -> (EmbedderHandle, Arc<Gated>, mpsc::Sender<()>) {
    let (open, gate) = mpsc::channel();
    let embedder = Arc::new(Gated { gate: Mutex::new(gate), seen: Mutex::default() });
    (EmbedderHandle::spawn(Arc::clone(&embedder) as Arc<dyn Embedder>), embedder, open)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn texts(lengths: impl IntoIterator<Item = usize>) -> Vec<String> {
    lengths.into_iter().map(|n| "x".repeat(n)).collect()
}

#[test]
fn vectors_come_in_the_order_of_the_texts() {
    let (handle, _, open) = gated();
    (0..2000).for_each(|_| open.send(()).unwrap());
    // More than one round of the queue, and not sorted by length.
    let lengths: Vec<usize> = (0..1500).map(|n| n * 7 % 31).collect();
    let vectors = runtime().block_on(handle.embed(texts(lengths.clone()))).unwrap();
    assert_eq!(vectors.iter().map(|vector| vector[0] as usize).collect::<Vec<_>>(), lengths);
}

#[test]
fn nothing_to_embed_is_nothing() {
    let (handle, ..) = gated();
    assert!(runtime().block_on(handle.embed(Vec::new())).unwrap().is_empty());
}

#[test]
fn a_query_goes_ahead_of_bulk_work() {
    let (handle, embedder, open) = gated();
    runtime().block_on(async {
        let bulk = handle.embed(texts([3; 200]));
        let query = handle.embed_query("who?");
        let open_all = async { (0..300).for_each(|_| open.send(()).unwrap()) };
        let (bulk, query, ()) = tokio::join!(bulk, query, open_all);
        assert_eq!(bulk.unwrap().len(), 200);
        assert_eq!(query.unwrap(), [4.0]);
    });
    let seen = embedder.seen.lock().unwrap();
    let place = seen.iter().position(|text| text == "who?").unwrap();
    assert!(place <= SLICE_TEXTS_MAX, "the query came after {place} bulk texts");
}

#[test]
fn a_repeated_query_is_remembered() {
    let (handle, embedder, open) = gated();
    open.send(()).unwrap();
    runtime().block_on(async {
        let first = handle.embed_query("again").await.unwrap();
        assert_eq!(handle.embed_query("again").await.unwrap(), first);
    });
    assert_eq!(embedder.seen.lock().unwrap().len(), 1);
}

#[test]
fn too_many_queries_are_told_so() {
    let (handle, _, open) = gated();
    runtime().block_on(async {
        let mut waiting = tokio::task::JoinSet::new();
        let local = tokio::task::LocalSet::new();
        local
            .run_until(async {
                // One is being worked on, so one more than the limit is taken.
                for n in 0..QUERIES_WAITING_MAX + 10 {
                    let handle = handle.clone();
                    waiting.spawn_local(async move { handle.embed_query(&n.to_string()).await });
                    tokio::task::yield_now().await;
                }
                (0..QUERIES_WAITING_MAX + 10).for_each(|_| open.send(()).unwrap());
                let results = waiting.join_all().await;
                let n_busy = results.iter().filter(|r| matches!(r, Err(EmbedError::Busy))).count();
                assert!((9..=10).contains(&n_busy), "{n_busy} were told to come back");
            })
            .await;
    });
}

#[test]
fn dropping_the_future_withdraws_the_work() {
    let (handle, embedder, open) = gated();
    runtime().block_on(async {
        let bulk = handle.embed(texts([5; 200]));
        tokio::select! {
            biased;
            _ = bulk => unreachable!("the gate is shut"),
            () = std::future::ready(()) => {}
        }
        (0..300).for_each(|_| open.send(()).unwrap());
        handle.embed_query("next").await.unwrap();
    });
    assert!(embedder.seen.lock().unwrap().len() < 200);
}

#[test]
fn a_panic_of_the_model_reaches_the_caller_as_an_error() {
    struct Broken;
    impl Embedder for Broken {
        fn model_id(&self) -> &'static str {
            "broken"
        }
        fn dims(&self) -> usize {
            1
        }
        fn embed(&self, _: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
            panic!("on purpose")
        }
    }
    let handle = EmbedderHandle::spawn(Arc::new(Broken));
    runtime().block_on(async {
        assert!(matches!(handle.embed_query("?").await, Err(EmbedError::Stopped)));
        assert!(matches!(handle.embed(texts([1])).await, Err(EmbedError::Stopped)));
    });
}
