//! Remembers the vectors of recent queries: results as you type, a search repeated with a filter,
//! the question everybody asks today.

use std::collections::HashMap;

/// Queries in one generation. Two generations of 512 vectors of 384 are 1.5 MB.
const GENERATION_MAX: usize = 512;

/// A longer text is a pasted page, which nobody asks twice.
const QUERY_BYTES_MAX: usize = 1_024;

/// Two generations: new entries go to the young one; when it is full the old one is forgotten and
/// the young one is old. What is used again moves back to the young one.
#[derive(Default)]
pub(super) struct QueryCache {
    young: HashMap<String, Vec<f32>>,
    old: HashMap<String, Vec<f32>>,
}

impl QueryCache {
    pub(super) fn find(&mut self, query: &str) -> Option<Vec<f32>> {
        if let Some(vector) = self.young.get(query) {
            return Some(vector.clone());
        }
        let vector = self.old.remove(query)?;
        self.insert(query, &vector);
        Some(vector)
    }

    pub(super) fn insert(&mut self, query: &str, vector: &[f32]) {
        if query.len() > QUERY_BYTES_MAX {
            return;
        }
        if self.young.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(query.to_owned(), vector.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let mut cache = QueryCache::default();
        cache.insert("often", &[1.0]);
        cache.insert("once", &[2.0]);
        for n in 0..10 * GENERATION_MAX {
            cache.insert(&n.to_string(), &[0.0]);
            assert_eq!(cache.find("often").as_deref(), Some([1.0].as_slice()));
        }
        assert_eq!(cache.find("once"), None);
        assert!(cache.young.len() + cache.old.len() <= 2 * GENERATION_MAX);
    }

    #[test]
    fn a_pasted_page_is_not_kept() {
        let mut cache = QueryCache::default();
        let page = "x".repeat(QUERY_BYTES_MAX + 1);
        cache.insert(&page, &[1.0]);
        assert_eq!(cache.find(&page), None);
    }
}
