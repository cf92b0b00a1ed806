//! One pass of some texts through the model, all tokens in one matrix, without padding.
//!
//! Each step either turns rows (blocks of tokens) or columns (parts of a product), so that several
//! threads can share it. Which of them does what, and how it is cut, changes no result: a row is
//! always computed from that row alone and in the same order.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::kernel::{Activation, AttendScratch, Kernel, Linear, Norm, Quantized, WIDTH};
use super::model::Model;
use super::steps::Steps;
use super::team::Work;
use crate::bert::Pooling;
use crate::error::EmbedError;
use crate::vector::normalize;

/// Fewer tokens to a block would waste the inner loop, which takes up to 12 at a time.
const BLOCK_TOKENS_MIN: usize = 8;
/// Parts of a step for each thread: more even out what threads take, fewer cost less to hand out.
const PARTS_PER_THREAD: usize = 3;
const BLOCKS_PER_THREAD: usize = 2;

/// What happens in a layer, in order. Steps over blocks alternate with steps over columns.
const LAYER: [Step; 8] = [
    Step::Attend,
    Step::Gather,
    Step::MixHeads,
    Step::NormAttention,
    Step::Widen,
    Step::Gather,
    Step::Narrow,
    Step::NormOut,
];

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Looks the tokens up.
    Embed,
    /// Query, key, value and attention, a part for each head.
    Attend,
    /// The parts side by side, as bytes.
    Gather,
    MixHeads,
    NormAttention,
    Widen,
    Narrow,
    NormOut,
}

pub(super) struct Pass {
    model: Arc<Model>,
    kernel: &'static dyn Kernel,
    memory: Arc<Memory>,
    /// Each token's id and its place in its text.
    tokens: Vec<(u32, usize)>,
    /// Tokens of each text.
    lengths: Vec<usize>,
    n_blocks: usize,
    n_parts: usize,
    steps: Steps,
}

/// Memory that passes work in, kept from one to the next.
pub(super) struct Memory {
    blocks: Vec<RwLock<Block>>,
    /// Columns of the latest product of all tokens: n tokens x the part's width, row-major.
    parts: Vec<RwLock<Vec<f32>>>,
}

/// Some tokens.
#[derive(Default)]
struct Block {
    /// What the layers pass on: n tokens x hidden, row-major.
    rows: Vec<f32>,
    /// What the next product reads.
    bytes: Quantized,
}

/// Memory that a thread works in alone.
#[derive(Default)]
struct Scratch {
    /// One head's query, key and value of all tokens.
    qkv: Vec<f32>,
    attend: AttendScratch,
    row: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Memory {
    pub(super) fn new(model: &Model, n_threads: usize) -> Self {
        let n_parts = model.config.num_attention_heads.max(n_threads * PARTS_PER_THREAD);
        Self {
            blocks: (0..n_threads * BLOCKS_PER_THREAD).map(|_| RwLock::default()).collect(),
            parts: (0..n_parts).map(|_| RwLock::default()).collect(),
        }
    }
}

impl Pass {
    /// Prepares a pass over texts of at least one token in all, for `n_threads`, as many at most as
    /// `memory` was made for. One pass at a time uses a `memory`.
    pub(super) fn new(
        model: &Arc<Model>,
        kernel: &'static dyn Kernel,
        memory: &Arc<Memory>,
        texts: &[Vec<u32>],
        n_threads: usize,
    ) -> Self {
        let tokens: Vec<_> =
            texts.iter().flat_map(|ids| ids.iter().enumerate().map(|(place, &id)| (id, place))).collect();
        let (n_blocks, n_parts) = match n_threads {
            1 => (1, 1),
            n => ((tokens.len() / BLOCK_TOKENS_MIN).clamp(1, n * BLOCKS_PER_THREAD), n * PARTS_PER_THREAD),
        };
        let mut pass = Self {
            model: Arc::clone(model),
            kernel,
            memory: Arc::clone(memory),
            tokens,
            lengths: texts.iter().map(Vec::len).collect(),
            n_blocks,
            n_parts,
            steps: Steps::new([]),
        };
        let n_steps = 1 + LAYER.len() * model.layers.len();
        pass.steps = Steps::new((0..n_steps).map(|step| pass.n_parts_of(step)));
        pass
    }

