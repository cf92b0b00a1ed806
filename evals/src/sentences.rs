//! How well the bot picks the sentences that people pick, given the right passage.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use answer::{AnswerConfig, Answerer, TopThree};
use domain::{BotTurn, Locale};
use embed::Embedder;
use search::SearchRequest;
use serde::{Deserialize, Serialize};

use crate::{
    corpus,
    library::{Library, Vectors},
    retrieval::id,
};

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct SentencesReport {
    /// Mean over the questions of the best F1 against any annotator's set of sentences.
    pub f1: f64,
    /// Mean number of sentences that were picked.
    pub sentences_mean: f64,
    /// Questions.
    pub n: usize,
}

/// A question with its passage and the sentences that annotators chose (ClapNQ's gold).
#[derive(Debug, Deserialize)]
struct Gold {
    #[serde(rename = "_id")]
    id: serde_json::Value,
    question: String,
    passage: GoldPassage,
    answers: Vec<GoldAnswer>,
}

#[derive(Debug, Deserialize)]
struct GoldPassage {
    title: String,
    text: String,
    sentences: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct GoldAnswer {
    selected_sentences: Vec<String>,
}

/// Picks sentences of each gold passage, whatever the confidence.
///
/// # Errors
/// Files that cannot be read or have another shape; those of the engine.
pub async fn sentences(gold: &Path, model: Arc<dyn Embedder>) -> anyhow::Result<SentencesReport> {
    let gold: Vec<Gold> = corpus::values(gold)?;
    let mut articles = Vec::new();
    for (n, item) in (1..).zip(&gold) {
        let line = serde_json::json!({ "_id": id(&item.id), "title": item.passage.title, "text": item.passage.text });
        articles.extend(
            ingest::parse_jsonl_line(n, &line.to_string(), &ingest::ImportOptions::default())
                .map_err(|error| anyhow::anyhow!("line {n}: {}", error.message))?,
        );
    }
    let library = Library::of_articles(articles, model, Vectors::Made).await?;
    let answerer = Answerer::new(AnswerConfig {
        answer_threshold: 0.0,
        clarify_threshold: 0.0,
        ..AnswerConfig::default()
    });
    let (mut sum, mut n_picked, mut n) = (0.0, 0, 0);
    for item in &gold {
        let request =
            SearchRequest { query: item.question.clone(), limit: gold.len(), ..SearchRequest::default() };
        let mut hits = library.search(request).await?;
        let own = id(&item.id);
        hits.hits.retain(|hit| hit.article_id.as_str() == own);
        let texts = answerer.texts_to_embed(&item.question, &hits);
        let vectors = if texts.is_empty() { vec![] } else { library.embedder.embed(texts).await? };
        let decision =
            answerer.decide(&item.question, &hits, &vectors, &Locale::english(), &TopThree::default());
        let picked: Vec<String> = match decision.turn {
            BotTurn::Answer { sentences, .. } => {
                sentences.into_iter().map(|sentence| sentence.text).collect()
            }
            _ => vec![],
        };
        n += 1;
        n_picked += picked.len();
        sum += item
            .answers
            .iter()
            .map(|answer| {
                f1(
                    &places(&picked, &item.passage.sentences),
                    &places(&answer.selected_sentences, &item.passage.sentences),
                )
            })
            .fold(0.0, f64::max);
    }
    let count = f64::from(u32::try_from(n.max(1)).unwrap_or(u32::MAX));
    Ok(SentencesReport { f1: sum / count, sentences_mean: n_picked as f64 / count, n: n as usize })
}

/// The places of these texts among the passage's sentences; spaces do not matter.
fn places(texts: &[String], sentences: &[String]) -> BTreeSet<usize> {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let texts: Vec<String> = texts.iter().map(|text| plain(text)).collect();
    sentences
        .iter()
        .enumerate()
        .filter(|(_, sentence)| {
            let sentence = plain(sentence);
            texts.iter().any(|text| text.contains(&sentence) || sentence.contains(text))
        })
        .map(|(place, _)| place)
        .collect()
}

fn f1(found: &BTreeSet<usize>, wanted: &BTreeSet<usize>) -> f64 {
    let n_both = found.intersection(wanted).count() as f64;
    let n = (found.len() + wanted.len()) as f64;
    if n == 0.0 { 0.0 } else { 2.0 * n_both / n }
}
