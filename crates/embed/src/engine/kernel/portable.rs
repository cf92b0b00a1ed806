//! The inner loops for any processor: what the others are tested against.

use super::{BYTE_ROWS_MAX, FLOAT_ROWS_MAX, Group, Tiles, WIDTH, kernel};

pub(super) struct Portable;

kernel!(Portable);

impl Tiles for Portable {
    const BYTE_ROWS: usize = BYTE_ROWS_MAX;
    const FLOAT_ROWS: usize = FLOAT_ROWS_MAX;

    #[inline]
    unsafe fn bytes<const R: usize>(rows: &[u8], stride: usize, panel: &[Group]) -> [[i32; WIDTH]; R] {
        std::array::from_fn(|r| {
            let (row, _) = rows[r * stride..][..4 * panel.len()].as_chunks::<4>();
            let mut sums = [0; WIDTH];
            for (inputs, group) in row.iter().zip(panel) {
                let inputs = inputs.map(i32::from);
                for (sum, weights) in sums.iter_mut().zip(group.0.as_chunks::<4>().0) {
                    for (input, &weight) in inputs.iter().zip(weights) {
                        *sum += input * i32::from(weight);
                    }
                }
            }
            sums
        })
    }

    #[inline]
    unsafe fn floats<const R: usize>(
        left: &[f32],
        stride: usize,
        right: &[f32],
        right_stride: usize,
        n: usize,
    ) -> [[f32; WIDTH]; R] {
        std::array::from_fn(|r| {
            let mut sums = [0.0; WIDTH];
            for (i, &x) in left[r * stride..][..n].iter().enumerate() {
                for (sum, y) in sums.iter_mut().zip(&right[i * right_stride..][..WIDTH]) {
                    *sum += x * y;
                }
            }
            sums
        })
    }
}
