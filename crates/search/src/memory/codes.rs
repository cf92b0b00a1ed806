//! Vectors of solved tickets in two sizes: one bit a component to find the likely ones among a hundred thousand within
//! a third of a millisecond, eight bits to score those.

use embed::dot;

/// Rows of `dims` components each, one after the other.
#[derive(Debug)]
pub(super) struct Codes {
    dims: usize,
    /// What all rows have in common; the bits tell on which side of it a component is.
    mean: Vec<f32>,
    /// 64 components a word.
    signs: Vec<u64>,
    bytes: Vec<i8>,
    /// For each row, what a step of its bytes is worth.
    scales: Vec<f32>,
}

impl Codes {
    /// Codes of these vectors, each of `dims` components.
    pub(super) fn new<'v>(dims: usize, vectors: impl Iterator<Item = &'v [f32]> + Clone) -> Self {
        let mut sum = vec![0.0_f64; dims];
        let mut n = 0.0;
        for vector in vectors.clone() {
            n += 1.0;
            for (sum, x) in sum.iter_mut().zip(vector) {
                *sum += f64::from(*x);
            }
        }
        let mean = sum.into_iter().map(|sum| (sum / f64::max(n, 1.0)) as f32).collect();
        let mut codes = Self { dims, mean, signs: vec![], bytes: vec![], scales: vec![] };
        for vector in vectors {
            codes.push(vector);
        }
        codes
    }

    fn push(&mut self, vector: &[f32]) {
        let largest = vector.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
        let scale = largest.max(f32::MIN_POSITIVE) / f32::from(i8::MAX);
        self.signs.extend(signs(vector, &self.mean));
        // Within -127 and 127 by the choice of the scale.
        self.bytes.extend(vector.iter().map(|x| (x / scale).round() as i8));
        self.scales.push(scale);
    }

    /// For each row, in how many components it lies on the other side of the mean than the query: 0 to `dims`.
    pub(super) fn distances(&self, query: &[f32]) -> Vec<u16> {
        let query = signs(query, &self.mean);
        let rows = self.signs.chunks_exact(query.len().max(1));
        let count = |row: &[u64]| row.iter().zip(&query).map(|(a, b)| (a ^ b).count_ones() as u16).sum();
        rows.map(count).collect()
    }

    /// The cosines of rows to a query of unit length, within .005.
    pub(super) fn cosines(&self, query: &[f32], rows: &[usize]) -> Vec<f64> {
        let mut row_f32 = vec![0.0; self.dims];
        rows.iter()
            .map(|&row| {
                let bytes = &self.bytes[row * self.dims..(row + 1) * self.dims];
                for (x, &byte) in row_f32.iter_mut().zip(bytes) {
                    *x = f32::from(byte);
                }
                f64::from(dot(query, &row_f32) * self.scales[row])
            })
            .collect()
    }

    /// Bytes that it holds.
    pub(super) fn n_bytes(&self) -> usize {
        self.signs.len() * 8 + self.bytes.len() + self.scales.len() * 4
    }
}

fn signs(vector: &[f32], mean: &[f32]) -> Vec<u64> {
    let bits: Vec<bool> = vector.iter().zip(mean).map(|(x, mean)| x > mean).collect();
    bits.chunks(64)
        .map(|bits| bits.iter().enumerate().fold(0, |word, (at, &bit)| word | u64::from(bit) << at))
        .collect()
}
