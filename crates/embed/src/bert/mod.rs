//! Embedders of the BERT family on candle: tokens, six or more layers, pooling, L2 norm. The engine
//! reads its files by the same means and is compared with it.
//!
//! Each text runs through the model by itself. Without padding there is no mask, no wasted work,
//! and no way for one text to change another's vector; several texts run side by side on rayon's
//! threads.

pub(crate) mod config;
mod layer;
pub(crate) mod row;
mod table;
mod token;
mod weights;

use std::path::Path;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

pub(crate) use self::config::{Config, Pooling};
use self::layer::Layer;
use self::row::Norm;
pub(crate) use self::table::Table;
pub(crate) use self::token::{TOKENS_MAX, Tokens};
pub(crate) use self::weights::Weights;
use crate::Embedder;
use crate::error::EmbedError;
use crate::vector::normalize;

/// A loaded model. Weights are f32 in memory, except the tables of token embeddings, which stay as
/// they are in the file and are widened row by row: about 55 MB for MiniLM.
pub struct BertEmbedder {
    model_id: String,
    config: Config,
    tokens: Tokens,
    words: Table,
    positions: Table,
    /// The embedding of token type 0, the only one used.
    token_type: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

/// What a model is loaded from, as bytes.
pub(crate) struct Files<'a> {
    pub(crate) config: &'a str,
    pub(crate) tokenizer: &'a [u8],
    /// A safetensors file, f32 or 8-bit.
    pub(crate) weights: &'a [u8],
    /// `1_Pooling/config.json` of sentence-transformers. Mean pooling where there is none.
    pub(crate) pooling: Option<&'a str>,
}

/// The same, read from a folder.
pub(crate) struct FolderFiles {
    /// The folder's, which becomes part of the model's id.
    pub(crate) name: String,
    config: String,
    tokenizer: Vec<u8>,
    weights: Vec<u8>,
    pooling: Option<String>,
}

impl FolderFiles {
    pub(crate) fn read(dir: &Path) -> Result<Self, EmbedError> {
        let read = |name: &str| {
            let path = dir.join(name);
            std::fs::read(&path)
                .map_err(|error| EmbedError::load(format!("cannot read {}: {error}", path.display())))
        };
        let text = |name: &str| {
            String::from_utf8(read(name)?).map_err(|_| EmbedError::load(format!("{name} is not UTF-8")))
        };
        let small = dir.join("model.q8.safetensors").exists();
        let has_pooling = dir.join("1_Pooling/config.json").exists();
        Ok(Self {
            name: dir.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned()),
            config: text("config.json")?,
            tokenizer: read("tokenizer.json")?,
            weights: read(if small { "model.q8.safetensors" } else { "model.safetensors" })?,
            pooling: if has_pooling { Some(text("1_Pooling/config.json")?) } else { None },
        })
    }

    pub(crate) fn borrow(&self) -> Files<'_> {
        Files {
            config: &self.config,
            tokenizer: &self.tokenizer,
            weights: &self.weights,
            pooling: self.pooling.as_deref(),
        }
    }
}

impl BertEmbedder {
    /// Loads a model of the BERT family from a folder as sentence-transformers writes it:
    /// `config.json`, `tokenizer.json`, `model.q8.safetensors` (as made by `cargo xtask model`) or
    /// else `model.safetensors` (f32), and `1_Pooling/config.json` where there is one.
    /// The folder's name becomes part of the model's id.
    ///
    /// # Errors
    /// When a file is missing or damaged, or the model is of another family.
    pub fn load(dir: &Path) -> Result<Self, EmbedError> {
        let files = FolderFiles::read(dir)?;
        Self::from_files(&files.name, &files.borrow())
    }

    pub(crate) fn from_files(name: &str, files: &Files<'_>) -> Result<Self, EmbedError> {
        let config = Config::parse(files.config, files.pooling)?;
        let weights = Weights::parse(files.weights)?;
        let dims = config.hidden_size;
        let token_types = weights.table("embeddings.token_type_embeddings.weight", dims)?;
        let words = weights.table("embeddings.word_embeddings.weight", dims)?;
        let positions = weights.table("embeddings.position_embeddings.weight", dims)?;
        Ok(Self {
            model_id: format!("{name}:{}", fingerprint(files)),
            tokens: Tokens::parse(files.tokenizer, positions.n_rows(), words.n_rows())?,
            token_type: token_types.row(0).collect(),
            norm: weights.norm("embeddings.LayerNorm", &config)?,
            layers: (0..config.num_hidden_layers)
                .map(|n| Layer::load(&weights, &format!("encoder.layer.{n}"), &config))
                .collect::<Result<_, _>>()?,
            words,
            positions,
            config,
        })
    }

    fn embed_one(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let ids = self.tokens.encode(text)?;
        let mut vector = self.pool(&self.forward(&ids).map_err(EmbedError::run)?);
        normalize(&mut vector);
        Ok(vector)
    }

    /// Runs the model over one sequence. Returns n tokens x dims, row-major.
    fn forward(&self, ids: &[u32]) -> candle_core::Result<Vec<f32>> {
        let dims = self.config.hidden_size;
        let mut rows = Vec::with_capacity(ids.len() * dims);
        for (position, &id) in ids.iter().enumerate() {
            let sum = self.words.row(id as usize).zip(self.positions.row(position)).zip(&self.token_type);
            rows.extend(sum.map(|((word, position), token_type)| word + position + token_type));
        }
        rows.chunks_exact_mut(dims).for_each(|row| self.norm.apply(row));
        let mut hidden = Tensor::from_vec(rows, (ids.len(), dims), &Device::Cpu)?;
        for layer in &self.layers {
            hidden = layer.forward(&hidden)?;
        }
        hidden.flatten_all()?.to_vec1()
    }

    fn pool(&self, rows: &[f32]) -> Vec<f32> {
        let dims = self.config.hidden_size;
        let mut pooled = rows[..dims].to_vec();
        if self.config.pooling == Pooling::Mean {
            // The sum points where the mean does, and is normalised next.
            for row in rows[dims..].chunks_exact(dims) {
                pooled.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
        }
        pooled
    }
}

impl Embedder for BertEmbedder {
    fn model_id(&self) -> &str {
        &self.model_id
    }

    fn dims(&self) -> usize {
        self.config.hidden_size
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        match texts {
            // Inside the pool, so that each matrix product shares its work out without a hand-over.
            [text] => Ok(vec![rayon::scope(|_| self.embed_one(text))?]),
            _ => texts.par_iter().with_max_len(1).map(|text| self.embed_one(text)).collect(),
        }
    }
}

/// Hashes everything that decides the vectors, so that other weights get another id.
pub(crate) fn fingerprint(files: &Files<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(files.config);
    hash.update(files.tokenizer);
    hash.update(files.weights);
    hash.update(files.pooling.unwrap_or_default());
    format!("{:.12x}", hash.finalize())
}
