//! The arithmetic of the engine, once for each kind of processor, chosen when the model is loaded.
//!
//! Two inner loops are written by hand for each kind: [`Tiles::bytes`] and [`Tiles::floats`].
//! Everything around them is plain Rust that is compiled once for each kind, so that the compiler
//! may use its vector registers.
//!
//! All kinds give the same bits. Sums of bytes are whole numbers and have one result in any order.
//! Sums of floats are added in one order, which is written down where they are, and a product is
//! rounded before it is added: a fused multiply-add rounds once, and on a processor that has none it
//! is a function call, while what it would save here is small (attention is the one product of
//! floats).

// The hand-written loops need the processor's own instructions, and the rest must be compiled for
// the processor that runs it; both are unsafe to call on another one.
#![allow(unsafe_code, reason = "the processor's own instructions")]

#[cfg(target_arch = "aarch64")]
mod aarch64;
mod attend;
mod linear;
mod portable;
mod row;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub(super) use self::attend::AttendScratch;
pub(super) use self::linear::{Activation, Linear, Output};
pub(super) use self::row::{Norm, Quantized};

/// Columns of a product that are computed side by side: two registers of AVX-512.
pub(super) const WIDTH: usize = 32;

/// Four inputs of `WIDTH` outputs, `4 * output + input`: what one instruction multiplies.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Group([i8; 4 * WIDTH]);

/// A kind of processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernels {
    /// Any processor.
    Portable,
    /// 64-bit ARM with the dot product of bytes.
    DotProduct,
    /// x86-64 with AVX2.
    Avx2,
    /// x86-64 with AVX2 and its byte products (AVX-VNNI).
    AvxVnni,
    /// x86-64 with AVX-512 and its byte products (VNNI).
    Avx512Vnni,
}

impl Kernels {
    /// From the slowest to the fastest.
    const ALL: [Self; 5] = [Self::Portable, Self::DotProduct, Self::Avx2, Self::AvxVnni, Self::Avx512Vnni];

    /// Finds the fastest kind that this processor is.
    #[must_use]
    pub fn detect() -> Self {
        Self::available().last().unwrap_or(Self::Portable)
    }

    /// Lists the kinds that this processor is, the fastest last. All give the same vectors.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|kernels| kernels.get().is_some())
    }

    /// Finds a kind by its name: `portable`, `dotproduct`, `avx2`, `avxvnni`, `avx512vnni`.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kernels| kernels.name() == name)
    }

    /// The name, in lower case without spaces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::DotProduct => "dotproduct",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avxvnni",
            Self::Avx512Vnni => "avx512vnni",
        }
    }

    /// The implementation, where this processor can run it. The only way to one.
    pub(super) fn get(self) -> Option<&'static dyn Kernel> {
        match self {
            Self::Portable => Some(&portable::Portable),
            #[cfg(target_arch = "x86_64")]
            other => x86::get(other),
            #[cfg(target_arch = "aarch64")]
            other => aarch64::get(other),
            #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
            _ => None,
        }
    }
}

/// What the engine asks of a processor.
pub(super) trait Kernel: Send + Sync {
    /// Computes `panels` of a linear layer, `WIDTH` outputs each, of all rows of `input`.
    /// `out` is row-major, with one row of `WIDTH * panels.len()` for each row of `input`.
    fn linear(
        &self,
        layer: &Linear,
        panels: Range<usize>,
        input: &Quantized,
        then: Activation,
        out: &mut [f32],
    );

    /// Attention of one head over one text. `qkv` is row-major, a row for each token with query, key
    /// and value end to end, `head_size` each (a multiple of `WIDTH`); `out` has `head_size` for each.
    fn attend(&self, qkv: &[f32], head_size: usize, scratch: &mut AttendScratch, out: &mut [f32]);

    /// Narrows row `n` to bytes.
    fn quantize(&self, row: &[f32], n: usize, quantized: &mut Quantized);

    /// Adds the residual to each row of `rows`, then the layer norm.
    fn add_norm(&self, rows: &mut [f32], residual: &[f32], norm: &Norm);
}

/// The inner loops: a few rows times `WIDTH` columns.
trait Tiles {
    /// Rows that `bytes` is fastest with, `BYTE_ROWS_MAX` at most.
    const BYTE_ROWS: usize;
    /// Rows that `floats` is fastest with, `FLOAT_ROWS_MAX` at most.
    const FLOAT_ROWS: usize;

