//! The model inside the binary: all-MiniLM-L6-v2 in 8 bits, so that a clone builds and runs with
//! no download. `cargo xtask model` makes the files; `models/manifest.toml` says from what.

use crate::bert::{BertEmbedder, Files};
use crate::engine::{Engine, EngineOptions};
use crate::error::EmbedError;

const NAME: &str = "all-minilm-l6-v2";

const FILES: Files<'static> = Files {
    config: include_str!("../../../models/all-minilm-l6-v2/config.json"),
    tokenizer: include_bytes!("../../../models/all-minilm-l6-v2/tokenizer.json"),
    weights: include_bytes!("../../../models/all-minilm-l6-v2/model.q8.safetensors"),
    pooling: None,
};

/// Loads the model that is part of the binary, to run on all processors.
///
/// # Errors
/// Only when the files under `models/` were damaged before the build.
pub fn bundled() -> Result<Engine, EmbedError> {
    bundled_with(EngineOptions::default())
}

/// Loads the model that is part of the binary, to run as told.
///
/// # Errors
/// When the processor cannot run the kernels.
pub fn bundled_with(options: EngineOptions) -> Result<Engine, EmbedError> {
    let engine = Engine::from_files(NAME, &FILES, options)?;
    engine.ok_or_else(|| EmbedError::load("the bundled model is not of 8 bits"))
}

/// Loads the same model for candle: the reference to compare the engine with.
///
/// # Errors
/// Only when the files under `models/` were damaged before the build.
pub fn bundled_reference() -> Result<BertEmbedder, EmbedError> {
    BertEmbedder::from_files(NAME, &FILES)
}
