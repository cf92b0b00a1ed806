//! One transformer layer, in two halves: what a head does over all tokens, and what a block of
//! tokens goes through after that.

use std::ops::Range;

use super::kernel::{Activation, AttendScratch, Kernel, Quantized, WIDTH};
use super::model::Layer;

/// Tokens that go through the second half together. Their widest form and its bytes, 400 kB for
/// MiniLM, stay in a core's cache, while each weight that is read serves all of them.
pub(super) const BLOCK_TOKENS: usize = 64;

/// Some tokens between two layers.
#[derive(Default)]
pub(super) struct Block {
    /// n tokens x hidden, row-major.
    pub(super) rows: Vec<f32>,
    /// The same in bytes.
    pub(super) bytes: Quantized,
}

/// Memory that one thread works in, kept from one text to the next.
#[derive(Default)]
pub(super) struct Scratch {
    /// One head's query, key and value of all tokens.
    qkv: Vec<f32>,
    attend: AttendScratch,
    rows: Vec<f32>,
    bytes: Quantized,
    wide: Vec<f32>,
    wide_bytes: Quantized,
}

impl Block {
    pub(super) fn quantize(&mut self, kernel: &dyn Kernel, hidden: usize) {
        quantize(kernel, &self.rows, hidden, &mut self.bytes);
    }
}

impl Layer {
    /// Runs one head over the tokens of `blocks`, which belong to texts of `lengths`. Its part of the
    /// context, n tokens x head size, goes to `context`.
    pub(super) fn attend<'a>(
        &self,
        kernel: &dyn Kernel,
        head: usize,
        head_size: usize,
        blocks: impl IntoIterator<Item = &'a Block>,
        lengths: &[usize],
        scratch: &mut Scratch,
        context: &mut [f32],
    ) {
        let panels = 3 * head_size / WIDTH;
        let panels = head * panels..(head + 1) * panels;
        scratch.qkv.resize(3 * context.len(), 0.0);
        let mut qkv = scratch.qkv.as_mut_slice();
        for block in blocks {
            let (part, rest) = qkv.split_at_mut(block.bytes.n_rows() * 3 * head_size);
            kernel.linear(&self.qkv, panels.clone(), &block.bytes, Activation::None, part);
            qkv = rest;
        }
        let (mut qkv, mut context) = (scratch.qkv.as_slice(), context);
        for n_tokens in lengths {
            let (text, qkv_rest) = qkv.split_at(n_tokens * 3 * head_size);
            let (out, context_rest) = context.split_at_mut(n_tokens * head_size);
            kernel.attend(text, head_size, &mut scratch.attend, out);
            (qkv, context) = (qkv_rest, context_rest);
        }
    }

    /// Runs what follows attention over one block, whose tokens are `tokens` in each head's context.
    pub(super) fn finish<'a>(
        &self,
        kernel: &dyn Kernel,
        contexts: impl IntoIterator<Item = &'a [f32]>,
        head_size: usize,
        tokens: Range<usize>,
        block: &mut Block,
        scratch: &mut Scratch,
    ) {
        let hidden = self.qkv.n_in();
        let Scratch { rows, bytes, wide, wide_bytes, .. } = scratch;
        rows.resize(tokens.len() * hidden, 0.0);
        for (head, context) in contexts.into_iter().enumerate() {
            let context = context[tokens.start * head_size..tokens.end * head_size].chunks_exact(head_size);
            for (row, part) in rows.chunks_exact_mut(hidden).zip(context) {
                row[head * head_size..][..head_size].copy_from_slice(part);
            }
        }
        quantize(kernel, rows, hidden, bytes);
        kernel.linear(&self.attention_out, 0..self.attention_out.n_panels(), bytes, Activation::None, rows);
        kernel.add_norm(&mut block.rows, rows, &self.attention_norm);
        block.quantize(kernel, hidden);
        wide.resize(tokens.len() * self.narrow.n_in(), 0.0);
        kernel.linear(&self.widen, 0..self.widen.n_panels(), &block.bytes, Activation::Gelu, wide);
        quantize(kernel, wide, self.narrow.n_in(), wide_bytes);
        kernel.linear(&self.narrow, 0..self.narrow.n_panels(), wide_bytes, Activation::None, rows);
        kernel.add_norm(&mut block.rows, rows, &self.out_norm);
        block.quantize(kernel, hidden);
    }
}

fn quantize(kernel: &dyn Kernel, rows: &[f32], n_columns: usize, bytes: &mut Quantized) {
    bytes.resize(rows.len() / n_columns, n_columns);
    for (n, row) in rows.chunks_exact(n_columns).enumerate() {
        kernel.quantize(row, n, bytes);
    }
}
