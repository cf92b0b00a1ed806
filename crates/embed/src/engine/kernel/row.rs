//! What happens to rows of floats between two products: bytes, layer norm, GELU, softmax.
//!
//! Plain arithmetic, compiled for each kind of processor. Sums run in `LANES` interleaved parts,
//! whatever the width of a register, so that every kind adds in the same order.

use crate::bert::row::{erf, exp};

const LANES: usize = 16;

/// Adding 1.5 * 2^23 rounds to the nearest integer, ties to even, and leaves it in the lowest bits.
const ROUND: f32 = 12_582_912.0;

/// Steps from the least to the greatest value of a row: 255 less one at either end, so that rounding
/// the zero point cannot push a value out of the byte.
const STEPS: f32 = 253.0;

/// A row whose values are nearer to each other is a row of zeros, so that nothing overflows.
const RANGE_MIN: f32 = 1e-30;

/// Rows of bytes: `value = (byte - zero) * scale`, with a scale and a zero point for each row.
#[derive(Default)]
pub(in crate::engine) struct Quantized {
    bytes: Vec<u8>,
    scales: Vec<RowScale>,
    n_columns: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RowScale {
    pub(super) scale: f32,
    pub(super) zero: i32,
}

impl Quantized {
    /// Makes room for rows, whose content is not defined until each is set.
    pub(in crate::engine) fn resize(&mut self, n_rows: usize, n_columns: usize) {
        self.bytes.resize(n_rows * n_columns, 0);
        self.scales.resize(n_rows, RowScale { scale: 0.0, zero: 0 });
        self.n_columns = n_columns;
    }

    pub(in crate::engine) fn n_rows(&self) -> usize {
        self.scales.len()
    }

    pub(super) fn n_columns(&self) -> usize {
        self.n_columns
    }

    pub(super) fn rows(&self, rows: &std::ops::Range<usize>) -> (&[u8], &[RowScale]) {
        let bytes = &self.bytes[rows.start * self.n_columns..rows.end * self.n_columns];
        (bytes, &self.scales[rows.clone()])
    }

    /// Narrows row `n`. The range of the row's values, and 0, becomes the range of a byte.
    #[inline(always)]
    pub(super) fn set(&mut self, n: usize, row: &[f32]) {
        let least = fold(row, |x| x, lesser).min(0.0);
        let greatest = fold(row, |x| x, greater).max(0.0);
        let range = greatest - least;
        let inverse = if range > RANGE_MIN { STEPS / range } else { 0.0 };
        let zero = 1.0 + (-least * inverse).round_ties_even();
        let bytes = &mut self.bytes[n * self.n_columns..][..self.n_columns];
        for (byte, x) in bytes.iter_mut().zip(row) {
            *byte = (x * inverse + (ROUND + zero)).to_bits() as u8;
        }
        self.scales[n] = RowScale { scale: range / STEPS, zero: zero as i32 };
    }
}

/// A layer norm: each row to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016).
pub(in crate::engine) struct Norm {
    pub(in crate::engine) scale: Vec<f32>,
    pub(in crate::engine) shift: Vec<f32>,
    pub(in crate::engine) epsilon: f32,
}

impl Norm {
    #[inline(always)]
    pub(super) fn add_and_apply(&self, rows: &mut [f32], residual: &[f32]) {
        let n = self.scale.len();
        for (row, residual) in rows.chunks_exact_mut(n).zip(residual.chunks_exact(n)) {
            row.iter_mut().zip(residual).for_each(|(x, residual)| *x += residual);
            self.apply(row);
        }
    }

    #[inline(always)]
    fn apply(&self, row: &mut [f32]) {
        let n = row.len() as f32;
        let mean = fold(row, |x| x, |a, b| a + b) / n;
        let variance = fold(row, |x| (x - mean) * (x - mean), |a, b| a + b) / n;
        let inverse = 1.0 / (variance + self.epsilon).sqrt();
        for ((x, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
            *x = (*x - mean) * inverse * scale + shift;
        }
    }
}

/// x · Φ(x), the GELU that BERT was trained with (Hendrycks and Gimpel 2016).
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// Makes each value e to its `scale`th part, as far as the greatest is 1. Returns one over the sum,
/// which is what is left to multiply by for a distribution.
#[inline(always)]
pub(super) fn softmax(row: &mut [f32], scale: f32) -> f32 {
    let max = fold(row, |x| x, greater);
    row.iter_mut().for_each(|x| *x = exp((*x - max) * scale));
    1.0 / fold(row, |x| x, |a, b| a + b)
}

/// What one instruction does everywhere, which `f32::max` with its rule for NaN is not.
#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Joins `f` of each value by `join`: in `LANES` interleaved parts, whose halves are then joined until
/// one is left, and what does not fill the lanes one by one.
#[inline(always)]
fn fold(row: &[f32], f: impl Fn(f32) -> f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let rest = rest.iter().map(|&x| f(x));
    let Some((first, chunks)) = chunks.split_first() else { return rest.reduce(join).unwrap_or(0.0) };
    let mut parts = first.map(&f);
    for chunk in chunks {
        for (part, &x) in parts.iter_mut().zip(chunk) {
            *part = join(*part, f(x));
        }
    }
    let mut n = LANES;
    while n > 1 {
        n /= 2;
        for lane in 0..n {
            parts[lane] = join(parts[lane], parts[lane + n]);
        }
    }
    rest.fold(parts[0], join)
}
