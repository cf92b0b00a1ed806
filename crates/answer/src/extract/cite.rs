//! Quotes from the published text, and the only way to make an answer of them.

use domain::{AnswerSentence, BotTurn, Citation, Hit, ScoredPassage, Segment, SentenceLayout};

/// The source of a segment within its passage, and where it begins in the version's body, in characters.
fn source_of(passage: &ScoredPassage, start: usize, end: usize) -> Option<(&str, usize)> {
    let base = passage.passage.start;
    let (start, end) = (start.checked_sub(base)?, end.checked_sub(base)?);
    let source = passage.source.get(start..end)?;
    let before = passage.source.get(..start)?;
    Some((source, passage.source_start_chars + before.chars().count()))
}

/// Neighbouring segments of one passage, the first and the last by their index.
pub(crate) struct Span<'h> {
    pub(crate) hit: &'h Hit,
    pub(crate) passage: &'h ScoredPassage,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

impl Span<'_> {
    /// The citation of the span, numbered `n`; `None` when the hit's text does not reach that far.
    pub(crate) fn citation(&self, n: u32) -> Option<Citation> {
        let first = self.passage.passage.segments.get(self.first)?;
        let last = self.passage.passage.segments.get(self.last)?;
        let (quote, start) = source_of(self.passage, first.start, last.end)?;
        (!quote.trim().is_empty()).then(|| Citation {
            n,
            article_id: self.hit.article_id.clone(),
            version_id: self.hit.version_id.clone(),
            external_id: self.hit.external_id.clone(),
            slug: self.hit.slug.clone(),
            locale: self.hit.locale.clone(),
            title: self.hit.title.clone(),
            anchor: first.anchor.clone(),
            start,
            end: start + quote.chars().count(),
            quote: quote.to_owned(),
        })
    }
}

/// A quoted segment and how it joins the one before it.
pub(crate) struct Quote<'h> {
    pub(crate) hit: &'h Hit,
    pub(crate) passage: &'h ScoredPassage,
    pub(crate) at: usize,
    pub(crate) layout: SentenceLayout,
}

impl<'h> Quote<'h> {
    fn segment(&self) -> &'h Segment {
        &self.passage.passage.segments[self.at]
    }

    /// Whether this quote goes on where the other one ends, in the same block of the article.
    fn continues(&self, other: &Self) -> bool {
        std::ptr::eq(self.passage, other.passage)
            && self.at == other.at + 1
            && self.segment().anchor == other.segment().anchor
    }
}

/// Quotes in reading order.
pub(crate) struct Quotes<'h>(pub(crate) Vec<Quote<'h>>);

impl Quotes<'_> {
    /// The answer that these quotes make; `None` when there is none, because an answer without a citation is no answer.
    ///
    /// Neighbouring segments of one block share a citation, whose quote runs from the first to the last.
    pub(crate) fn into_answer(self, confidence: f64) -> Option<BotTurn> {
        let mut sentences = vec![];
        let mut citations = vec![];
        let mut rest = self.0.as_slice();
        while let Some(first) = rest.first() {
            let n_joined = rest.windows(2).take_while(|pair| pair[1].continues(&pair[0])).count();
            let (run, after) = rest.split_at(n_joined + 1);
            rest = after;
            let n = u32::try_from(citations.len() + 1).unwrap_or(u32::MAX);
            let span =
                Span { hit: first.hit, passage: first.passage, first: first.at, last: first.at + n_joined };
            let Some(citation) = span.citation(n) else { continue };
            for quote in run {
                let segment = quote.segment();
                if let Some((text, _)) = source_of(quote.passage, segment.start, segment.end) {
                    sentences.push(AnswerSentence {
                        text: text.to_owned(),
                        citation: n,
                        layout: quote.layout,
                    });
                }
            }
            citations.push(citation);
        }
        (!sentences.is_empty()).then_some(BotTurn::Answer { sentences, citations, confidence })
    }
}
