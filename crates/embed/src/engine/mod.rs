//! The engine: BERT-family models in 8 bits at the speed of the processor.

mod kernel;
mod layer;
mod model;

use std::sync::{Mutex, PoisonError};

pub use self::kernel::Kernels;
use self::kernel::Kernel;
use self::layer::{BLOCK_TOKENS, Block, Scratch};
use self::model::Model;
use crate::Embedder;
use crate::bert::{Config, Files, Pooling, Tokens, Weights, fingerprint};
use crate::error::EmbedError;
use crate::vector::normalize;

/// Raised whenever the same files give other vectors.
const VERSION: u32 = 1;

/// A loaded model.
pub struct Engine {
    model_id: String,
    tokens: Tokens,
    model: Model,
    kernel: &'static dyn Kernel,
    scratch: Mutex<Vec<Memory>>,
}

#[derive(Default)]
struct Memory {
    blocks: Vec<Block>,
    contexts: Vec<Vec<f32>>,
    scratch: Scratch,
}

impl Engine {
    pub(crate) fn from_files(
        name: &str,
        files: &Files<'_>,
        kernels: Kernels,
    ) -> Result<Option<Self>, EmbedError> {
        let Some(kernel) = kernels.get() else {
            return Err(EmbedError::load(format!("this processor has no {}", kernels.name())));
        };
        let config = Config::parse(files.config, files.pooling)?;
        if !Model::suits(&config) {
            return Ok(None);
        }
        let Some(model) = Model::load(config, &Weights::parse(files.weights)?)? else { return Ok(None) };
        Ok(Some(Self {
            model_id: format!("{name}:{}-engine{VERSION}", fingerprint(files)),
            tokens: Tokens::parse(files.tokenizer, model.positions.n_rows(), model.words.n_rows())?,
            model,
            kernel,
            scratch: Mutex::default(),
        }))
    }

    fn run(&self, texts: &[Vec<u32>], memory: &mut Memory) -> Vec<Vec<f32>> {
        let config = &self.model.config;
        let (dims, head_size) = (config.hidden_size, config.head_size());
        let lengths: Vec<usize> = texts.iter().map(Vec::len).collect();
        let n_tokens: usize = lengths.iter().sum();
        let Memory { blocks, contexts, scratch } = memory;
        let n_blocks = n_tokens.div_ceil(BLOCK_TOKENS);
        blocks.resize_with(n_blocks, Block::default);
        contexts.resize_with(config.num_attention_heads, Vec::new);
        let mut all = texts.iter().flat_map(|ids| ids.iter().enumerate());
        let zeros = vec![0.0; dims];
        for (n, block) in blocks.iter_mut().enumerate() {
            let rows = n_tokens * n / n_blocks..n_tokens * (n + 1) / n_blocks;
            block.rows.resize(rows.len() * dims, 0.0);
            for (row, (position, &id)) in block.rows.chunks_exact_mut(dims).zip(&mut all) {
                let sum = self.model.words.row(id as usize).zip(self.model.positions.row(position)).zip(&self.model.token_type);
                row.iter_mut().zip(sum).for_each(|(x, ((word, position), token_type))| *x = word + position + token_type);
                self.kernel.add_norm(row, &zeros, &self.model.norm);
            }
            block.quantize(self.kernel, dims);
        }
        for layer in &self.model.layers {
            for (head, context) in contexts.iter_mut().enumerate() {
                context.resize(n_tokens * head_size, 0.0);
                layer.attend(self.kernel, head, head_size, &*blocks, &lengths, scratch, context);
            }
            for (n, block) in blocks.iter_mut().enumerate() {
                let rows = n_tokens * n / n_blocks..n_tokens * (n + 1) / n_blocks;
                layer.finish(self.kernel, contexts.iter().map(Vec::as_slice), head_size, rows, block, scratch);
            }
        }
        let mut rows = blocks.iter().flat_map(|block| block.rows.chunks_exact(dims));
        lengths
            .iter()
            .map(|&n| {
                let mut pooled = vec![0.0; dims];
                for (place, row) in rows.by_ref().take(n).enumerate() {
                    if place == 0 || config.pooling == Pooling::Mean {
                        pooled.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                    }
                }
                normalize(&mut pooled);
                pooled
            })
            .collect()
    }
}

impl Embedder for Engine {
    fn model_id(&self) -> &str {
        &self.model_id
    }

    fn dims(&self) -> usize {
        self.model.config.hidden_size
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let ids = texts.iter().map(|text| self.tokens.encode(text)).collect::<Result<Vec<_>, _>>()?;
        let mut memory = self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let vectors = self.run(&ids, &mut memory);
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        Ok(vectors)
    }
}
