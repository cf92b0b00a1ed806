//! Packs the blocks of a section into passages of about the wanted size.

use domain::Segment;

use super::PassageOptions;
use super::section::Block;
use super::words::n_words;

/// A passage in the making.
pub(super) struct Group {
    /// Leads to its first segment.
    pub(super) anchor: String,
    pub(super) segments: Vec<Segment>,
}

/// What is not taken apart any further.
struct Unit {
    anchor: String,
    n_words: usize,
    segments: Vec<Segment>,
}

/// A last passage smaller than this part of the target joins the one before it: a lone sentence finds nothing.
const TAIL_PART: usize = 6;

/// Packs the blocks of one section. Each group but the last comes near the same size, so that no small rest is left.
pub(super) fn pack(blocks: Vec<Block>, options: &PassageOptions) -> Vec<Group> {
    let units = units(blocks, options.words_max);
    let total: usize = units.iter().map(|unit| unit.n_words).sum();
    let n_groups = if total <= options.words_max { 1 } else { total.div_ceil(options.words_target.max(1)) };
    let goal = total.div_ceil(n_groups.max(1));
    let mut groups: Vec<(usize, Group)> = Vec::new();
    for unit in units {
        match groups.last_mut() {
            Some((n_words, group)) if n_groups == 1 || joins(*n_words, unit.n_words, goal, options) => {
                *n_words += unit.n_words;
                group.segments.extend(unit.segments);
            }
            _ => groups.push((unit.n_words, Group { anchor: unit.anchor, segments: unit.segments })),
        }
    }
    join_tail(&mut groups, options);
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Whether the next unit belongs to the open group: it fits, and the group comes nearer to its goal with it.
fn joins(open: usize, next: usize, goal: usize, options: &PassageOptions) -> bool {
    let with = open + next;
    with <= goal || (with <= options.words_max && with - goal <= goal.saturating_sub(open))
}

fn join_tail(groups: &mut Vec<(usize, Group)>, options: &PassageOptions) {
    let [.., (before, _), (tail, _)] = groups.as_slice() else { return };
    if *tail >= options.words_target / TAIL_PART || before + tail > options.words_max {
        return;
    }
    if let Some((_, tail)) = groups.pop()
        && let Some((_, before)) = groups.last_mut()
    {
        before.segments.extend(tail.segments);
    }
}

/// Blocks that fit stay whole, with the line that introduces them ("To do so:"); others fall into their segments.
fn units(blocks: Vec<Block>, words_max: usize) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut introduces = false;
    for block in blocks {
        let n_words: usize = block.segments.iter().map(|segment| n_words(&segment.text)).sum();
        let introduced = std::mem::replace(&mut introduces, block.introduces());
        match units.last_mut() {
            Some(before) if introduced && before.n_words + n_words <= words_max => {
                before.n_words += n_words;
                before.segments.extend(block.segments);
            }
            _ if n_words <= words_max => {
                units.push(Unit { anchor: block.anchor, n_words, segments: block.segments });
            }
            _ => units.extend(pieces(block)),
        }
    }
    units
}

/// The segments of a block that is too large, each with an anchor of its own.
fn pieces(block: Block) -> impl Iterator<Item = Unit> {
    let anchor = block.anchor;
    block.segments.into_iter().enumerate().map(move |(index, segment)| Unit {
        anchor: if index == 0 { anchor.clone() } else { format!("{anchor}-s{}", index + 1) },
        n_words: n_words(&segment.text),
        segments: vec![segment],
    })
}
