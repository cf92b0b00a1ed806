//! What scoring needs of the documents beside their postings, read once for each commit.

use std::collections::HashMap;

use tantivy::{Searcher, SegmentReader, schema::Field};

use super::{Catalog, Fields};
use crate::SearchError;

/// Marks a document that is deleted or belongs to no article of the catalog.
const NONE: u32 = u32::MAX;

/// Columns of every document, by segment, and sums over those that live.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    slots: Vec<Vec<u32>>,
    n_tokens: HashMap<Field, f64>,
}

impl Columns {
    pub(crate) fn read(searcher: &Searcher, fields: &Fields, catalog: &Catalog) -> Result<Self, SearchError> {
        let mut columns = Self::default();
        for segment in searcher.segment_readers() {
            columns.slots.push(slots(segment, catalog)?);
            for field in [fields.title, fields.full, fields.grams, fields.text] {
                *columns.n_tokens.entry(field).or_default() += n_tokens(segment, field)?;
            }
        }
        Ok(columns)
    }

    /// The slot of the article that a document belongs to, as article or as passage.
    pub(crate) fn slot(&self, segment: usize, doc: u32) -> Option<usize> {
        let slot = self.slots.get(segment)?.get(doc as usize).copied()?;
        (slot != NONE).then_some(slot as usize)
    }

    /// The tokens of a field in all documents that live.
    pub(crate) fn n_tokens(&self, field: Field) -> f64 {
        self.n_tokens.get(&field).copied().unwrap_or(0.0)
    }
}

fn slots(segment: &SegmentReader, catalog: &Catalog) -> Result<Vec<u32>, SearchError> {
    let articles = segment.fast_fields().u64("key")?;
    let passages = segment.fast_fields().u64("passage_of")?;
    let mut slots = vec![NONE; segment.max_doc() as usize];
    for doc in segment.doc_ids_alive() {
        let key = articles.first(doc).or_else(|| passages.first(doc));
        let slot = key.and_then(|key| catalog.slot(key)).and_then(|slot| u32::try_from(slot).ok());
        slots[doc as usize] = slot.unwrap_or(NONE);
    }
    Ok(slots)
}

/// The tokens of a field in the documents of a segment that live. The index counts deleted documents until segments
/// merge; lengths are kept rounded, so their ratio scales the exact count.
fn n_tokens(segment: &SegmentReader, field: Field) -> Result<f64, SearchError> {
    let total = segment.inverted_index(field)?.total_num_tokens() as f64;
    if !segment.has_deletes() || total == 0.0 {
        return Ok(total);
    }
    let lengths = segment.get_fieldnorms_reader(field)?;
    let sum =
        |docs: &mut dyn Iterator<Item = u32>| docs.map(|doc| f64::from(lengths.fieldnorm(doc))).sum::<f64>();
    let all = sum(&mut (0..segment.max_doc()));
    let alive = sum(&mut segment.doc_ids_alive());
    Ok(if all > 0.0 { total * alive / all } else { total })
}
