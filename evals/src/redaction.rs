//! How much personal data a text loses, and how much else, against marked texts.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    path::Path,
};

use redact::Kind;
use serde::{Deserialize, Serialize};

use crate::corpus;

/// Marked spans of these types count. What lies in a span of another type is neither a miss nor a false alarm.
const TYPES: [(&str, Kind); 8] = [
    ("EMAIL_ADDRESS", Kind::Email),
    ("PHONE_NUMBER", Kind::Phone),
    ("CREDIT_CARD", Kind::Card),
    ("IBAN_CODE", Kind::Iban),
    ("IP_ADDRESS", Kind::Ip),
    ("US_SSN", Kind::NationalId),
    ("PERSON", Kind::Name),
    ("STREET_ADDRESS", Kind::Address),
];

/// What was measured.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RedactionReport {
    /// Over the spans and the findings of all kinds.
    pub all: RedactionFigures,
    /// By the label of the kind, such as `[email]`.
    pub by_kind: BTreeMap<String, RedactionFigures>,
    /// Texts.
    pub n_texts: usize,
}

/// The figures of one kind or of all. Shares are 0 to 1, and 0 when there is nothing to share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct RedactionFigures {
    /// Marked spans.
    pub n: usize,
    /// Marked spans of which at least half the characters are covered by findings, whatever their kind.
    pub found: usize,
    /// Findings.
    pub n_findings: usize,
    /// Findings that touch no marked span of any type.
    pub n_false_alarms: usize,
    /// Share of the findings that are no false alarms.
    pub precision: f64,
    /// Share of the spans that were found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

impl RedactionFigures {
    fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.found += other.found;
        self.n_findings += other.n_findings;
        self.n_false_alarms += other.n_false_alarms;
    }

    fn finish(&mut self) {
        self.precision = share(self.n_findings - self.n_false_alarms, self.n_findings);
        self.recall = share(self.found, self.n);
        let sum = self.precision + self.recall;
        self.f1 = if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 };
    }
}

/// A text with its marked spans.
#[derive(Debug, Deserialize)]
struct Marked {
    text: String,
    spans: Vec<Span>,
}

/// Offsets count characters.
#[derive(Debug, Deserialize)]
struct Span {
    entity_type: String,
    start_position: usize,
    end_position: usize,
}

/// Measures [`redact::find`] without known names on marked texts: JSONL of `text` and `spans`, plain or compressed.
///
/// # Errors
/// When the file cannot be read or has other lines.
pub fn redaction(texts: &Path) -> anyhow::Result<RedactionReport> {
    let texts: Vec<Marked> = corpus::values(texts)?;
    Ok(measure(&texts))
}

fn measure(texts: &[Marked]) -> RedactionReport {
    let mut by_kind: HashMap<Kind, RedactionFigures> = HashMap::new();
    for marked in texts {
        count(marked, &mut by_kind);
    }
    let mut report = RedactionReport { n_texts: texts.len(), ..RedactionReport::default() };
    for kind in Kind::ALL {
        let mut figures = by_kind.remove(&kind).unwrap_or_default();
        report.all.add(&figures);
        figures.finish();
        report.by_kind.insert(kind.label().to_owned(), figures);
    }
    report.all.finish();
    report
}

fn count(marked: &Marked, by_kind: &mut HashMap<Kind, RedactionFigures>) {
    let found: Vec<(Range<usize>, Kind)> =
        redact::find(&marked.text, &[]).into_iter().map(|found| (found.range, found.kind)).collect();
    let found = in_characters(&marked.text, &found);
    for span in &marked.spans {
        let Some((_, kind)) = TYPES.iter().find(|(name, _)| *name == span.entity_type) else { continue };
        let own = span.start_position..span.end_position;
        let covered: usize = found.iter().map(|(range, _)| overlap(range, &own)).sum();
        let figures = by_kind.entry(*kind).or_default();
        figures.n += 1;
        figures.found += usize::from(covered * 2 >= own.len());
    }
    for (range, kind) in &found {
        let touches = |span: &Span| overlap(range, &(span.start_position..span.end_position)) > 0;
        let figures = by_kind.entry(*kind).or_default();
        figures.n_findings += 1;
        figures.n_false_alarms += usize::from(!marked.spans.iter().any(touches));
    }
}

/// Byte offsets as character offsets.
fn in_characters(text: &str, found: &[(Range<usize>, Kind)]) -> Vec<(Range<usize>, Kind)> {
    let n_before = |at: usize| text[..at].chars().count();
    found.iter().map(|(range, kind)| (n_before(range.start)..n_before(range.end), *kind)).collect()
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> usize {
    one.end.min(other.end).saturating_sub(one.start.max(other.start))
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, spans: &[(&str, usize, usize)]) -> Marked {
        let spans = spans.iter().map(|(entity_type, start, end)| Span {
            entity_type: (*entity_type).to_owned(),
            start_position: *start,
            end_position: *end,
        });
        Marked { text: text.to_owned(), spans: spans.collect() }
    }

    #[test]
    fn spans_and_findings_are_counted_in_characters() {
        let report = measure(&[
            // Accents before it would move an offset in bytes.
            marked("éééé ada@example.org", &[("EMAIL_ADDRESS", 5, 20)]),
            marked("bo@example.org", &[]),
            marked("nothing here", &[("PERSON", 0, 7), ("AGE", 8, 12)]),
        ]);
        let mail = report.by_kind["[email]"];
        assert_eq!((mail.n, mail.found, mail.n_findings, mail.n_false_alarms), (1, 1, 2, 1));
        assert_eq!((mail.recall, mail.precision), (1.0, 0.5));
        assert_eq!((report.all.n, report.all.found, report.n_texts), (2, 1, 3));
    }
}
