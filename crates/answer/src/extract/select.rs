//! How many of the likely sentences make the best answer, and what they need around them.

use std::collections::BTreeSet;

use domain::SegmentKind;

use super::{Reading, Scored};

/// Most sentences that are chosen by their likelihood; companions such as the steps of a list come on top.
const CHOSEN_MAX: usize = 3;

/// Sentences that open with one of these say nothing without the one before. English only: measured there.
const PRONOUNS: [&str; 11] =
    ["it", "he", "she", "they", "this", "these", "those", "its", "his", "her", "their"];

/// The chosen sentences by their index in the reading, likeliest first.
///
/// As many as make the expected F1 largest: with `k` of them, `2 · Σ p chosen / (k + Σ p all)`.
pub(super) fn select(reading: &Reading, scored: &[Scored]) -> Vec<usize> {
    let mut order: Vec<&Scored> = scored.iter().collect();
    order.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.index.cmp(&b.index)));
    let mut seen = BTreeSet::new();
    order.retain(|scored| seen.insert(reading.sentences[scored.index].segment.text.as_str()));
    let all: f64 = order.iter().map(|scored| scored.probability).sum();
    let mut best = (0.0, 0);
    let mut sum = 0.0;
    for (scored, k) in order.iter().zip(1_u32..).take(CHOSEN_MAX) {
        sum += scored.probability;
        let expected = 2.0 * sum / (f64::from(k) + all);
        if expected > best.0 {
            best = (expected, k as usize);
        }
    }
    let mut chosen: Vec<usize> = order[..best.1].iter().map(|scored| scored.index).collect();
    for at in 0..chosen.len() {
        if chosen.len() < CHOSEN_MAX
            && let Some(before) = needed_before(reading, chosen[at])
            && !chosen.contains(&before)
        {
            chosen.push(before);
        }
    }
    chosen
}

/// The sentence that a pronoun at the beginning of this one refers to.
fn needed_before(reading: &Reading, index: usize) -> Option<usize> {
    let sentence = &reading.sentences[index];
    let first = sentence.segment.text.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())?;
    let opens_with_pronoun =
        sentence.segment.kind == SegmentKind::Sentence && PRONOUNS.contains(&first.to_lowercase().as_str());
    let before = reading.before(index)?;
    (opens_with_pronoun && before.segment.kind == SegmentKind::Sentence).then_some(index - 1)
}
