//! Solved tickets from a file as a site's past: read, learned from and used, the way a site does it.

use std::{collections::HashSet, path::Path, sync::Arc, time::Instant};

use domain::{ArticleId, Audience, Locale, TicketId, Timestamp};
use learn::{Report, Solved, Verdict};
use search::Remembered;
use serde::{Deserialize, Serialize};

use crate::{corpus, library::Library, retrieval::id};

/// Texts of one request to the model.
const TEXTS_PER_REQUEST: usize = 64;

/// What was learned from a history.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryReport {
    /// The training's own record.
    #[serde(flatten)]
    pub report: Report,
    /// Whether the questions were asked with what was learned: only where it is good enough.
    pub in_use: bool,
    /// Seconds spent on embedding the solved tickets.
    pub embed_s: f64,
    /// Seconds spent on learning.
    pub learn_s: f64,
    /// Bytes that what was learned holds in memory, about.
    pub n_bytes: usize,
}

/// A solved ticket as it stands in a file.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    #[serde(rename = "_id")]
    id: serde_json::Value,
    #[serde(default)]
    created: serde_json::Value,
    pub(crate) text: String,
    #[serde(default)]
    relevant: Vec<serde_json::Value>,
    #[serde(default)]
    pub(crate) reply: String,
}

impl Line {
    pub(crate) fn id(&self) -> String {
        id(&self.id)
    }
}

/// The solved tickets of a file, oldest first, without those whose ids are asked about.
pub(crate) fn read(path: &Path, asked: &HashSet<String>) -> anyhow::Result<Vec<Line>> {
    let mut lines: Vec<Line> = corpus::values(path)?;
    lines.retain(|line| !asked.contains(&line.id()) && !line.text.trim().is_empty());
    // Times of one file are written in one way, so their texts are in order too; numbers are made equally long.
    lines.sort_by_cached_key(|line| match &line.created {
        serde_json::Value::Number(number) => format!("{:020.3}", number.as_f64().unwrap_or_default()),
        created => created.as_str().unwrap_or_default().to_owned(),
    });
    Ok(lines)
}

/// Learns from solved tickets and searches with it from now on; where it is not good enough, the memory only serves
/// suggested replies.
pub(crate) async fn learn_from(library: &Library, lines: &[Line]) -> anyhow::Result<HistoryReport> {
    let started = Instant::now();
    let mut solved = Vec::with_capacity(lines.len());
    for (chunk, first) in lines.chunks(TEXTS_PER_REQUEST).zip((0..).step_by(TEXTS_PER_REQUEST)) {
        let questions: Vec<String> = chunk.iter().map(|line| redact::redact(&line.text, &[])).collect();
        let texts = questions.clone();
        let vectors = library.embedder.embed(texts).await?;
        solved.extend(chunk.iter().zip(questions).zip(vectors).zip(first..).map(
            |(((line, question), vector), at)| Solved {
                remembered: Remembered {
                    ticket_id: TicketId::new(line.id()),
                    customer_id: None,
                    question,
                    vector,
                    audiences: vec![Audience::Public],
                    links: line.relevant.iter().map(|article| (ArticleId::new(id(article)), 1.0)).collect(),
                    has_reply: !line.reply.trim().is_empty(),
                },
                solved_at: Timestamp(at),
                locale: Locale::english(),
            },
        ));
    }
    let embed_s = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let dims = library.embedder.dims();
    let trained = learn::train(&library.engine, dims, &solved, None).await?;
    let learn_s = started.elapsed().as_secs_f64();
    let n_bytes = trained.learned.n_bytes();
    let in_use = trained.report.verdict == Verdict::Good;
    library.engine.set_learned(Some(Arc::new(trained.learned.numbered(in_use.then_some(1)))));
    Ok(HistoryReport { report: trained.report, in_use, embed_s, learn_s, n_bytes })
}
