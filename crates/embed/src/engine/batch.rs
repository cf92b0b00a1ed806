//! Many texts: cut into packets that go through the model side by side, each on one thread, which
//! then waits for nobody.

use std::sync::{Arc, Mutex, PoisonError};

use super::Shared;
use super::steps::Steps;
use super::team::Work;
use crate::bert::TOKENS_MAX;
use crate::error::EmbedError;

/// Tokens in a packet, about. Fewer would read the weights too often (10 MB for MiniLM, from the
/// cache that cores share); more would push the tokens' own values out of the core's cache.
const PACKET_TOKENS_MAX: usize = 128;
const PACKET_TOKENS_MIN: usize = 32;

/// Packets for each thread where there is enough: the last ones to end should end together.
const PACKETS_PER_THREAD: usize = 2;

/// Bytes of a token of English, about: cutting comes before the tokenizer, which runs with the packet.
const TOKEN_BYTES: usize = 5;

pub(super) struct Batch {
    shared: Arc<Shared>,
    /// Texts with their places in the batch.
    packets: Vec<Vec<(usize, String)>>,
    /// In the order of the texts, or what went wrong first.
    vectors: Mutex<Result<Vec<Vec<f32>>, EmbedError>>,
    steps: Steps,
}

impl Batch {
    /// Cuts texts into packets for `n_threads`: the longest first, so that what is left in the end is
    /// small, and texts of about one length together.
    pub(super) fn cut(texts: &[&str], n_threads: usize) -> Vec<Vec<usize>> {
        let n_tokens = |n: usize| 2 + texts[n].len().min(TOKENS_MAX * TOKEN_BYTES) / TOKEN_BYTES;
        let n_all: usize = (0..texts.len()).map(n_tokens).sum();
        let limit = (n_all / (n_threads * PACKETS_PER_THREAD)).clamp(PACKET_TOKENS_MIN, PACKET_TOKENS_MAX);
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&n| std::cmp::Reverse(texts[n].len()));
        let mut packets: Vec<Vec<usize>> = Vec::new();
        let mut room = 0;
        for n in order {
            if n_tokens(n) > room {
                packets.push(Vec::new());
                room = limit.max(n_tokens(n));
            }
            packets.last_mut().expect("there is room only in a packet").push(n);
            room -= n_tokens(n);
        }
        packets
    }

    pub(super) fn new(shared: &Arc<Shared>, texts: &[&str], packets: Vec<Vec<usize>>) -> Self {
        let packets: Vec<Vec<_>> = packets
            .into_iter()
            .map(|packet| packet.into_iter().map(|n| (n, texts[n].to_owned())).collect())
            .collect();
        Self {
            shared: Arc::clone(shared),
            steps: Steps::new([packets.len()]),
            packets,
            vectors: Mutex::new(Ok(vec![Vec::new(); texts.len()])),
        }
    }

    /// Waits for the end. Returns the vectors in the order of the texts.
    pub(super) fn finish(&self) -> Result<Vec<Vec<f32>>, EmbedError> {
        if !self.steps.wait() {
            return Err(EmbedError::run("a thread of the engine panicked"));
        }
        let mut vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *vectors, Ok(Vec::new()))
    }
}

impl Work for Batch {
    fn take_part(&self) {
        while let Some(part) = self.steps.take() {
            let packet = &self.packets[part.part];
            let texts: Vec<&str> = packet.iter().map(|(_, text)| text.as_str()).collect();
            let result = self.shared.embed_alone(&texts);
            let mut vectors = self.vectors.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *vectors, result) {
                (Ok(vectors), Ok(new)) => {
                    packet.iter().zip(new).for_each(|(&(n, _), vector)| vectors[n] = vector);
                }
                (Ok(_), Err(error)) => *vectors = Err(error),
                (Err(_), _) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lengths: &[usize], n_threads: usize, expected: &[&[usize]]) {
        let texts: Vec<String> = lengths.iter().map(|&n| "x".repeat(n * TOKEN_BYTES - 10)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let packets = Batch::cut(&texts, n_threads);
        assert_eq!(packets, expected, "lengths in tokens {lengths:?}");
    }

    #[test]
    fn packets_are_of_about_one_size_and_hold_every_text_once() {
        check(&[], 2, &[]);
        check(&[16], 2, &[&[0]]);
        check(&[16, 16], 2, &[&[0, 1]]);
        check(&[256, 16], 2, &[&[0], &[1]]);
        check(&[16, 64, 32, 64], 2, &[&[1], &[3], &[2], &[0]]);
        check(&[16, 64, 64, 16, 64, 64], 2, &[&[1], &[2], &[4], &[5], &[0, 3]]);
        check(&[64; 6], 1, &[&[0, 1], &[2, 3], &[4, 5]]);
    }
}