    /// Waits for the end and pools each text's tokens: vectors of length 1.
    pub(super) fn finish(&self) -> Result<Vec<Vec<f32>>, EmbedError> {
        if !self.steps.wait() {
            return Err(EmbedError::run("a thread of the engine panicked"));
        }
        let config = &self.model.config;
        let blocks = self.blocks();
        let mut rows = blocks.iter().flat_map(|block| block.rows.chunks_exact(config.hidden_size));
        let pool = |&n_tokens: &usize| {
            // The sum points where the mean does, and is normalised next.
            let mut vector = vec![0.0; config.hidden_size];
            for (n, row) in rows.by_ref().take(n_tokens).enumerate() {
                if n == 0 || config.pooling == Pooling::Mean {
                    vector.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                }
            }
            normalize(&mut vector);
            vector
        };
        Ok(self.lengths.iter().map(pool).collect())
    }

    fn step(&self, step: usize) -> (Step, usize) {
        match step.checked_sub(1) {
            None => (Step::Embed, 0),
            Some(step) => (LAYER[step % LAYER.len()], step / LAYER.len()),
        }
    }

    fn n_parts_of(&self, step: usize) -> usize {
        match self.step(step) {
            (Step::Attend, _) => self.model.config.num_attention_heads,
            (Step::Embed | Step::Gather | Step::NormAttention | Step::NormOut, _) => self.n_blocks,
            (step, layer) => self.n_parts.min(self.product(step, layer).n_panels()),
        }
    }

    fn product(&self, step: Step, layer: usize) -> &Linear {
        let layer = &self.model.layers[layer];
        match step {
            Step::MixHeads => &layer.attention_out,
            Step::Widen => &layer.widen,
            _ => &layer.narrow,
        }
    }

    fn run(&self, n_step: usize, part: usize, scratch: &mut Scratch) {
        let (step, layer) = self.step(n_step);
        let weights = &self.model.layers[layer];
        // As the step before has left them, for those that read them.
        let n_parts = || self.n_parts_of(n_step - 1);
        match step {
            Step::Embed => self.embed(part),
            Step::Attend => self.attend(&weights.qkv, part, scratch),
            Step::Gather => self.gather(part, n_parts(), scratch),
            Step::NormAttention => self.add_norm(part, n_parts(), &weights.attention_norm, scratch),
            Step::NormOut => self.add_norm(part, n_parts(), &weights.out_norm, scratch),
            Step::MixHeads | Step::Narrow => self.multiply(self.product(step, layer), part, Activation::None),
            Step::Widen => self.multiply(&weights.widen, part, Activation::Gelu),
        }
    }

    fn embed(&self, block: usize) {
        let Model { words, positions, token_type, norm, config, .. } = &*self.model;
        let tokens = self.tokens_of(block);
        let mut block = write(&self.memory.blocks[block]);
        let Block { rows, bytes } = &mut *block;
        rows.resize(tokens.len() * config.hidden_size, 0.0);
        bytes.resize(tokens.len(), config.hidden_size);
        let rows = rows.chunks_exact_mut(config.hidden_size);
        for (n, (row, &(id, place))) in rows.zip(&self.tokens[tokens]).enumerate() {
            row.iter_mut().zip(words.row(id as usize)).for_each(|(x, word)| *x = word);
            row.iter_mut().zip(positions.row(place)).for_each(|(x, position)| *x += position);
            self.kernel.add_norm(row, token_type, norm);
            self.kernel.quantize(row, n, bytes);
        }
    }

