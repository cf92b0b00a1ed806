//! The dense leg: vectors of passages, titles and questions, in process or in Qdrant.

mod qdrant;
mod rows;
mod scan;

use std::collections::{HashMap, HashSet};

use domain::Readable;

pub(crate) use qdrant::QdrantVectors;
pub(crate) use scan::ExactScan;

use crate::{SearchError, index::Catalog, text::VectorKind};

/// Where vectors are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VectorsConfig {
    /// In this process, by an exact scan.
    InProcess,
    /// In a Qdrant server.
    Qdrant {
        /// Its gRPC address.
        url: String,
        /// Its key.
        api_key: Option<String>,
        /// The collection; made when it is absent.
        collection: String,
    },
}

/// The vectors of an article in one locale.
#[derive(Debug, Clone)]
pub(crate) struct ArticleVectors {
    /// The article's key.
    pub(crate) key: u64,
    /// The key of its audience.
    pub(crate) audience: String,
    /// Its collection's slug.
    pub(crate) collection: Option<String>,
    /// What each vector stands for, and the vector.
    pub(crate) vectors: Vec<(VectorKind, Vec<f32>)>,
}

impl ArticleVectors {
    /// Refuses vectors of another length than the model's.
    pub(crate) fn check_dims(&self, dims: usize) -> Result<(), SearchError> {
        match self.vectors.iter().find(|(_, vector)| vector.len() != dims) {
            None => Ok(()),
            Some((_, vector)) => {
                let n = vector.len();
                Err(SearchError::Vectors(format!("a vector has {n} dimensions, the model has {dims}")))
            }
        }
    }
}

/// What the dense leg found.
#[derive(Debug, Default)]
pub(crate) struct DenseScores {
    /// Exact cosines of everything of the candidates, by slot.
    pub(crate) articles: HashMap<usize, Vec<(VectorKind, f64)>>,
    /// The slots that the query's own vector led to.
    pub(crate) nearest: HashSet<usize>,
    /// Mean cosine of the query to all vectors of passages.
    pub(crate) mean: f64,
    /// Their standard deviation; 0 where it is not known.
    pub(crate) sd: f64,
}

/// What a search needs to know beside the query's vector.
pub(crate) struct DenseQuery<'a> {
    /// The query, of unit length.
    pub(crate) vector: &'a [f32],
    /// The articles.
    pub(crate) catalog: &'a Catalog,
    /// For each slot, whether it may be found. The filter runs inside the search.
    pub(crate) allowed: &'a [bool],
    /// The audiences that may be found: the same filter, for an index that knows no slots.
    pub(crate) readable: &'a Readable,
    /// Only this collection, by slug.
    pub(crate) collection: Option<&'a str>,
    /// How many articles become candidates by their nearest passage, and how many by title or question.
    pub(crate) n_nearest: usize,
    /// Slots whose cosines are wanted in any case.
    pub(crate) also: &'a [usize],
}

/// A store of vectors that finds the nearest. Two implementations: [`ExactScan`] and [`QdrantVectors`]; one behaviour
/// suite runs on both.
pub(crate) trait VectorIndex: Send + Sync {
    /// Replaces the vectors of these articles and removes those of the others.
    fn apply(&self, put: Vec<ArticleVectors>, remove: &[u64]) -> Result<(), SearchError>;
    /// Finds the nearest. Blocks; called away from the async threads.
    fn search(&self, query: &DenseQuery<'_>) -> Result<DenseScores, SearchError>;
    /// Removes everything.
    fn clear(&self) -> Result<(), SearchError>;
    /// How many vectors it holds.
    fn n_vectors(&self) -> Result<usize, SearchError>;
    /// Whether it forgets everything when the process ends.
    fn is_volatile(&self) -> bool;
}
