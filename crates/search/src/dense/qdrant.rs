//! Vectors in a Qdrant server, for more passages than fit in one process.

use std::collections::HashMap;

use domain::Readable;
use qdrant_client::{
    Payload, Qdrant,
    qdrant::{
        Condition, CountPointsBuilder, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder,
        DeletePointsBuilder, Distance, FieldType, Filter, PointStruct, QueryPointsBuilder, ScoredPoint,
        UpsertPointsBuilder, Value, VectorParamsBuilder, value::Kind,
    },
};
use serde_json::json;
use tokio::runtime::Handle;

use super::{ArticleVectors, DenseQuery, DenseScores, VectorIndex};
use crate::{SearchError, index::passage_key, text::VectorKind};

/// Points of one request.
const POINTS_PER_REQUEST: usize = 500;
/// Most vectors of the candidates whose cosines are fetched: 300 candidates of 30 vectors each.
const CANDIDATE_VECTORS_MAX: u64 = 9_000;
/// Points that are asked for to find one more article: neighbours are often of the same.
const POINTS_PER_ARTICLE: u64 = 4;

/// A collection of a Qdrant server. Every call blocks and must come from a thread that may.
pub(crate) struct QdrantVectors {
    client: Qdrant,
    collection: String,
    dims: usize,
    runtime: Handle,
}

impl QdrantVectors {
    /// A client; the server is not asked before the first call.
    pub(crate) fn new(
        url: &str,
        api_key: Option<String>,
        collection: &str,
        dims: usize,
    ) -> Result<Self, SearchError> {
        let client = Qdrant::from_url(url).api_key(api_key).build().map_err(failed)?;
        Ok(Self { client, collection: collection.to_owned(), dims, runtime: Handle::current() })
    }