    /// What `bytes` takes off each input.
    const INPUT_ZERO: i32 = 0;

    /// Multiplies `R` rows of bytes (less `INPUT_ZERO`), `stride` apart, by the columns of a panel:
    /// four bytes to a group.
    ///
    /// # Safety
    /// The processor is of the kind.
    unsafe fn bytes<const R: usize>(rows: &[u8], stride: usize, panel: &[Group]) -> [[i32; WIDTH]; R];

    /// Multiplies `R` rows of `n`, `stride` apart, by `n` rows of `WIDTH` columns, `right_stride`
    /// apart. Each sum starts at 0 and adds rounded products in the order of the `n`.
    ///
    /// # Safety
    /// The processor is of the kind.
    unsafe fn floats<const R: usize>(
        left: &[f32],
        stride: usize,
        right: &[f32],
        right_stride: usize,
        n: usize,
    ) -> [[f32; WIDTH]; R];
}

const BYTE_ROWS_MAX: usize = 12;
const FLOAT_ROWS_MAX: usize = 6;

/// Compiles the plain Rust around the tiles of `$tiles` for a processor with `$features`. A macro,
/// as an attribute takes no type parameter.
macro_rules! kernel {
    ($tiles:ident $(, $features:literal)?) => {
        impl $crate::engine::kernel::Kernel for $tiles {
            fn linear(
                &self,
                layer: &$crate::engine::kernel::Linear,
                panels: std::ops::Range<usize>,
                input: &$crate::engine::kernel::Quantized,
                then: $crate::engine::kernel::Activation,
                out: &mut [f32],
            ) {
                $(#[target_feature(enable = $features)])?
                fn compiled(
                    layer: &$crate::engine::kernel::Linear,
                    panels: std::ops::Range<usize>,
                    input: &$crate::engine::kernel::Quantized,
                    then: $crate::engine::kernel::Activation,
                    out: &mut [f32],
                ) {
                    layer.run::<$tiles>(panels, input, then, out);
                }
                // SAFETY: `Kernels::get` gives a kernel only to a processor of its kind.
                #[allow(unused_unsafe, reason = "the portable kernel needs no features")]
                unsafe { compiled(layer, panels, input, then, out) }
            }

            fn attend(
                &self,
                qkv: &[f32],
                head_size: usize,
                scratch: &mut $crate::engine::kernel::AttendScratch,
                out: &mut [f32],
            ) {
                $(#[target_feature(enable = $features)])?
                fn compiled(
                    qkv: &[f32],
                    head_size: usize,
                    scratch: &mut $crate::engine::kernel::AttendScratch,
                    out: &mut [f32],
                ) {
                    scratch.run::<$tiles>(qkv, head_size, out);
                }
                // SAFETY: `Kernels::get` gives a kernel only to a processor of its kind.
                #[allow(unused_unsafe, reason = "the portable kernel needs no features")]
                unsafe { compiled(qkv, head_size, scratch, out) }
            }

            fn quantize(&self, row: &[f32], n: usize, quantized: &mut $crate::engine::kernel::Quantized) {
                $(#[target_feature(enable = $features)])?
                fn compiled(row: &[f32], n: usize, quantized: &mut $crate::engine::kernel::Quantized) {
                    quantized.set(n, row);
                }
                // SAFETY: `Kernels::get` gives a kernel only to a processor of its kind.
                #[allow(unused_unsafe, reason = "the portable kernel needs no features")]
                unsafe { compiled(row, n, quantized) }
            }

            fn add_norm(&self, rows: &mut [f32], residual: &[f32], norm: &$crate::engine::kernel::Norm) {
                $(#[target_feature(enable = $features)])?
                fn compiled(rows: &mut [f32], residual: &[f32], norm: &$crate::engine::kernel::Norm) {
                    norm.add_and_apply(rows, residual);
                }
                // SAFETY: `Kernels::get` gives a kernel only to a processor of its kind.
                #[allow(unused_unsafe, reason = "the portable kernel needs no features")]
                unsafe { compiled(rows, residual, norm) }
            }
        }
    };
}
use kernel;
