//! A language model behind any OpenAI-compatible `/chat/completions`: one prompt in, a stream of text pieces out.
//!
//! Whoever calls has an answer already and only waits for better words, so everything here prefers a quick error to a
//! late success: two retries at most, hard limits on time and size, and a circuit that opens after repeated failures.

mod chunk;
mod circuit;
mod client;
mod retry;
mod sse;
mod stream;

pub use client::{ChatClient, ChatLimits};
pub use stream::ChatStream;

use crate::OutboundError;

/// Why the language model said nothing, or stopped in the middle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// It failed so often that it is left alone for a while.
    #[error("the language model failed repeatedly and is not asked for a while")]
    CircuitOpen,
    /// It could not be reached.
    #[error("the language model cannot be reached: {0}")]
    Outbound(#[from] OutboundError),
    /// It answered with an error status.
    #[error("the language model answered with status {0}")]
    Status(u16),
    /// It did not say a word, or did not finish, in time.
    #[error("the language model was late")]
    Late,
    /// It said something that is not its protocol.
    #[error("the language model's answer cannot be read: {0}")]
    Invalid(&'static str),
    /// Its stream ended before its answer did.
    #[error("the language model stopped in the middle of its answer")]
    Cut,
    /// It said more than anybody asked for.
    #[error("the language model's answer is too long")]
    TooLong,
}
