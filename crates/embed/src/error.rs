//! What can go wrong between a text and its vector.

/// Why there is no vector.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The model's files are missing, damaged, or of a kind that is not supported.
    #[error("cannot load embedding model: {reason}")]
    Load {
        /// What was attempted and what was found.
        reason: String,
    },
    /// The model was loaded but could not be run.
    #[error("cannot embed text")]
    Run(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// As many queries as are allowed wait already. Try again later.
    #[error("too many queries wait to be embedded")]
    Busy,
    /// The embedding thread has ended.
    #[error("the embedding thread has ended")]
    Stopped,
}

impl EmbedError {
    pub(crate) fn load(reason: impl std::fmt::Display) -> Self {
        Self::Load { reason: reason.to_string() }
    }

    pub(crate) fn run(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Run(source.into())
    }
}
