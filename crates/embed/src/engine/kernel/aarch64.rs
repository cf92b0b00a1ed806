//! The inner loops for 64-bit ARM with the dot product of bytes (ARMv8.2, `dotprod`).
//!
//! `sdot` multiplies signed bytes, so inputs lose 128 first. Floats need nothing by hand: every such
//! processor has the vector registers that the compiler uses.

use std::arch::aarch64::*;
use std::arch::{asm, is_aarch64_feature_detected};

use super::portable::Portable;
use super::{FLOAT_ROWS_MAX, Group, Kernel, Kernels, Tiles, WIDTH, kernel};

/// The kernel of a kind, if this is such a processor.
pub(super) fn get(kernels: Kernels) -> Option<&'static dyn Kernel> {
    let dot_product = kernels == Kernels::DotProduct && is_aarch64_feature_detected!("dotprod");
    dot_product.then_some(&DotProduct as &dyn Kernel)
}

struct DotProduct;

kernel!(DotProduct, "neon,dotprod");

impl Tiles for DotProduct {
    // 24 of the 32 registers are sums.
    const BYTE_ROWS: usize = 3;
    const FLOAT_ROWS: usize = FLOAT_ROWS_MAX;
    const INPUT_ZERO: i32 = 128;

    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    unsafe fn bytes<const R: usize>(rows: &[u8], stride: usize, panel: &[Group]) -> [[i32; WIDTH]; R] {
        assert!((R - 1) * stride + 4 * panel.len() <= rows.len(), "the rows are as long as the panel");
        let mut sums = [[vdupq_n_s32(0); 8]; R];
        for (n, group) in panel.iter().enumerate() {
            let mut inputs = [vdupq_n_s8(0); R];
            for (r, inputs) in inputs.iter_mut().enumerate() {
                let mut four = [0; 4];
                four.copy_from_slice(&rows[r * stride + 4 * n..][..4]);
                let signed = i32::from_le_bytes(four.map(|byte| byte ^ 0x80));
                *inputs = vreinterpretq_s8_s32(vdupq_n_s32(signed));
            }
            for i in 0..8 {
                // SAFETY: a group is eight registers long.
                let weights = unsafe { vld1q_s8(group.0.as_ptr().add(16 * i)) };
                for (sums, &inputs) in sums.iter_mut().zip(&inputs) {
                    // SAFETY: the instruction reads and writes only the named registers.
                    unsafe {
                        asm!(
                            "sdot {sums:v}.4s, {weights:v}.16b, {inputs:v}.16b",
                            sums = inout(vreg) sums[i],
                            weights = in(vreg) weights,
                            inputs = in(vreg) inputs,
                            options(pure, nomem, nostack, preserves_flags),
                        );
                    }
                }
            }
        }
        // SAFETY: `R` times eight registers of 4 sums are `R` rows of 32, and any bits are a number.
        unsafe { std::mem::transmute_copy(&sums) }
    }

    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    unsafe fn floats<const R: usize>(
        left: &[f32],
        stride: usize,
        right: &[f32],
        right_stride: usize,
        n: usize,
    ) -> [[f32; WIDTH]; R] {
        // SAFETY: any processor can run the portable loop.
        unsafe { Portable::floats::<R>(left, stride, right, right_stride, n) }
    }
}
