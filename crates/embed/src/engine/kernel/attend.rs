//! Attention of one head over one text (Vaswani et al. 2017), without a mask as there is no padding.

use super::row::softmax;
use super::{FLOAT_ROWS_MAX, Tiles, WIDTH};

/// Memory that attention works in, kept from one call to the next.
#[derive(Default)]
pub(in crate::engine) struct AttendScratch {
    /// The keys as columns: head size x tokens, padded to a multiple of `WIDTH`.
    keys: Vec<f32>,
    /// A few queries x tokens, padded alike.
    scores: Vec<f32>,
}

/// The shapes of one call.
#[derive(Clone, Copy)]
struct Shape {
    n_tokens: usize,
    padded: usize,
    head_size: usize,
    /// From one token's query to the next one's.
    stride: usize,
}

impl AttendScratch {
    /// See `Kernel::attend`.
    #[inline(always)]
    pub(super) fn run<T: Tiles>(&mut self, qkv: &[f32], head_size: usize, out: &mut [f32]) {
        let stride = 3 * head_size;
        let n_tokens = qkv.len() / stride;
        assert!(head_size.is_multiple_of(WIDTH) && out.len() == n_tokens * head_size, "shapes agree");
        let shape = Shape { n_tokens, padded: n_tokens.next_multiple_of(WIDTH), head_size, stride };
        self.transpose_keys(qkv, shape);
        self.scores.resize(FLOAT_ROWS_MAX * shape.padded, 0.0);
        let mut token = 0;
        while token < n_tokens {
            let n = T::FLOAT_ROWS.min(n_tokens - token);
            let out = &mut out[token * head_size..][..n * head_size];
            match n {
                1 => self.queries::<T, 1>(qkv, token, shape, out),
                2 => self.queries::<T, 2>(qkv, token, shape, out),
                3 => self.queries::<T, 3>(qkv, token, shape, out),
                4 => self.queries::<T, 4>(qkv, token, shape, out),
                5 => self.queries::<T, 5>(qkv, token, shape, out),
                _ => self.queries::<T, FLOAT_ROWS_MAX>(qkv, token, shape, out),
            }
            token += n;
        }
    }

    #[inline(always)]
    fn transpose_keys(&mut self, qkv: &[f32], shape: Shape) {
        self.keys.clear();
        self.keys.resize(shape.head_size * shape.padded, 0.0);
        for (token, row) in qkv.chunks_exact(shape.stride).enumerate() {
            for (i, &x) in row[shape.head_size..2 * shape.head_size].iter().enumerate() {
                self.keys[i * shape.padded + token] = x;
            }
        }
    }

    /// Answers `R` queries from `token` on.
    #[inline(always)]
    fn queries<T: Tiles, const R: usize>(
        &mut self,
        qkv: &[f32],
        token: usize,
        shape: Shape,
        out: &mut [f32],
    ) {
        if const { R > T::FLOAT_ROWS } {
            return;
        }
        let Shape { n_tokens, padded, head_size, stride } = shape;
        for column in (0..padded).step_by(WIDTH) {
            let (queries, keys) = (&qkv[token * stride..], &self.keys[column..]);
            // SAFETY: whoever calls `run` with `T` is compiled for its kind of processor.
            let tile: [[f32; WIDTH]; R] = unsafe { T::floats(queries, stride, keys, padded, head_size) };
            for (r, row) in tile.iter().enumerate() {
                self.scores[r * padded + column..][..WIDTH].copy_from_slice(row);
            }
        }
        let scale = (head_size as f32).sqrt().recip();
        let mut inverses = [0.0; R];
        for (row, inverse) in self.scores.chunks_exact_mut(padded).zip(&mut inverses) {
            *inverse = softmax(&mut row[..n_tokens], scale);
        }
        for column in (0..head_size).step_by(WIDTH) {
            let values = &qkv[2 * head_size + column..];
            // SAFETY: as above.
            let tile: [[f32; WIDTH]; R] =
                unsafe { T::floats(&self.scores, padded, values, stride, n_tokens) };
            for (r, (row, inverse)) in tile.iter().zip(inverses).enumerate() {
                let out = &mut out[r * head_size + column..][..WIDTH];
                out.iter_mut().zip(row).for_each(|(out, x)| *out = x * inverse);
            }
        }
    }
}
