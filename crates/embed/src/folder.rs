//! A model from a folder, run by what runs it best.

use std::path::Path;
use std::sync::Arc;

use crate::Embedder;
use crate::bert::{BertEmbedder, FolderFiles};
use crate::engine::{Engine, EngineOptions};
use crate::error::EmbedError;

/// Loads a model from a folder (see [`BertEmbedder::load`]): by the engine where it can run it, else
/// by candle, for which the options are nothing.
///
/// # Errors
/// When a file is missing or damaged, the model is of another family, or the processor cannot run
/// the kernels.
pub fn load(dir: &Path, options: EngineOptions) -> Result<Arc<dyn Embedder>, EmbedError> {
    let files = FolderFiles::read(dir)?;
    Ok(match Engine::from_files(&files.name, &files.borrow(), options)? {
        Some(engine) => Arc::new(engine),
        None => Arc::new(BertEmbedder::from_files(&files.name, &files.borrow())?),
    })
}
