//! An exact scan in process: every vector is looked at in 8 bits, and the best are scored again in 16.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{
    ArticleVectors, DenseQuery, DenseScores, VectorIndex,
    rows::{CoarseQuery, Rows},
};
use crate::{SearchError, text::VectorKind};

/// Vectors in memory. Deterministic: ties break by key, then by what a vector stands for.
#[derive(Debug)]
pub(crate) struct ExactScan(RwLock<Vectors>);

#[derive(Debug)]
struct Vectors {
    rows: Rows,
    /// What each row stands for.
    kinds: Vec<VectorKind>,
    /// The articles in the order of their rows, each with its key.
    articles: Vec<(u64, Range<usize>)>,
    /// For each key, where it stands in `articles`.
    by_key: HashMap<u64, usize>,
}

impl ExactScan {
    pub(crate) fn new(dims: usize) -> Self {
        Self(RwLock::new(Vectors::new(dims)))
    }

    fn read(&self) -> RwLockReadGuard<'_, Vectors> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vectors> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VectorIndex for ExactScan {
    fn apply(&self, put: Vec<ArticleVectors>, remove: &[u64]) -> Result<(), SearchError> {
        let mut vectors = self.write();
        put.iter().try_for_each(|article| article.check_dims(vectors.rows.dims()))?;
        let gone: HashSet<u64> =
            remove.iter().copied().chain(put.iter().map(|article| article.key)).collect();
        vectors.remove(&gone);
        put.into_iter().for_each(|article| vectors.push(article.key, article.vectors));
        Ok(())
    }

    fn search(&self, query: &DenseQuery<'_>) -> Result<DenseScores, SearchError> {
        let vectors = self.read();
        let coarse = CoarseQuery::new(query.vector);
        let mut passages = vec![f32::NEG_INFINITY; query.catalog.n_slots()];
        let mut others = passages.clone();
        let (mut sum, mut squares) = (0.0_f64, 0.0_f64);
        let mut n_passages = 0_usize;
        // All slots are looked up before the scan, which would push the table out of the processor's cache.
        let slot_of = |key| query.catalog.slot(key).filter(|&slot| query.allowed[slot]);
        let articles = vectors.articles.iter();
        let searched: Vec<(usize, Range<usize>)> =
            articles.filter_map(|(key, rows)| Some((slot_of(*key)?, rows.clone()))).collect();
        for (slot, rows) in searched {
            for row in rows {
                let cosine = vectors.rows.coarse_cosine(&coarse, row);
                if let VectorKind::Passage(_) = vectors.kinds[row] {
                    sum += f64::from(cosine);
                    squares += f64::from(cosine) * f64::from(cosine);
                    n_passages += 1;
                    passages[slot] = passages[slot].max(cosine);
                } else {
                    others[slot] = others[slot].max(cosine);
                }
            }
        }
        let mut scores = DenseScores::default();
        for found in [&passages, &others] {
            scores.nearest.extend(query.catalog.best(found, f32::NEG_INFINITY, query.n_nearest));
        }
        let mut slots: HashSet<usize> = query.also.iter().copied().collect();
        slots.extend(&scores.nearest);
        for slot in slots {
            let Some(entry) = query.catalog.get(slot) else { continue };
            let Some(&at) = vectors.by_key.get(&entry.key) else { continue };
            let rows = vectors.articles[at].1.clone();
            let cosines =
                rows.map(|row| (vectors.kinds[row], vectors.rows.cosine(query.vector, row))).collect();
            scores.articles.insert(slot, cosines);
        }
        let n = n_passages.max(1) as f64;
        scores.mean = sum / n;
        scores.sd = (squares / n - scores.mean * scores.mean).max(0.0).sqrt();
        Ok(scores)
    }

    fn clear(&self) -> Result<(), SearchError> {
        let mut vectors = self.write();
        *vectors = Vectors::new(vectors.rows.dims());
        Ok(())
    }

    fn n_vectors(&self) -> Result<usize, SearchError> {
        Ok(self.read().kinds.len())
    }

    fn is_volatile(&self) -> bool {
        true
    }
}

impl Vectors {
    fn new(dims: usize) -> Self {
        Self { rows: Rows::new(dims), kinds: vec![], articles: vec![], by_key: HashMap::new() }
    }

    fn push(&mut self, key: u64, vectors: Vec<(VectorKind, Vec<f32>)>) {
        let first = self.kinds.len();
        for (kind, vector) in vectors {
            self.kinds.push(kind);
            self.rows.push(&vector);
        }
        self.by_key.insert(key, self.articles.len());
        self.articles.push((key, first..self.kinds.len()));
    }

    /// Moves what stays to the front, in its order.
    fn remove(&mut self, gone: &HashSet<u64>) {
        if !gone.iter().any(|key| self.by_key.contains_key(key)) {
            return;
        }
        self.by_key.clear();
        let mut to = 0;
        for (key, rows) in std::mem::take(&mut self.articles) {
            if gone.contains(&key) {
                continue;
            }
            let moved = to..to + rows.len();
            self.rows.copy_within(rows.clone(), to);
            self.kinds.copy_within(rows, to);
            self.by_key.insert(key, self.articles.len());
            to = moved.end;
            self.articles.push((key, moved));
        }
        self.rows.truncate(to);
        self.kinds.truncate(to);
    }
}
