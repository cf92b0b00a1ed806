//! An exact scan in process: 8-bit vectors are scanned, the best are scored again in 32 bits.

use std::{
    collections::{HashMap, HashSet},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{ArticleVectors, DenseQuery, DenseScores, VectorIndex};
use crate::{SearchError, text::VectorKind};

/// Largest 8-bit value; vectors are of unit length, so each component is at most 1 before scaling by the vector's own
/// largest.
const LEVELS: f32 = 127.0;

/// Vectors in memory. Deterministic: ties break by key, then by what a vector stands for.
#[derive(Debug)]
pub(crate) struct ExactScan {
    dims: usize,
    rows: RwLock<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    owners: Vec<(u64, VectorKind)>,
    exact: Vec<f32>,
    coarse: Vec<i8>,
    scales: Vec<f32>,
    by_key: HashMap<u64, Vec<usize>>,
}

impl ExactScan {
    pub(crate) fn new(dims: usize) -> Self {
        Self { dims, rows: RwLock::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VectorIndex for ExactScan {
    fn apply(&self, put: Vec<ArticleVectors>, remove: &[u64]) -> Result<(), SearchError> {
        let mut rows = self.write();
        let gone: HashSet<u64> =
            remove.iter().copied().chain(put.iter().map(|article| article.key)).collect();
        rows.remove(&gone, self.dims);
        rows.reserve(put.iter().map(|article| article.vectors.len()).sum(), self.dims);
        for article in put {
            for (kind, vector) in article.vectors {
                if vector.len() != self.dims {
                    return Err(SearchError::Vectors(format!(
                        "a vector has {} dimensions, the model has {}",
                        vector.len(),
                        self.dims
                    )));
                }
                rows.push(article.key, kind, &vector);
            }
        }
        Ok(())
    }

    fn search(&self, query: &DenseQuery<'_>) -> Result<DenseScores, SearchError> {
        let rows = self.read();
        let (coarse_query, scale) = quantize(query.vector);
        let mut passages = vec![f32::NEG_INFINITY; query.catalog.n_slots()];
        let mut others = passages.clone();
        let (mut sum, mut squares) = (0.0_f64, 0.0_f64);
        let mut n_passages = 0_usize;
        let mut slot_of: Option<(u64, Option<usize>)> = None;
        for (row, &(key, kind)) in rows.owners.iter().enumerate() {
            // Rows of one article stand together, so the slot is looked up once for each.
            let slot = match slot_of {
                Some((last, slot)) if last == key => slot,
                _ => {
                    let slot = query
                        .catalog
                        .slot(key)
                        .filter(|&slot| query.allowed.get(slot).copied().unwrap_or(false));
                    slot_of = Some((key, slot));
                    slot
                }
            };
            let Some(slot) = slot else { continue };
            let vector = &rows.coarse[row * self.dims..(row + 1) * self.dims];
            let cosine = dot_coarse(&coarse_query, vector) as f32 * scale * rows.scales[row];
            if let VectorKind::Passage(_) = kind {
                sum += f64::from(cosine);
                squares += f64::from(cosine) * f64::from(cosine);
                n_passages += 1;
                passages[slot] = passages[slot].max(cosine);
            } else {
                others[slot] = others[slot].max(cosine);
            }
        }
        let mut slots: HashSet<usize> = query.also.iter().copied().collect();
        for found in [&passages, &others] {
            slots.extend(query.catalog.best(found, f32::NEG_INFINITY, query.n_nearest));
        }
        let mut scores = DenseScores::default();
        for slot in slots {
            let Some(entry) = query.catalog.get(slot) else { continue };
            let Some(own) = rows.by_key.get(&entry.key) else { continue };
            let cosines = own
                .iter()
                .map(|&row| {
                    let vector = &rows.exact[row * self.dims..(row + 1) * self.dims];
                    (rows.owners[row].1, f64::from(embed::dot(query.vector, vector)))
                })
                .collect();
            scores.articles.insert(slot, cosines);
        }
        let n = n_passages.max(1) as f64;
        scores.mean = sum / n;
        scores.sd = (squares / n - scores.mean * scores.mean).max(0.0).sqrt();
        Ok(scores)
    }

    fn clear(&self) -> Result<(), SearchError> {
        *self.write() = Rows::default();
        Ok(())
    }

    fn n_vectors(&self) -> Result<usize, SearchError> {
        Ok(self.read().owners.len())
    }

    fn is_volatile(&self) -> bool {
        true
    }
}

impl Rows {
    /// Makes room at once: growing by doubling would hold twice the memory while a site starts.
    fn reserve(&mut self, n_rows: usize, dims: usize) {
        if self.owners.is_empty() {
            self.exact.reserve_exact(n_rows * dims);
            self.coarse.reserve_exact(n_rows * dims);
        }
    }

    fn push(&mut self, key: u64, kind: VectorKind, vector: &[f32]) {
        let (coarse, scale) = quantize(vector);
        self.by_key.entry(key).or_default().push(self.owners.len());
        self.owners.push((key, kind));
        self.exact.extend_from_slice(vector);
        self.coarse.extend(coarse);
        self.scales.push(scale);
    }

    /// Moves the rows that stay to the front; their order stays.
    fn remove(&mut self, gone: &HashSet<u64>, dims: usize) {
        if !gone.iter().any(|key| self.by_key.contains_key(key)) {
            return;
        }
        let mut to = 0;
        for from in 0..self.owners.len() {
            if gone.contains(&self.owners[from].0) {
                continue;
            }
            self.owners[to] = self.owners[from];
            self.scales[to] = self.scales[from];
            self.exact.copy_within(from * dims..(from + 1) * dims, to * dims);
            self.coarse.copy_within(from * dims..(from + 1) * dims, to * dims);
            to += 1;
        }
        self.owners.truncate(to);
        self.scales.truncate(to);
        self.exact.truncate(to * dims);
        self.coarse.truncate(to * dims);
        self.by_key.clear();
        for (row, &(key, _)) in self.owners.iter().enumerate() {
            self.by_key.entry(key).or_default().push(row);
        }
    }
}

/// A vector as 8-bit integers and the factor that gives it back.
fn quantize(vector: &[f32]) -> (Vec<i8>, f32) {
    let largest = vector.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    if largest == 0.0 {
        return (vec![0; vector.len()], 0.0);
    }
    let coarse = vector.iter().map(|x| (x / largest * LEVELS).round() as i8).collect();
    (coarse, largest / LEVELS)
}

/// The dot product of 8-bit vectors; 384 products of at most 127 squared fit an `i32` many times over.
fn dot_coarse(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(i16::from(a) * i16::from(b))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bits_are_enough_to_find_the_nearest() {
        let vector: Vec<f32> = (0..384_u16).map(|i| (f32::from(i) * 0.37).sin()).collect();
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        let unit: Vec<f32> = vector.iter().map(|x| x / length).collect();
        let (coarse, scale) = quantize(&unit);
        let cosine = dot_coarse(&coarse, &coarse) as f32 * scale * scale;
        assert!((cosine - 1.0).abs() < 0.01, "{cosine}");
    }
}
