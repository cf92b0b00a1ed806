//! Text in, vectors out. Knows nothing of support.
//!
//! A vector is f32, L2-normalised, of length `dims`, and the same for the same text and model
//! file, whatever else was embedded with it. [`Embedder`] is the seam: [`Engine`] is the real thing,
//! [`BertEmbedder`] its reference and what runs other models, [`HashEmbedder`] the double for tests.
//! [`EmbedderHandle`] is how async code embeds.

mod bench;
mod bert;
mod bundled;
mod engine;
mod error;
mod folder;
mod handle;
mod hash;
mod vector;

pub use bench::{BenchCase, BenchReport, bench};
pub use bert::BertEmbedder;
pub use bundled::{bundled, bundled_reference, bundled_with};
pub use engine::{Engine, EngineOptions, Kernels};
pub use error::EmbedError;
pub use folder::load;
pub use handle::EmbedderHandle;
pub use hash::HashEmbedder;
pub use vector::dot;

/// Turns texts into vectors. CPU-bound: call it from a thread of your own, never from the async
/// runtime (that is what [`EmbedderHandle`] is for).
pub trait Embedder: Send + Sync {
    /// Names the weights: two embedders with the same id give the same vectors.
    fn model_id(&self) -> &str;

    /// The length of every vector.
    fn dims(&self) -> usize;

    /// Embeds each text, in order. Long texts are cut at the model's limit; an empty text has a
    /// vector too.
    ///
    /// # Errors
    /// When the model cannot be run, which no text should cause.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError>;
}
