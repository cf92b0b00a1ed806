//! Puts the chosen sentences together so that they can be read: lists of steps whole, each with the line that
//! introduces it, tables with their head, all in the article's order.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Passage, ScoredPassage, SegmentKind, SentenceLayout};

use super::{Quotes, Reading, cite::Quote};

/// Segments of a list up to which it is quoted whole. Longer lists are references, of which only what was asked for is
/// quoted, with the citation leading to the rest.
const LIST_SEGMENTS_MAX: usize = 20;
/// Longest answer, in characters of its source, unless its first part alone is longer: a screen of a phone or two.
const ANSWER_CHARS_MAX: usize = 2_400;

/// Quotes the chosen sentences, likeliest first in `chosen`, with what belongs to them.
pub(super) fn compose<'h>(reading: &Reading<'h>, chosen: &[usize]) -> Quotes<'h> {
    let mut kept: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut n_chars = 0;
    for &index in chosen {
        let sentence = &reading.sentences[index];
        let passage = &reading.passages[sentence.rank].1.passage;
        let of_passage: BTreeSet<usize> = chosen
            .iter()
            .map(|&i| &reading.sentences[i])
            .filter(|s| s.rank == sentence.rank)
            .map(|s| s.at)
            .collect();
        let already = kept.entry(sentence.rank).or_default();
        let added: BTreeSet<usize> =
            whole(passage, sentence.at, &of_passage).into_iter().filter(|at| !already.contains(at)).collect();
        let cost: usize = added.iter().map(|&at| passage.segments[at].end - passage.segments[at].start).sum();
        if n_chars > 0 && n_chars + cost > ANSWER_CHARS_MAX {
            continue;
        }
        n_chars += cost;
        already.extend(added);
    }
    let mut quotes = vec![];
    for (rank, kept) in kept {
        let (hit, passage) = reading.passages[rank];
        let mut previous = None;
        for at in kept {
            quotes.push(Quote { hit, passage, at, layout: layout(passage, previous, at) });
            previous = Some(at);
        }
    }
    Quotes(quotes)
}

/// A segment with everything without which it cannot be read.
fn whole(passage: &Passage, at: usize, chosen: &BTreeSet<usize>) -> BTreeSet<usize> {
    let segments = &passage.segments;
    let mut whole = BTreeSet::from([at]);
    match segments[at].kind {
        SegmentKind::Step { list } => whole.extend(list_of(passage, list).unwrap_or(at..at + 1)),
        SegmentKind::Item { list } => {
            let n_chosen = chosen.iter().filter(|&&other| segments[other].kind == segments[at].kind).count();
            let introduced = chosen.iter().any(|&other| introduces(passage, other, list));
            if n_chosen > 1 || introduced {
                whole.extend(list_of(passage, list).unwrap_or(at..at + 1));
            }
        }
        // The first row names the columns.
        SegmentKind::Row { .. } => {
            whole.extend(segments.iter().position(|segment| segment.kind == segments[at].kind));
        }
        SegmentKind::Sentence | SegmentKind::Code => {}
    }
    // What ends in a colon promises the next block, and the sentence before numbered steps tells what they do.
    let last = whole.last().copied().unwrap_or(at);
    match segments.get(last + 1).map(|next| next.kind) {
        Some(SegmentKind::Step { list })
            if promises(passage, last) || segments[last].kind == SegmentKind::Sentence =>
        {
            whole.extend(list_of(passage, list).unwrap_or_default());
        }
        Some(SegmentKind::Item { list }) if promises(passage, last) => {
            whole.extend(list_of(passage, list).unwrap_or_default());
        }
        Some(SegmentKind::Sentence | SegmentKind::Code | SegmentKind::Row { .. })
            if promises(passage, last) =>
        {
            whole.insert(last + 1);
        }
        _ => {}
    }
    let first = whole.first().copied().unwrap_or(at);
    if first > 0 && segments[first].kind != SegmentKind::Sentence && promises(passage, first - 1) {
        whole.insert(first - 1);
    }
    whole
}

/// The segments from the first to the last of a list, with what is nested between; `None` when it is too long to be
/// quoted whole.
fn list_of(passage: &Passage, list: u32) -> Option<std::ops::Range<usize>> {
    let is_in = |kind: SegmentKind| matches!(kind, SegmentKind::Step { list: l } | SegmentKind::Item { list: l } if l == list);
    let first = passage.segments.iter().position(|segment| is_in(segment.kind))?;
    let last = passage.segments.iter().rposition(|segment| is_in(segment.kind))?;
    (last - first < LIST_SEGMENTS_MAX).then_some(first..last + 1)
}

fn introduces(passage: &Passage, at: usize, list: u32) -> bool {
    promises(passage, at)
        && passage.segments.get(at + 1).is_some_and(
            |next| matches!(next.kind, SegmentKind::Step { list: l } | SegmentKind::Item { list: l } if l == list),
        )
}

fn promises(passage: &Passage, at: usize) -> bool {
    passage.segments[at].text.trim_end().ends_with([':', '：'])
}

/// How a segment joins the one quoted before it from the same passage.
fn layout(passage: &ScoredPassage, previous: Option<usize>, at: usize) -> SentenceLayout {
    let segments = &passage.passage.segments;
    let goes_on =
        previous.is_some_and(|previous| previous + 1 == at && segments[previous].kind == segments[at].kind);
    match segments[at].kind {
        SegmentKind::Sentence if previous.is_some_and(|p| segments[p].anchor == segments[at].anchor) => {
            SentenceLayout::Inline
        }
        SegmentKind::Sentence => SentenceLayout::Paragraph,
        SegmentKind::Row { .. } | SegmentKind::Code => SentenceLayout::Block,
        // An item of several paragraphs or sentences is one item.
        SegmentKind::Item { .. } | SegmentKind::Step { .. } if goes_on && !begins_item(passage, at) => {
            SentenceLayout::Inline
        }
        SegmentKind::Item { .. } => SentenceLayout::Bullet,
        SegmentKind::Step { list } if is_whole(passage, list) => SentenceLayout::Step,
        // A part of a long list would be counted from 1 again.
        SegmentKind::Step { .. } => SentenceLayout::Bullet,
    }
}

fn is_whole(passage: &ScoredPassage, list: u32) -> bool {
    list_of(&passage.passage, list).is_some()
}

/// Whether a list mark (`1.`, `2)`, `-`, `*`, `+`) stands between the segment before and this one.
fn begins_item(passage: &ScoredPassage, at: usize) -> bool {
    let (base, segments) = (passage.passage.start, &passage.passage.segments);
    let Some(before) = at.checked_sub(1).map(|previous| segments[previous].end) else { return true };
    let gap = before
        .checked_sub(base)
        .zip(segments[at].start.checked_sub(base))
        .and_then(|(start, end)| passage.source.get(start..end));
    let Some(gap) = gap else { return true };
    gap.lines().any(|line| {
        let line = line.trim_start_matches([' ', '\t', '>']);
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        line.starts_with(['-', '*', '+']) || (number.len() < line.len() && number.starts_with(['.', ')']))
    })
}
