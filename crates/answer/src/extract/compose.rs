//! Puts the chosen sentences together so that they can be read: lists of steps whole, each with the line that
//! introduces it, tables with their head, all in the article's order.

use std::{collections::BTreeSet, ops::Range};

use domain::{SegmentKind, SentenceLayout};

use super::{Quotes, Reading, cite::Quote};

/// Segments of a list up to which it is quoted whole. Longer lists are references, of which only what was asked for is
/// quoted, with the citation leading to the rest.
const LIST_SEGMENTS_MAX: usize = 20;
/// Longest answer, in characters of its source, unless its first part alone is longer: a screen of a phone or two.
const ANSWER_CHARS_MAX: usize = 2_400;

/// Quotes the chosen sentences, likeliest first in `chosen`, with what belongs to them.
pub(super) fn compose<'h>(reading: &Reading<'h>, chosen: &[usize]) -> Quotes<'h> {
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    let mut n_chars = 0;
    for &index in chosen {
        let added: Vec<usize> =
            whole(reading, index, chosen).into_iter().filter(|index| !kept.contains(index)).collect();
        let length =
            |index: &usize| reading.sentences[*index].segment.end - reading.sentences[*index].segment.start;
        let cost: usize = added.iter().map(length).sum();
        if n_chars > 0 && n_chars + cost > ANSWER_CHARS_MAX {
            continue;
        }
        n_chars += cost;
        kept.extend(added);
    }
    let mut quotes = vec![];
    let mut previous = None;
    for index in kept {
        let sentence = &reading.sentences[index];
        let hit = reading.articles[sentence.rank].hit;
        let layout = layout(reading, previous, index);
        quotes.push(Quote { hit, passage: reading.passages[sentence.part], at: sentence.at, layout });
        previous = Some(index);
    }
    Quotes(quotes)
}

/// A sentence with everything without which it cannot be read.
fn whole(reading: &Reading, index: usize, chosen: &[usize]) -> BTreeSet<usize> {
    let kind = |index: usize| reading.sentences[index].segment.kind;
    let mut whole = BTreeSet::from([index]);
    match kind(index) {
        SegmentKind::Step { .. } => whole.extend(list_around(reading, index)),
        SegmentKind::Item { .. } => {
            let list = list_around(reading, index);
            let n_chosen = chosen.iter().filter(|other| list.contains(other)).count();
            let introduced =
                list.start > 0 && chosen.contains(&(list.start - 1)) && promises(reading, list.start - 1);
            if n_chosen > 1 || introduced {
                whole.extend(list);
            }
        }
        // The first row names the columns.
        SegmentKind::Row { .. } => {
            whole.extend(article(reading, index).find(|&other| kind(other) == kind(index)));
        }
        SegmentKind::Sentence | SegmentKind::Code => {}
    }
    // What ends in a colon promises the next block, and the sentence before numbered steps tells what they do.
    let last = whole.last().copied().unwrap_or(index);
    if article(reading, index).contains(&(last + 1)) {
        match kind(last + 1) {
            SegmentKind::Step { .. } if promises(reading, last) || kind(last) == SegmentKind::Sentence => {
                whole.extend(list_around(reading, last + 1));
            }
            SegmentKind::Item { .. } if promises(reading, last) => {
                whole.extend(list_around(reading, last + 1));
            }
            SegmentKind::Sentence | SegmentKind::Code if promises(reading, last) => {
                whole.insert(last + 1);
            }
            // A head alone says nothing.
            SegmentKind::Row { .. } if promises(reading, last) => {
                let rows: Vec<usize> =
                    article(reading, index).filter(|&other| kind(other) == kind(last + 1)).collect();
                if rows.len() <= LIST_SEGMENTS_MAX {
                    whole.extend(rows);
                }
            }
            _ => {}
        }
    }
    let first = whole.first().copied().unwrap_or(index);
    if first > article(reading, index).start
        && kind(first) != SegmentKind::Sentence
        && promises(reading, first - 1)
    {
        whole.insert(first - 1);
    }
    whole
}

fn article(reading: &Reading, index: usize) -> Range<usize> {
    reading.articles[reading.sentences[index].rank].sentences.clone()
}

/// From the first to the last segment of the list that this one is in, with what is nested between; nothing when the
/// list is too long to be quoted whole.
fn list_around(reading: &Reading, index: usize) -> Range<usize> {
    let wanted = list_of(reading, index);
    let mut all =
        article(reading, index).filter(|&other| wanted.is_some() && list_of(reading, other) == wanted);
    let first = all.next().unwrap_or(index);
    let last = all.next_back().unwrap_or(first);
    if last - first < LIST_SEGMENTS_MAX { first..last + 1 } else { index..index }
}

fn list_of(reading: &Reading, index: usize) -> Option<u32> {
    match reading.sentences[index].segment.kind {
        SegmentKind::Item { list } | SegmentKind::Step { list } => Some(list),
        _ => None,
    }
}

fn promises(reading: &Reading, index: usize) -> bool {
    reading.sentences[index].segment.text.trim_end().ends_with([':', '：'])
}

/// How a sentence joins the one quoted before it.
fn layout(reading: &Reading, previous: Option<usize>, index: usize) -> SentenceLayout {
    let sentence = &reading.sentences[index];
    let before =
        previous.map(|previous| &reading.sentences[previous]).filter(|before| before.part == sentence.part);
    let goes_on = previous.is_some_and(|previous| previous + 1 == index)
        && before.is_some_and(|before| before.segment.kind == sentence.segment.kind);
    match sentence.segment.kind {
        SegmentKind::Sentence
            if before.is_some_and(|before| before.segment.anchor == sentence.segment.anchor) =>
        {
            SentenceLayout::Inline
        }
        SegmentKind::Sentence => SentenceLayout::Paragraph,
        SegmentKind::Row { .. } => SentenceLayout::Row,
        SegmentKind::Code => SentenceLayout::Block,
        // An item of several paragraphs or sentences is one item.
        SegmentKind::Item { .. } | SegmentKind::Step { .. } if goes_on && !begins_item(reading, index) => {
            SentenceLayout::Inline
        }
        SegmentKind::Item { .. } => SentenceLayout::Bullet,
        // A part of a long list would be counted from 1 again.
        SegmentKind::Step { .. } if list_around(reading, index).is_empty() => SentenceLayout::Bullet,
        SegmentKind::Step { .. } => SentenceLayout::Step,
    }
}

/// Whether a list mark (`1.`, `2)`, `-`, `*`, `+`) stands between the segment before and this one.
fn begins_item(reading: &Reading, index: usize) -> bool {
    let sentence = &reading.sentences[index];
    let passage = reading.passages[sentence.part];
    let base = passage.passage.start;
    let before = sentence.at.checked_sub(1).map(|previous| passage.passage.segments[previous].end);
    let gap = before
        .and_then(|before| before.checked_sub(base))
        .zip(sentence.segment.start.checked_sub(base))
        .and_then(|(start, end)| passage.source.get(start..end));
    let Some(gap) = gap else { return true };
    gap.lines().any(|line| {
        let line = line.trim_start_matches([' ', '\t', '>']);
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        line.starts_with(['-', '*', '+']) || (number.len() < line.len() && number.starts_with(['.', ')']))
    })
}
