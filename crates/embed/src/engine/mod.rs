//! The engine: BERT-family models of 8 bits at the speed of the processor.
//!
//! The 8-bit weights are multiplied as they are: what comes in is narrowed to bytes, each token with
//! a scale of its own, and the sums are whole numbers. So a text's vector has the same bits whatever
//! the processor, the number of threads and the texts beside it.

mod batch;
mod kernel;
mod model;
mod pass;
mod steps;
mod team;

use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::batch::Batch;
use self::kernel::Kernel;
pub use self::kernel::Kernels;
use self::model::Model;
use self::pass::{Memory, Pass};
use self::team::Team;
use crate::Embedder;
use crate::bert::{Config, Files, FolderFiles, Tokens, Weights, fingerprint};
use crate::error::EmbedError;

/// Raised whenever the same files give other vectors.
const VERSION: u32 = 1;

/// More threads than this would mostly wait for each other.
const THREADS_MAX: usize = 16;

/// Texts in a pass that threads share; more are cut into packets. Bounds what a pass needs: 12 kB for
/// each token of MiniLM, 25 MB for 8 texts of 256 tokens.
const PASS_TEXTS_MAX: usize = 8;

/// An embedder of the BERT family for 8-bit models, as `cargo xtask model` writes them. Keeps the
/// weights once, as large as their file: 23 MB for MiniLM; and some 3 MB for each thread to work in.
pub struct Engine {
    model_id: String,
    shared: Arc<Shared>,
    team: Team,
}

/// How an engine runs, none of which changes a vector.
#[derive(Debug, Clone, Copy)]
pub struct EngineOptions {
    /// The arithmetic. Refused where the processor cannot run it.
    pub kernels: Kernels,
    /// Threads that embed, with the one that asks: 16 at most.
    pub n_threads: usize,
}

/// What all threads use.
struct Shared {
    tokens: Tokens,
    model: Arc<Model>,
    kernel: &'static dyn Kernel,
    n_threads: usize,
    /// What no pass uses at the moment.
    memories: Mutex<Vec<Arc<Memory>>>,
}

impl Default for EngineOptions {
    /// The fastest arithmetic and a thread for each processor.
    fn default() -> Self {
        let n_threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { kernels: Kernels::detect(), n_threads }
    }
}

impl Engine {
    /// Loads an 8-bit model from a folder, see [`crate::BertEmbedder::load`]. `None` for a model that only
    /// candle runs: one of f32, or whose heads or layers are no multiple of 32 wide.
    ///
    /// # Errors
    /// When a file is missing or damaged, the model is of another family, or the processor cannot run
    /// the kernels.
    pub fn load(dir: &Path, options: EngineOptions) -> Result<Option<Self>, EmbedError> {
        let files = FolderFiles::read(dir)?;
        Self::from_files(&files.name, &files.borrow(), options)
    }

    pub(crate) fn from_files(
        name: &str,
        files: &Files<'_>,
        options: EngineOptions,
    ) -> Result<Option<Self>, EmbedError> {
        let Some(kernel) = options.kernels.get() else {
            return Err(EmbedError::load(format!("this processor has no {}", options.kernels.name())));
        };
        let config = Config::parse(files.config, files.pooling)?;
        if !Model::suits(&config) {
            return Ok(None);
        }
        let Some(model) = Model::load(config, &Weights::parse(files.weights)?)? else { return Ok(None) };
        let team = Team::start(options.n_threads.clamp(1, THREADS_MAX) - 1);
        let shared = Shared {
            tokens: Tokens::parse(files.tokenizer, model.positions.n_rows(), model.words.n_rows())?,
            model: Arc::new(model),
            kernel,
            n_threads: team.n_members(),
            memories: Mutex::default(),
        };
        let model_id = format!("{name}:{}-engine{VERSION}", fingerprint(files));
        Ok(Some(Self { model_id, shared: Arc::new(shared), team }))
    }
}

impl Embedder for Engine {
    fn model_id(&self) -> &str {
        &self.model_id
    }

    fn dims(&self) -> usize {
        self.shared.model.config.hidden_size
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let n_threads = self.shared.n_threads;
        let packets = Batch::cut(texts, n_threads);
        if packets.len() < n_threads && texts.len() <= PASS_TEXTS_MAX {
            return self.shared.embed(texts, n_threads, |pass| self.team.run(pass));
        }
        let batch = Arc::new(Batch::new(&self.shared, texts, packets));
        self.team.run(&batch);
        batch.finish()
    }
}

impl Shared {
    /// Embeds on this thread alone.
    fn embed_alone(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.embed(texts, 1, |pass| team::Work::take_part(&**pass))
    }

    fn embed(
        &self,
        texts: &[&str],
        n_threads: usize,
        run: impl FnOnce(&Arc<Pass>),
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let ids = texts.iter().map(|text| self.tokens.encode(text)).collect::<Result<Vec<_>, _>>()?;
        // Some tokenizers mark neither start nor end.
        if ids.iter().all(Vec::is_empty) {
            return Ok(vec![vec![0.0; self.model.config.hidden_size]; texts.len()]);
        }
        let memory = self.memories().pop();
        let memory = memory.unwrap_or_else(|| Arc::new(Memory::new(&self.model, self.n_threads)));
        let pass = Arc::new(Pass::new(&self.model, self.kernel, &memory, &ids, n_threads));
        run(&pass);
        let vectors = pass.finish();
        let mut memories = self.memories();
        if memories.len() < self.n_threads {
            memories.push(memory);
        }
        vectors
    }

    fn memories(&self) -> MutexGuard<'_, Vec<Arc<Memory>>> {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
