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
            for (part, sums) in sums.as_chunks_mut::<PART>().0.iter_mut().enumerate() {
                *sums = multiply(row, panel, part);
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

/// Outputs at a time, few enough that their sums stay in registers of any kind.
const PART: usize = 8;

/// Multiplies one row by the `part`th `PART` outputs of a panel. Products are added in pairs, which
/// is an instruction where there are vectors at all.
#[inline]
fn multiply(row: &[[u8; 4]], panel: &[Group], part: usize) -> [i32; PART] {
    let mut sums = [0; 2 * PART];
    for (inputs, group) in row.iter().zip(panel) {
        let inputs = inputs.map(i16::from);
        let (weights, _) = group.0[4 * PART * part..][..4 * PART].as_chunks::<2>();
        for (i, (sum, weights)) in sums.iter_mut().zip(weights).enumerate() {
            let weights = weights.map(i16::from);
            let inputs = [inputs[2 * (i % 2)], inputs[2 * (i % 2) + 1]];
            *sum +=
                i32::from(inputs[0]) * i32::from(weights[0]) + i32::from(inputs[1]) * i32::from(weights[1]);
        }
    }
    std::array::from_fn(|i| sums[2 * i] + sums[2 * i + 1])
}
