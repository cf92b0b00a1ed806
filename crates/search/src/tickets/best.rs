//! The best documents of a query: by score, then the newest.

use std::{cmp::Reverse, collections::BinaryHeap};

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::Column,
};

/// A place among the hits of one query: that of one hit. The greater comes first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TicketHitPlace {
    pub(super) score: Score,
    created: i64,
    number: i64,
}

impl Eq for TicketHitPlace {}

impl Ord for TicketHitPlace {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_score = self.score.total_cmp(&other.score);
        by_score.then(self.created.cmp(&other.created)).then(self.number.cmp(&other.number))
    }
}

impl PartialOrd for TicketHitPlace {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for TicketHitPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}.{}.{}", self.score.to_bits(), self.created, self.number)
    }
}

impl TicketHitPlace {
    /// Parses what [`std::fmt::Display`] writes; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let score = u32::from_str_radix(parts.next()?, 16).ok().map(Score::from_bits)?;
        let (created, number) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        (parts.next().is_none() && score.is_finite()).then_some(Self { score, created, number })
    }
}

/// A document with its place.
pub(super) type Found = (TicketHitPlace, tantivy::DocAddress);

/// Collects the best documents after a place.
pub(super) struct Best {
    pub(super) limit: usize,
    pub(super) after: Option<TicketHitPlace>,
}

pub(super) struct BestOfSegment {
    limit: usize,
    after: Option<TicketHitPlace>,
    segment: SegmentOrdinal,
    created: Column<i64>,
    number: Column<i64>,
    /// The worst one on top.
    heap: BinaryHeap<Reverse<(TicketHitPlace, Reverse<DocId>)>>,
    /// A score under this is not among the best.
    least: Score,
}

impl Collector for Best {
    type Fruit = Vec<Found>;
    type Child = BestOfSegment;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<BestOfSegment> {
        let columns = reader.fast_fields();
        Ok(BestOfSegment {
            limit: self.limit,
            after: self.after,
            segment,
            created: columns.i64("created")?,
            number: columns.i64("number")?,
            heap: BinaryHeap::with_capacity(self.limit + 1),
            least: Score::NEG_INFINITY,
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Vec<Found>>) -> tantivy::Result<Vec<Found>> {
        let mut all: Vec<Found> = segments.into_iter().flatten().collect();
        all.sort_by_key(|found| Reverse(found.0));
        all.truncate(self.limit);
        Ok(all)
    }
}

impl SegmentCollector for BestOfSegment {
    type Fruit = Vec<Found>;

    fn collect(&mut self, doc: DocId, score: Score) {
        if score < self.least || self.after.is_some_and(|after| score > after.score) {
            return;
        }
        let first = |column: &Column<i64>| column.first(doc).unwrap_or_default();
        let place = TicketHitPlace { score, created: first(&self.created), number: first(&self.number) };
        if self.after.is_some_and(|after| place >= after) {
            return;
        }
        self.heap.push(Reverse((place, Reverse(doc))));
        if self.heap.len() > self.limit {
            self.heap.pop();
            self.least = self.heap.peek().map_or(Score::NEG_INFINITY, |worst| worst.0.0.score);
        }
    }

    fn harvest(self) -> Vec<Found> {
        let segment = self.segment;
        let address = |doc| tantivy::DocAddress::new(segment, doc);
        self.heap.into_iter().map(|Reverse((place, Reverse(doc)))| (place, address(doc))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nothing_else_is() {
        let place = TicketHitPlace { score: 12.5, created: -3, number: 7 };
        assert_eq!(TicketHitPlace::parse(&place.to_string()), Some(place));
        for other in ["", "1", "zz.1.2", "41480000.1", "41480000.1.2.3", "7fc00000.1.2", "41480000.x.2"] {
            assert_eq!(TicketHitPlace::parse(other), None, "{other}");
        }
    }
}
