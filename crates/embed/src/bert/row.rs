//! What happens to rows between two matrix products, in place: layer norm, GELU, softmax.
//!
//! Candle has these too, but each as a pass and an allocation of its own, and its GELU and softmax
//! call the C library for every number. Here the loops are plain arithmetic, which the compiler
//! turns into vector instructions.

use candle_core::{CpuStorage, InplaceOp1, InplaceOp2, Layout, Result};

/// A layer norm: each row to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016).
pub(crate) struct Norm {
    pub(crate) scale: Vec<f32>,
    pub(crate) shift: Vec<f32>,
    pub(crate) epsilon: f32,
}

impl Norm {
    pub(crate) fn apply(&self, row: &mut [f32]) {
        let n = row.len() as f32;
        let mean = sum(row, |x| x) / n;
        let variance = sum(row, |x| (x - mean) * (x - mean)) / n;
        let inverse = 1.0 / (variance + self.epsilon).sqrt();
        for ((x, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
            *x = (*x - mean) * inverse * scale + shift;
        }
    }
}

/// Adds a bias to each row.
pub(crate) struct AddBias<'a>(pub(crate) &'a [f32]);

impl InplaceOp1 for AddBias<'_> {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        for row in rows_mut(storage, layout)?.chunks_exact_mut(self.0.len()) {
            row.iter_mut().zip(self.0).for_each(|(x, bias)| *x += bias);
        }
        Ok(())
    }
}

/// Adds a bias to each row, then applies GELU.
pub(crate) struct AddBiasGelu<'a>(pub(crate) &'a [f32]);

impl InplaceOp1 for AddBiasGelu<'_> {
    fn name(&self) -> &'static str {
        "add-bias-gelu"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        for row in rows_mut(storage, layout)?.chunks_exact_mut(self.0.len()) {
            row.iter_mut().zip(self.0).for_each(|(x, bias)| *x = gelu(*x + bias));
        }
        Ok(())
    }
}

/// Adds a bias and the residual (the second tensor) to each row, then the layer norm.
pub(crate) struct AddNorm<'a> {
    pub(crate) bias: &'a [f32],
    pub(crate) norm: &'a Norm,
}

impl InplaceOp2 for AddNorm<'_> {
    fn name(&self) -> &'static str {
        "add-norm"
    }

    fn cpu_fwd(&self, s1: &mut CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<()> {
        let n = self.bias.len();
        let residual = rows(s2, l2)?;
        for (row, residual) in rows_mut(s1, l1)?.chunks_exact_mut(n).zip(residual.chunks_exact(n)) {
            row.iter_mut().zip(self.bias).zip(residual).for_each(|((x, bias), r)| *x += bias + r);
            self.norm.apply(row);
        }
        Ok(())
    }
}

/// Scales each row, then makes it a distribution.
pub(crate) struct ScaledSoftmax {
    pub(crate) scale: f32,
}

impl InplaceOp1 for ScaledSoftmax {
    fn name(&self) -> &'static str {
        "scaled-softmax"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let n = layout.dims().last().copied().unwrap_or(1);
        for row in rows_mut(storage, layout)?.chunks_exact_mut(n) {
            let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            row.iter_mut().for_each(|x| *x = exp((*x - max) * self.scale));
            let inverse = 1.0 / sum(row, |x| x);
            row.iter_mut().for_each(|x| *x *= inverse);
        }
        Ok(())
    }
}

fn rows<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (start, end) = span(layout)?;
    Ok(&storage.as_slice()?[start..end])
}

fn rows_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let (start, end) = span(layout)?;
    match storage {
        CpuStorage::F32(values) => Ok(&mut values[start..end]),
        _ => candle_core::bail!("rows are not f32"),
    }
}

fn span(layout: &Layout) -> Result<(usize, usize)> {
    layout.contiguous_offsets().ok_or_else(|| candle_core::Error::msg("rows are not contiguous"))
}

/// Adds up `f` of each value in eight interleaved sums: a fixed order that also fills vector
/// registers.
#[inline]
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0f32; 8];
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += f(x);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|&x| f(x)).sum::<f32>()
}

/// x · Φ(x), the GELU that BERT was trained with (Hendrycks and Gimpel 2016).
#[inline]
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function within 5e-7: the rational approximation of Eigen (`generic_fast_erf_float`),
/// odd degree 13 over even degree 8, on [-4, 4], beyond which an f32 cannot tell it from ±1.
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let s = x * x;
    let mut p = -2.726_142_4e-10;
    for c in [2.770_681_3e-8, -2.101_024e-6, -5.692_506_4e-5, -7.349_906_5e-4, -2.954_6e-3, -1.609_603_3e-2] {
        p = p * s + c;
    }
    let mut q = -1.456_607_2e-5;
    for c in [-2.133_740_6e-4, -1.682_827e-3, -7.373_329_3e-3, -1.426_473_9e-2] {
        q = q * s + c;
    }
    x * p / q
}

/// e to the x within 2 units in the last place, for the arguments up to 0 of a softmax: 2 to the
/// integer part by way of the exponent's bits, times a polynomial for the rest (Cephes `expf`).
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Below this the result is less than 2^-125, which no sum beside e^0 = 1 can see.
    let x = x.max(-87.0);
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    // ln 2 in two parts, the first short enough that n times it is exact.
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let mut p = 1.987_569_1e-4;
    for c in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5] {
        p = p * r + c;
    }
    let power = f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    (p * r * r + r + 1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Tensor};

    /// The series of erf, accurate where it is used here.
    fn erf_series(x: f64) -> f64 {
        let mut term = x;
        let mut sum = x;
        for n in 1..200 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn erf_is_within_a_millionth() {
        for n in -4500..=4500 {
            let x = f64::from(n) / 1000.0;
            assert!((f64::from(erf(x as f32)) - erf_series(x)).abs() < 1e-6, "erf({x})");
        }
    }

    #[test]
    fn exp_is_within_a_millionth_of_itself() {
        for n in -8700..=100 {
            let x = n as f32 / 100.0;
            let expected = f64::from(x).exp();
            assert!((f64::from(exp(x)) / expected - 1.0).abs() < 1e-6, "exp({x})");
        }
        assert!(exp(-1e30) < 1e-37);
    }

    #[test]
    fn softmax_rows_sum_to_one_and_keep_their_order() {
        let rows = Tensor::new(&[[1.0f32, 2.0, 3.0], [1000.0, 0.0, -1000.0]], &Device::Cpu).unwrap();
        rows.inplace_op1(&ScaledSoftmax { scale: 0.5 }).unwrap();
        let rows: Vec<Vec<f32>> = rows.to_vec2().unwrap();
        let expected = [0.186_323_72, 0.307_195_9, 0.506_480_4];
        assert!(rows[0].iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-6), "{rows:?}");
        assert_eq!(rows[1], [1.0, 0.0, 0.0].map(|x: f32| x.max(rows[1][2])));
    }

    #[test]
    fn norm_centres_and_scales() {
        let norm = Norm { scale: vec![2.0; 4], shift: vec![1.0; 4], epsilon: 0.0 };
        let mut row = [1.0, 1.0, 3.0, 3.0];
        norm.apply(&mut row);
        assert_eq!(row, [-1.0, -1.0, 3.0, 3.0]);
    }
}
