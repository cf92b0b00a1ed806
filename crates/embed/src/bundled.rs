//! The model inside the binary: all-MiniLM-L6-v2 in 8 bits, so that a clone builds and runs with
//! no download. `cargo xtask model` makes the files; `models/manifest.toml` says from what.

use crate::bert::{BertEmbedder, Files};
use crate::error::EmbedError;

const NAME: &str = "all-minilm-l6-v2";

/// Loads the model that is part of the binary.
///
/// # Errors
/// Only when the files under `models/` were damaged before the build.
pub fn bundled() -> Result<BertEmbedder, EmbedError> {
    BertEmbedder::from_files(
        NAME,
        &Files {
            config: include_str!("../../../models/all-minilm-l6-v2/config.json"),
            tokenizer: include_bytes!("../../../models/all-minilm-l6-v2/tokenizer.json"),
            weights: include_bytes!("../../../models/all-minilm-l6-v2/model.q8.safetensors"),
            pooling: None,
        },
    )
}

/// The engine.
pub fn bundled_engine(kernels: crate::Kernels) -> Result<crate::Engine, EmbedError> {
    crate::Engine::from_files(
        NAME,
        &Files {
            config: include_str!("../../../models/all-minilm-l6-v2/config.json"),
            tokenizer: include_bytes!("../../../models/all-minilm-l6-v2/tokenizer.json"),
            weights: include_bytes!("../../../models/all-minilm-l6-v2/model.q8.safetensors"),
            pooling: None,
        }, kernels
    ).map(Option::unwrap)
}
