//! The answer as it comes: bytes to events to text, within the limits.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use futures_util::{Stream, stream};

use super::{
    ChatLimits, LlmError,
    chunk::{self, Chunk},
    circuit::Circuit,
    sse::SseReader,
};
use crate::{OutboundError, OutboundResponse};

/// Pieces of text, in order. Ends after the model's last word, or with the first error.
pub type ChatStream = Pin<Box<dyn Stream<Item = Result<String, LlmError>> + Send>>;

/// What is known while the stream is read.
struct Reading {
    response: OutboundResponse,
    limits: ChatLimits,
    started: Instant,
    circuit: Arc<Mutex<Circuit>>,
    sse: SseReader,
    events: VecDeque<String>,
    n_bytes: usize,
    spoke: bool,
    /// The model has said that it has finished.
    finished: bool,
    /// The connection has ended.
    ended: bool,
}

/// Reads a response that has just begun.
pub(super) fn read(
    response: OutboundResponse,
    limits: ChatLimits,
    started: Instant,
    circuit: Arc<Mutex<Circuit>>,
) -> ChatStream {
    let reading = Reading {
        response,
        limits,
        started,
        circuit,
        sse: SseReader::default(),
        events: VecDeque::new(),
        n_bytes: 0,
        spoke: false,
        finished: false,
        ended: false,
    };
    Box::pin(stream::unfold(Some(reading), |reading| async {
        let mut reading = reading?;
        match reading.next().await {
            Ok(Some(text)) => Some((Ok(text), Some(reading))),
            Ok(None) => {
                reading.circuit().succeeded();
                None
            }
            Err(error) => {
                reading.circuit().failed(Instant::now());
                Some((Err(error), None))
            }
        }
    }))
}

impl Reading {
    /// The next words; `None` when the answer is complete.
    async fn next(&mut self) -> Result<Option<String>, LlmError> {
        loop {
            while let Some(data) = self.events.pop_front() {
                if self.finished {
                    continue; // Usage counts and the end mark may follow.
                }
                let text = match chunk::parse(&data)? {
                    Chunk::Text(text) => text,
                    Chunk::Last(text) => {
                        self.finished = true;
                        text
                    }
                    Chunk::Done => {
                        self.finished = true;
                        String::new()
                    }
                };
                if !text.is_empty() {
                    self.spoke = true;
                    return Ok(Some(text));
                }
            }
            if self.finished {
                return Ok(None);
            }
            if self.ended {
                return Err(LlmError::Cut);
            }
            self.read_more().await?;
        }
    }

    /// Waits for bytes until the limit that holds now.
    async fn read_more(&mut self) -> Result<(), LlmError> {
        let limit = if self.spoke { self.limits.total } else { self.limits.first_token };
        let left = limit.saturating_sub(self.started.elapsed());
        let piece = tokio::time::timeout(left, self.response.chunk()).await.map_err(|_| LlmError::Late)?;
        match piece {
            Ok(Some(bytes)) => {
                self.n_bytes += bytes.len();
                if self.n_bytes > self.limits.bytes_max {
                    return Err(LlmError::TooLong);
                }
                self.events.extend(self.sse.push(&bytes)?);
            }
            Ok(None) => {
                self.ended = true;
                self.events.extend(self.sse.finish()?);
            }
            Err(OutboundError::Late) => return Err(LlmError::Late),
            // The connection broke: a half answer.
            Err(_) => return Err(LlmError::Cut),
        }
        Ok(())
    }

    fn circuit(&self) -> std::sync::MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
