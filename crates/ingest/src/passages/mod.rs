//! Cuts a body into passages: at headings first, then into groups of whole blocks of about the wanted size.
//!
//! Lists, tables, code and sentences stay whole where they fit.
//! Every visible character lands in a segment, in the headings of a passage, or is the title.

mod pack;
mod section;
mod segment;
mod words;

use domain::{Passage, PassageId, VersionId};

use crate::document::{Parts, parse};
use pack::{Group, pack};
use section::{Section, sections};

/// How passages are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassageOptions {
    /// About how many words a passage has.
    pub words_target: usize,
    /// Up to how many words a passage may have to keep a block whole.
    pub words_max: usize,
}

impl Default for PassageOptions {
    /// The shipped sizes: RETRIEVAL.md measured with 180 words, which are about 240 tokens, and the model reads 256.
    fn default() -> Self {
        Self { words_target: 180, words_max: 220 }
    }
}

/// Cuts a body into passages, in reading order.
///
/// Headings are in [`Passage::headings`], not in segments, unless there is nothing under them.
/// A first heading that repeats the title belongs to the title.
pub fn passages(version_id: &VersionId, title: &str, body: &str, options: &PassageOptions) -> Vec<Passage> {
    let events = parse(body, Parts::Below(title));
    let mut passages = Vec::new();
    for section in sections(&events, options.words_max) {
        let Section { headings, anchor, start, blocks } = section;
        for (index, group) in pack(blocks, options).into_iter().enumerate() {
            let Group { anchor: own, segments } = group;
            let (Some(first), Some(last)) = (segments.first(), segments.last()) else { continue };
            let ordinal = u32::try_from(passages.len()).unwrap_or(u32::MAX);
            passages.push(Passage {
                id: PassageId::new(format!("{version_id}:{ordinal}")),
                ordinal,
                anchor: if index == 0 { anchor.clone() } else { own },
                headings: headings.clone(),
                start: if index == 0 { start.min(first.start) } else { first.start },
                end: last.end,
                segments,
            });
        }
    }
    passages
}
