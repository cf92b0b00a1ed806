//! Counts what did not help: votes, complaints, and the same question asked again in other words.

use std::collections::HashSet;

use domain::FAILURES_BEFORE_HANDOFF;
use language::Language;

use super::small_talk::is_complaint;
use crate::{phrase::Phrased, question::terms};

/// Earlier texts of the customer that count; what lies further back was another matter.
const EARLIER_MAX: usize = 4;
/// Share of the content terms that two wordings of one question have in common. Two different questions about one
/// product share its name and one or two words more, seldom half.
const SAME_SHARE_MIN: f64 = 0.6;
/// Shared terms below which two texts are not called the same: `reset password` is a topic, not yet a question.
const SAME_TERMS_MIN: usize = 2;

/// What the customer's text says about the answers so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    None,
    /// The last answer did not help; it was the first.
    Complaint,
    /// It did not help again.
    Enough,
}

/// Adds up the failures that are on record and those that this text tells of.
pub(super) fn judge(
    text: &str,
    phrased: &Phrased,
    earlier: &[&str],
    n_failures: u32,
    fallback: Language,
) -> Verdict {
    let earlier = &earlier[earlier.len().saturating_sub(EARLIER_MAX)..];
    if earlier.is_empty() {
        return Verdict::None;
    }
    let complains = is_complaint(phrased);
    let n_complaints = earlier.iter().filter(|text| is_complaint(&Phrased::new(text))).count();
    let language = language::detect(text, &[], fallback);
    let asked = terms(text, language);
    let n_repeated = earlier.iter().filter(|text| is_same(&asked, &terms(text, language))).count();
    if !complains && n_repeated == 0 {
        return Verdict::None;
    }
    let told = n_complaints + n_repeated + usize::from(complains);
    match n_failures.saturating_add(u32::try_from(told).unwrap_or(u32::MAX)) {
        n if n >= FAILURES_BEFORE_HANDOFF => Verdict::Enough,
        _ if complains => Verdict::Complaint,
        _ => Verdict::None,
    }
}

/// Whether two questions ask the same, judged by their content terms (Jaccard).
fn is_same(a: &HashSet<String>, b: &HashSet<String>) -> bool {
    let n_shared = a.intersection(b).count();
    let n_all = a.union(b).count();
    n_shared >= SAME_TERMS_MIN && n_shared as f64 >= SAME_SHARE_MIN * n_all as f64
}
