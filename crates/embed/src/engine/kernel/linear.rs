//! A linear layer with weights of 8 bits, laid out as the inner loops read them.

use std::ops::Range;

use super::row::{Quantized, RowScale, gelu};
use super::{BYTE_ROWS_MAX, Group, Tiles, WIDTH};

/// What is done to each output before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Activation {
    None,
    Gelu,
}

/// A linear layer. Outputs stand in panels of `WIDTH`; in a panel, the weights of four inputs stand
/// together.
pub(in crate::engine) struct Linear {
    panels: Vec<Panel>,
    n_in: usize,
}

struct Panel {
    /// A group for each four inputs.
    groups: Box<[Group]>,
    scales: [f32; WIDTH],
    /// The sum of each output's weights: what a zero point other than 0 adds to the product.
    sums: [i32; WIDTH],
    bias: [f32; WIDTH],
}

/// One output's weights, as the file has them: signed bytes, `weight = byte * scale`.
pub(in crate::engine) struct Output<'a> {
    pub(in crate::engine) bytes: &'a [u8],
    pub(in crate::engine) scale: f32,
    pub(in crate::engine) bias: f32,
}

impl Linear {
    /// Lays out a layer of `n_in` inputs, a multiple of 4, and as many outputs as there are, a
    /// multiple of `WIDTH`.
    pub(in crate::engine) fn pack(n_in: usize, outputs: &[Output<'_>]) -> Self {
        assert!(
            n_in.is_multiple_of(4) && outputs.len().is_multiple_of(WIDTH),
            "Engine::load checks the sizes"
        );
        assert!(outputs.iter().all(|output| output.bytes.len() == n_in), "Engine::load checks the sizes");
        let panels = outputs.chunks_exact(WIDTH).map(|outputs| Panel {
            groups: (0..n_in / 4)
                .map(|group| {
                    Group(std::array::from_fn(|i| outputs[i / 4].bytes[4 * group + i % 4].cast_signed()))
                })
                .collect(),
            scales: std::array::from_fn(|i| outputs[i].scale),
            sums: std::array::from_fn(|i| {
                outputs[i].bytes.iter().map(|byte| i32::from(byte.cast_signed())).sum()
            }),
            bias: std::array::from_fn(|i| outputs[i].bias),
        });
        Self { panels: panels.collect(), n_in }
    }

    pub(in crate::engine) fn n_panels(&self) -> usize {
        self.panels.len()
    }

    /// See `Kernel::linear`. A panel stays in the nearest cache while all rows pass by.
    #[inline(always)]
    pub(super) fn run<T: Tiles>(
        &self,
        panels: Range<usize>,
        input: &Quantized,
        then: Activation,
        out: &mut [f32],
    ) {
        let n_rows = input.n_rows();
        let out_stride = WIDTH * panels.len();
        assert!(input.n_columns() == self.n_in && out.len() == n_rows * out_stride, "shapes agree");
        for (n, panel) in self.panels[panels].iter().enumerate() {
            let n_tiles = n_rows.div_ceil(T::BYTE_ROWS);
            for tile in 0..n_tiles {
                // Tiles of about one size: 16 rows are 8 and 8, not 12 and 4.
                let rows = tile * n_rows / n_tiles..(tile + 1) * n_rows / n_tiles;
                let out = &mut out[rows.start * out_stride + n * WIDTH..];
                panel.run::<T>(rows, input, then, out, out_stride);
            }
        }
    }
}

impl Panel {
    #[inline(always)]
    fn run<T: Tiles>(
        &self,
        rows: Range<usize>,
        input: &Quantized,
        then: Activation,
        out: &mut [f32],
        out_stride: usize,
    ) {
        let (bytes, scales) = input.rows(&rows);
        match rows.len() {
            1 => self.tile::<T, 1>(bytes, scales, then, out, out_stride),
            2 => self.tile::<T, 2>(bytes, scales, then, out, out_stride),
            3 => self.tile::<T, 3>(bytes, scales, then, out, out_stride),
            4 => self.tile::<T, 4>(bytes, scales, then, out, out_stride),
            5 => self.tile::<T, 5>(bytes, scales, then, out, out_stride),
            6 => self.tile::<T, 6>(bytes, scales, then, out, out_stride),
            7 => self.tile::<T, 7>(bytes, scales, then, out, out_stride),
            8 => self.tile::<T, 8>(bytes, scales, then, out, out_stride),
            9 => self.tile::<T, 9>(bytes, scales, then, out, out_stride),
            10 => self.tile::<T, 10>(bytes, scales, then, out, out_stride),
            11 => self.tile::<T, 11>(bytes, scales, then, out, out_stride),
            BYTE_ROWS_MAX => self.tile::<T, BYTE_ROWS_MAX>(bytes, scales, then, out, out_stride),
            n => unreachable!("a tile of {n} rows"),
        }
    }

    #[inline(always)]
    fn tile<T: Tiles, const R: usize>(
        &self,
        bytes: &[u8],
        scales: &[RowScale],
        then: Activation,
        out: &mut [f32],
        out_stride: usize,
    ) {
        if const { R > T::BYTE_ROWS } {
            return;
        }
        // SAFETY: whoever calls `run` with `T` is compiled for its kind of processor.
        let sums: [[i32; WIDTH]; R] = unsafe { T::bytes(bytes, bytes.len() / R, &self.groups) };
        for r in 0..R {
            let RowScale { scale, zero } = scales[r];
            let out: &mut [f32; WIDTH] =
                out[r * out_stride..].first_chunk_mut().expect("the caller has checked the length");
            for i in 0..WIDTH {
                let sum = (sums[r][i] - (zero - T::INPUT_ZERO) * self.sums[i]) as f32;
                out[i] = sum * (scale * self.scales[i]) + self.bias[i];
            }
            if then == Activation::Gelu {
                out.iter_mut().for_each(|x| *x = gelu(*x));
            }
        }
    }
}
