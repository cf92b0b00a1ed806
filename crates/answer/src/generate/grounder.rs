//! Reads a model's answer while it streams and lets through what its source supports.

use domain::{AnswerSentence, BotTurn, Citation, Hits, SentenceLayout};
use language::Language;

use super::{
    sanitize::sanitize,
    sources::{Source, sources},
    support::find_support,
    unit::{Cited, sentences, take_unit},
};
use crate::extract::Span;

/// Most sentences of an answer: more is an essay.
const SENTENCES_MAX: usize = 20;
/// Longest answer that is read, in bytes; the rest is ignored.
const READ_BYTES_MAX: usize = 16 << 10;
/// Dropped sentences that are recorded, and the longest record of one, in characters.
const DROPPED_MAX: usize = 20;
const DROPPED_CHARS_MAX: usize = 300;

/// Checks a model's words, piece by piece.
pub struct Grounder<'h> {
    sources: Vec<Source<'h>>,
    language: Language,
    buffer: String,
    n_bytes: usize,
    /// Whether the next sentence goes on in a paragraph that has begun.
    in_paragraph: bool,
    sentences: Vec<AnswerSentence>,
    citations: Vec<Citation>,
    dropped: Vec<String>,
}

/// What is left of a model's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Grounded {
    /// The supported sentences with their citations; `None` when there are none.
    pub turn: Option<BotTurn>,
    /// What was said and not shown, for the trace.
    pub dropped: Vec<String>,
}

impl<'h> Grounder<'h> {
    /// Checks against the sources of these hits, numbered as in the prompt.
    pub(crate) fn new(question: &str, hits: &'h Hits) -> Self {
        let language = Language::parse(&hits.language)
            .unwrap_or_else(|| language::detect(question, &[], Language::english()));
        Self {
            sources: sources(hits),
            language,
            buffer: String::new(),
            n_bytes: 0,
            in_paragraph: false,
            sentences: vec![],
            citations: vec![],
            dropped: vec![],
        }
    }

    /// Takes the next piece of text and gives the sentences that it completes and that are supported.
    pub fn push(&mut self, piece: &str) -> Vec<(AnswerSentence, Citation)> {
        self.n_bytes += piece.len();
        if self.n_bytes > READ_BYTES_MAX {
            return vec![];
        }
        self.buffer.push_str(piece);
        let mut shown = vec![];
        while let Some(unit) = take_unit(&mut self.buffer) {
            shown.extend(self.read(&unit));
        }
        shown
    }

    /// Takes what is left, and gives the last sentences and the whole answer.
    pub fn finish(mut self, confidence: f64) -> (Vec<(AnswerSentence, Citation)>, Grounded) {
        let rest = std::mem::take(&mut self.buffer);
        let shown = self.read(&rest);
        let Self { sentences, citations, dropped, .. } = self;
        let turn = (!sentences.is_empty()).then_some(BotTurn::Answer { sentences, citations, confidence });
        (shown, Grounded { turn, dropped })
    }

    /// Reads a unit: its layout, then its sentences.
    fn read(&mut self, unit: &str) -> Vec<(AnswerSentence, Citation)> {
        let line = unit.trim();
        if line.is_empty() || line.starts_with("```") {
            self.in_paragraph = self.in_paragraph && !unit.contains('\n');
            return vec![];
        }
        let (listed, text) = without_marker(line);
        let mut layout = listed.unwrap_or(if self.in_paragraph {
            SentenceLayout::Inline
        } else {
            SentenceLayout::Paragraph
        });
        let mut shown = vec![];
        for cited in sentences(text) {
            if let Some(sentence) = self.ground(&cited, layout) {
                shown.push(sentence);
                layout = SentenceLayout::Inline;
            } else {
                self.drop_sentence(&cited.text);
            }
        }
        self.in_paragraph = !unit.ends_with('\n') && (self.in_paragraph || !shown.is_empty());
        shown
    }

    /// A sentence with the citation that supports it, the best of those it names.
    fn ground(&mut self, cited: &Cited, layout: SentenceLayout) -> Option<(AnswerSentence, Citation)> {
        if self.sentences.len() >= SENTENCES_MAX {
            return None;
        }
        let (text, span) = cited.sources.iter().find_map(|n| {
            let source = self.sources.iter().find(|source| source.n == *n)?;
            let text = sanitize(&cited.text, &source.passage.source);
            let found = find_support(&text, &source.hit.title, source.passage, self.language)?;
            Some((
                text,
                Span { hit: source.hit, passage: source.passage, first: found.start, last: found.end - 1 },
            ))
        })?;
        let citation = self.cite(&span)?;
        let sentence = AnswerSentence { text, citation: citation.n, layout };
        self.sentences.push(sentence.clone());
        Some((sentence, citation))
    }

    /// The citation of a span, the same one each time.
    fn cite(&mut self, span: &Span) -> Option<Citation> {
        let n = u32::try_from(self.citations.len() + 1).unwrap_or(u32::MAX);
        let new = span.citation(n)?;
        let known = self.citations.iter().find(|known| {
            known.version_id == new.version_id && known.start == new.start && known.end == new.end
        });
        if let Some(known) = known {
            return Some(known.clone());
        }
        self.citations.push(new.clone());
        Some(new)
    }

    fn drop_sentence(&mut self, text: &str) {
        if self.dropped.len() < DROPPED_MAX {
            self.dropped.push(text.chars().take(DROPPED_CHARS_MAX).collect());
        }
    }
}

/// Takes the mark of a list, a heading or a quotation off a line.
fn without_marker(line: &str) -> (Option<SentenceLayout>, &str) {
    let plain = line.trim_start_matches(['#', '>', '|']).trim_start();
    for mark in ["- ", "* ", "+ ", "• "] {
        if let Some(text) = plain.strip_prefix(mark) {
            return (Some(SentenceLayout::Bullet), text.trim_start());
        }
    }
    let digits = plain.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits)
        && let Some(text) = plain[digits..].strip_prefix(['.', ')'])
        && text.starts_with(' ')
    {
        return (Some(SentenceLayout::Step), text.trim_start());
    }
    (None, plain)
}

#[cfg(test)]
mod tests;
