//! Picks the sentences and steps that answer a question out of the best passages, to the letter.
//!
//! Source of every formula and constant here: the ANSWER calibration of 2026-11-21 (clapnq gold, ten folds: set F1 .645
//! with vectors and .634 without; one annotator against the others .783; the first three sentences .490).

mod cite;
mod compose;
mod reading;
mod score;
mod select;

pub(crate) use cite::{Quotes, Span};
pub(crate) use reading::{Reading, Vectors};
pub(crate) use score::{Scored, score};

use compose::compose;
use select::select;

/// The sentences that answer, with their citations; empty when the passages hold nothing quotable.
pub(crate) fn extract<'h>(reading: &Reading<'h>, scored: &[Scored]) -> Quotes<'h> {
    compose(reading, &select(reading, scored))
}

#[cfg(test)]
mod tests;