    async fn ensure(&self) -> Result<(), SearchError> {
        if self.client.collection_exists(&self.collection).await.map_err(failed)? {
            return Ok(());
        }
        let params = VectorParamsBuilder::new(self.dims as u64, Distance::Cosine);
        let create = CreateCollectionBuilder::new(&self.collection).vectors_config(params);
        self.client.create_collection(create).await.map_err(failed)?;
        for field in ["key", "kind", "audience", "collection"] {
            let index = CreateFieldIndexCollectionBuilder::new(&self.collection, field, FieldType::Keyword);
            self.client.create_field_index(index.wait(true)).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn query(
        &self,
        vector: &[f32],
        filter: Filter,
        limit: u64,
    ) -> Result<Vec<ScoredPoint>, SearchError> {
        let query = QueryPointsBuilder::new(&self.collection)
            .query(vector.to_vec())
            .filter(filter)
            .limit(limit)
            .with_payload(true);
        Ok(self.client.query(query).await.map_err(failed)?.result)
    }

    async fn find(&self, query: &DenseQuery<'_>) -> Result<DenseScores, SearchError> {
        let mut filter = Vec::new();
        if let Readable::Only(audiences) = query.readable {
            let keys: Vec<String> = audiences.iter().map(domain::Audience::key).collect();
            filter.push(Condition::matches("audience", keys));
        }
        if let Some(slug) = query.collection {
            filter.push(Condition::matches("collection", slug.to_owned()));
        }
        let of_kind = |kinds: &[&str]| {
            let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
            Filter::must(filter.iter().cloned().chain([Condition::matches("kind", kinds)]))
        };
        let n = query.n_nearest as u64;
        let passages = self.query(query.vector, of_kind(&["passage"]), n * POINTS_PER_ARTICLE).await?;
        let others =
            self.query(query.vector, of_kind(&["title", "question"]), n * POINTS_PER_ARTICLE).await?;
        let mut scores = DenseScores::default();
        if !passages.is_empty() {
            // The mean over all vectors is not to be had; the far end of the nearest is the closest to it.
            scores.mean = f64::from(passages[passages.len() - 1].score);
        }
        let slot_of = |key: &str| {
            let slot = u64::from_str_radix(key, 16).ok().and_then(|key| query.catalog.slot(key));
            slot.filter(|&slot| query.allowed.get(slot).copied().unwrap_or(false))
        };
        let mut keys: Vec<String> =
            [&passages, &others].into_iter().flat_map(|found| first_keys(found, query.n_nearest)).collect();
        scores.nearest = keys.iter().filter_map(|key| slot_of(key)).collect();
        let also = query.also.iter().filter_map(|&slot| query.catalog.get(slot));
        keys.extend(also.map(|entry| hex(entry.key)));
        keys.sort_unstable();
        keys.dedup();
        filter.push(Condition::matches("key", keys));
        for point in self.query(query.vector, Filter::must(filter), CANDIDATE_VECTORS_MAX).await? {
            let slot = text(&point.payload, "key").and_then(|key| slot_of(&key));
            if let (Some(slot), Some(kind)) = (slot, kind_of(&point.payload)) {
                scores.articles.entry(slot).or_default().push((kind, f64::from(point.score)));
            }
        }
        for cosines in scores.articles.values_mut() {
            cosines.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        }
        Ok(scores)
    }

    async fn store(&self, put: Vec<ArticleVectors>, remove: &[u64]) -> Result<(), SearchError> {
        self.ensure().await?;
        let gone: Vec<String> =
            remove.iter().copied().chain(put.iter().map(|article| article.key)).map(hex).collect();
        for keys in gone.chunks(POINTS_PER_REQUEST) {
            let filter = Filter::must([Condition::matches("key", keys.to_vec())]);
            let delete = DeletePointsBuilder::new(&self.collection).points(filter).wait(true);
            self.client.delete_points(delete).await.map_err(failed)?;
        }
        let mut points = Vec::new();
        for article in put {
            for (n, (kind, vector)) in (0..).zip(article.vectors) {
                let (name, ordinal) = match kind {
                    VectorKind::Passage(ordinal) => ("passage", ordinal),
                    VectorKind::Title => ("title", 0),
                    VectorKind::Question => ("question", 0),
                };
                let payload = json!({
                    "key": hex(article.key),
                    "kind": name,
                    "ordinal": ordinal,
                    "audience": article.audience,
                    "collection": article.collection,
                });
                let payload = Payload::try_from(payload).map_err(failed)?;
                points.push(PointStruct::new(passage_key(article.key, n), vector, payload));
            }
        }
        for batch in points.chunks(POINTS_PER_REQUEST) {
            let upsert = UpsertPointsBuilder::new(&self.collection, batch.to_vec()).wait(true);
            self.client.upsert_points(upsert).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl VectorIndex for QdrantVectors {
    fn apply(&self, put: Vec<ArticleVectors>, remove: &[u64]) -> Result<(), SearchError> {
        self.runtime.block_on(self.store(put, remove))
    }

    fn search(&self, query: &DenseQuery<'_>) -> Result<DenseScores, SearchError> {
        self.runtime.block_on(self.find(query))
    }

    fn clear(&self) -> Result<(), SearchError> {
        self.runtime.block_on(async {
            if self.client.collection_exists(&self.collection).await.map_err(failed)? {
                self.client.delete_collection(&self.collection).await.map_err(failed)?;
            }
            self.ensure().await
        })
    }

    fn n_vectors(&self) -> Result<usize, SearchError> {
        let count = CountPointsBuilder::new(&self.collection).exact(true);
        let counted = self.runtime.block_on(self.client.count(count)).map_err(failed)?;
        Ok(counted.result.map_or(0, |result| usize::try_from(result.count).unwrap_or(usize::MAX)))
    }

    fn is_volatile(&self) -> bool {
        false
    }
}

fn failed(error: impl std::fmt::Display) -> SearchError {
    SearchError::Vectors(error.to_string())
}

/// Keys do not fit Qdrant's signed integers, so they are stored as text.
fn hex(key: u64) -> String {
    format!("{key:016x}")
}

fn text(payload: &HashMap<String, Value>, name: &str) -> Option<String> {
    match payload.get(name)?.kind.as_ref()? {
        Kind::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}

/// The articles of the first points, each once.
fn first_keys(points: &[ScoredPoint], n_articles: usize) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in points.iter().filter_map(|point| text(&point.payload, "key")) {
        if keys.len() >= n_articles {
            break;
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn kind_of(payload: &HashMap<String, Value>) -> Option<VectorKind> {
    let ordinal = match payload.get("ordinal")?.kind.as_ref()? {
        Kind::IntegerValue(ordinal) => u32::try_from(*ordinal).ok()?,
        _ => return None,
    };
    match text(payload, "kind")?.as_str() {
        "passage" => Some(VectorKind::Passage(ordinal)),
        "title" => Some(VectorKind::Title),
        "question" => Some(VectorKind::Question),
        _ => None,
    }
}