    fn attend(&self, qkv_linear: &Linear, head: usize, scratch: &mut Scratch) {
        let head_size = self.model.config.head_size();
        let panels = 3 * head_size / WIDTH;
        let panels = head * panels..(head + 1) * panels;
        scratch.qkv.resize(self.tokens.len() * 3 * head_size, 0.0);
        let mut qkv = scratch.qkv.as_mut_slice();
        for block in self.blocks() {
            let (part, rest) = qkv.split_at_mut(block.bytes.n_rows() * 3 * head_size);
            self.kernel.linear(qkv_linear, panels.clone(), &block.bytes, Activation::None, part);
            qkv = rest;
        }
        let mut part = write(&self.memory.parts[head]);
        part.resize(self.tokens.len() * head_size, 0.0);
        let (mut qkv, mut out) = (scratch.qkv.as_slice(), part.as_mut_slice());
        for n_tokens in &self.lengths {
            let (text, qkv_rest) = qkv.split_at(n_tokens * 3 * head_size);
            let (text_out, out_rest) = out.split_at_mut(n_tokens * head_size);
            self.kernel.attend(text, head_size, &mut scratch.attend, text_out);
            (qkv, out) = (qkv_rest, out_rest);
        }
    }

    fn multiply(&self, linear: &Linear, part: usize, then: Activation) {
        let n_parts = self.n_parts.min(linear.n_panels());
        let panels = share(linear.n_panels(), part, n_parts);
        let mut part = write(&self.memory.parts[part]);
        part.resize(self.tokens.len() * panels.len() * WIDTH, 0.0);
        let mut out = part.as_mut_slice();
        for block in self.blocks() {
            let (rows, rest) = out.split_at_mut(block.bytes.n_rows() * panels.len() * WIDTH);
            self.kernel.linear(linear, panels.clone(), &block.bytes, then, rows);
            out = rest;
        }
    }

    /// Turns a block's rows of the latest product into bytes.
    fn gather(&self, block: usize, n_parts: usize, scratch: &mut Scratch) {
        let tokens = self.tokens_of(block);
        let parts = self.parts(n_parts);
        let mut block = write(&self.memory.blocks[block]);
        let n_columns = parts.iter().map(|part| part.len()).sum::<usize>() / self.tokens.len();
        block.bytes.resize(tokens.len(), n_columns);
        for (n, token) in tokens.enumerate() {
            let row = self.row(&parts, token, &mut scratch.row);
            self.kernel.quantize(row, n, &mut block.bytes);
        }
    }

    /// Adds a block's rows of the latest product to what it had, then the norm.
    fn add_norm(&self, block: usize, n_parts: usize, norm: &Norm, scratch: &mut Scratch) {
        let tokens = self.tokens_of(block);
        let parts = self.parts(n_parts);
        let mut block = write(&self.memory.blocks[block]);
        let Block { rows, bytes } = &mut *block;
        let n_columns = self.model.config.hidden_size;
        bytes.resize(tokens.len(), n_columns);
        for (n, (token, row)) in tokens.zip(rows.chunks_exact_mut(n_columns)).enumerate() {
            let product = self.row(&parts, token, &mut scratch.row);
            self.kernel.add_norm(row, product, norm);
            self.kernel.quantize(row, n, bytes);
        }
    }

    /// One token's row of the latest product, joined in `joined` if it is in parts.
    fn row<'a>(
        &self,
        parts: &'a [RwLockReadGuard<'_, Vec<f32>>],
        token: usize,
        joined: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        let in_part = |part: &'a Vec<f32>| {
            let width = part.len() / self.tokens.len();
            &part[token * width..][..width]
        };
        if let [part] = parts {
            return in_part(part);
        }
        joined.clear();
        parts.iter().for_each(|part| joined.extend_from_slice(in_part(part)));
        joined
    }

    fn parts(&self, n: usize) -> Vec<RwLockReadGuard<'_, Vec<f32>>> {
        self.memory.parts[..n].iter().map(read).collect()
    }

    fn blocks(&self) -> Vec<RwLockReadGuard<'_, Block>> {
        self.memory.blocks[..self.n_blocks].iter().map(read).collect()
    }

    fn tokens_of(&self, block: usize) -> Range<usize> {
        share(self.tokens.len(), block, self.n_blocks)
    }
}

impl Work for Pass {
    fn take_part(&self) {
        SCRATCH.with_borrow_mut(|scratch| {
            while let Some(part) = self.steps.take() {
                self.run(part.step, part.part, scratch);
            }
        });
    }
}

/// The `part`th of about equal parts of 0 to `n`.
fn share(n: usize, part: usize, n_parts: usize) -> Range<usize> {
    n * part / n_parts..n * (part + 1) / n_parts
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    // What a panic has left is never used: the pass is known to have failed.
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
