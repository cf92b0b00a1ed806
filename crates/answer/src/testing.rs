//! Hits for the tests of this crate, as search and ingest would make them of plain paragraphs and lists.

use domain::{
    ArticleId, Audience, Evidence, Hit, Hits, LegScores, Locale, Passage, PassageId, ScoredPassage, Segment,
    SegmentKind, Snippet, VersionId,
};
use language::Language;

/// Builds hits; articles come in the order of their rank.
pub(crate) struct HitsBuilder {
    hits: Hits,
    bodies: Vec<String>,
}

impl HitsBuilder {
    pub(crate) fn new(query: &str) -> Self {
        let hits = Hits {
            query: query.to_owned(),
            language: "en".to_owned(),
            hits: vec![],
            evidence: Evidence::default(),
            index_seq: 1,
        };
        Self { hits, bodies: vec![] }
    }

    pub(crate) fn language(mut self, language: &str) -> Self {
        self.hits.language = language.to_owned();
        self
    }

    pub(crate) fn dense(mut self) -> Self {
        self.hits.evidence.dense = true;
        self
    }

    /// An article of one passage, which is its whole body. Each line is a block: `1. ` a step, `- ` an item, `| ` a row,
    /// four spaces code, anything else sentences.
    pub(crate) fn article(self, id: &str, title: &str, body: &str) -> Self {
        let prefix = format!("Prefix of é {id}. ");
        self.article_after(id, title, &prefix, body)
    }

    /// The same where the passage begins after other text of the body.
    pub(crate) fn article_after(mut self, id: &str, title: &str, before: &str, body: &str) -> Self {
        let whole = format!("{before}{body}");
        let segments = segments(&whole, before.len());
        let passage = Passage {
            id: PassageId::new(format!("{id}:0")),
            ordinal: 0,
            anchor: format!("{id}-top"),
            headings: vec![],
            start: before.len(),
            end: whole.len(),
            segments,
        };
        let score = 1.5 / (1.0 + self.hits.hits.len() as f64);
        self.hits.hits.push(Hit {
            article_id: ArticleId::new(id),
            version_id: VersionId::new(format!("{id}-v1")),
            external_id: None,
            slug: id.to_owned(),
            title: title.to_owned(),
            collection: None,
            locale: Locale::english(),
            audience: Audience::Public,
            score,
            legs: LegScores::default(),
            past_tickets: vec![],
            passages: vec![ScoredPassage {
                passage,
                source: body.to_owned(),
                source_start_chars: before.chars().count(),
                score,
                cosine: None,
            }],
            snippet: Snippet::default(),
        });
        self.bodies.push(whole);
        self
    }

    /// Cuts the last article's passage in two before its segment `at`, as ingest does with long sections.
    pub(crate) fn cut(mut self, at: usize) -> Self {
        let (Some(hit), Some(body)) = (self.hits.hits.last_mut(), self.bodies.last()) else { return self };
        let mut first = hit.passages.remove(0);
        let mut second = first.clone();
        second.passage.segments = first.passage.segments.split_off(at);
        second.passage.ordinal = 1;
        second.passage.start = second.passage.segments[0].start;
        first.passage.end = first.passage.segments[at - 1].end;
        for passage in [&mut first, &mut second] {
            passage.source = body[passage.passage.start..passage.passage.end].to_owned();
            passage.source_start_chars = body[..passage.passage.start].chars().count();
        }
        // The later one is the better one, which is the harder case.
        hit.passages = vec![second, first];
        self
    }

    /// Segments of the last article's first passage.
    pub(crate) fn n_segments(&self) -> usize {
        self.hits.hits.last().map_or(0, |hit| hit.passages[0].passage.segments.len())
    }

    /// Sets the last article's score.
    pub(crate) fn scoring(mut self, score: f64) -> Self {
        if let Some(hit) = self.hits.hits.last_mut() {
            hit.score = score;
        }
        self
    }

    /// Sets how near the last article's best passage is.
    pub(crate) fn near(mut self, cosine: f64) -> Self {
        if let Some(hit) = self.hits.hits.last_mut() {
            hit.legs.dense_passage = Some(cosine);
        }
        self
    }

    /// Sets the evidence.
    pub(crate) fn evidence(mut self, evidence: Evidence) -> Self {
        self.hits.evidence = evidence;
        self
    }

    pub(crate) fn build(self) -> Hits {
        self.hits
    }

    /// The hits and the whole bodies of their articles, in the same order.
    pub(crate) fn with_bodies(self) -> (Hits, Vec<String>) {
        (self.hits, self.bodies)
    }
}

fn segments(whole: &str, from: usize) -> Vec<Segment> {
    let mut segments: Vec<Segment> = vec![];
    let mut start = from;
    let mut list = 0;
    let mut before = None;
    for (n, line) in whole[from..].split_inclusive('\n').enumerate() {
        let (kind, mark) = match line {
            l if l.starts_with("    ") => (SegmentKind::Code, 4),
            l if l.starts_with("- ") => (SegmentKind::Item { list }, 2),
            l if l.starts_with("| ") => (SegmentKind::Row { table: 0 }, 2),
            l if l.starts_with(|c: char| c.is_ascii_digit()) && l.contains(". ") => {
                (SegmentKind::Step { list }, l.find(". ").map_or(0, |at| at + 2))
            }
            _ => (SegmentKind::Sentence, 0),
        };
        if before != Some(std::mem::discriminant(&kind)) {
            list += 1;
            before = Some(std::mem::discriminant(&kind));
        }
        let kind = match kind {
            SegmentKind::Item { .. } => SegmentKind::Item { list },
            SegmentKind::Step { .. } => SegmentKind::Step { list },
            other => other,
        };
        let block = if kind == SegmentKind::Sentence { format!("p{n}") } else { format!("b{list}") };
        let text = line.trim_end();
        let ranges = match kind {
            SegmentKind::Sentence => language::sentences(text),
            _ => std::iter::once(mark.min(text.len())..text.len()).collect(),
        };
        for range in ranges.into_iter().filter(|range| !text[range.clone()].trim().is_empty()) {
            segments.push(Segment {
                kind,
                anchor: block.clone(),
                start: start + range.start,
                end: start + range.end,
                text: text[range].to_owned(),
            });
        }
        start += line.len();
    }
    segments
}

/// Evidence of a question that is well covered, with the idf of its terms.
pub(crate) fn good_evidence(question: &str) -> Evidence {
    let terms =
        language::analyze(question, Language::english()).into_iter().map(|term| (term.text, 3.0)).collect();
    Evidence {
        terms,
        cosine_best: 0.75,
        cosine_mean: 0.1,
        lexical_best: 0.4,
        passage_coverage: 0.9,
        dense: true,
        ..Evidence::default()
    }
}
