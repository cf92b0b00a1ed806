//! Why a search or an update did not happen.

use std::path::PathBuf;

/// Why a search or an update did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Another process writes this index.
    #[error("the index in {0} is in use by another process; stop that one first")]
    Locked(PathBuf),
    /// The folder cannot be read or written. It was left as it is.
    #[error("cannot use the index folder {path}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// This engine was opened for reading.
    #[error("the index was opened for reading only")]
    ReadOnly,
    /// The index is being built and does not hold everything yet.
    #[error("the index is being built")]
    Incomplete,
    /// The text index failed.
    #[error("the text index failed")]
    Index(#[from] tantivy::TantivyError),
    /// The embedding model failed.
    #[error("the embedding model failed")]
    Embedding(#[from] embed::EmbedError),
    /// The vector index failed.
    #[error("the vector index failed: {0}")]
    Vectors(String),
    /// A part of the search was stopped half way.
    #[error("the search was stopped")]
    Stopped,
}

impl From<std::io::Error> for SearchError {
    fn from(error: std::io::Error) -> Self {
        Self::Index(error.into())
    }
}
