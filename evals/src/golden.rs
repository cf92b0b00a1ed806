//! Golden questions: what the manual must answer, and what the bot must not pretend to know.

use std::{path::Path, sync::Arc};

use answer::{AnswerConfig, Answerer, TopThree};
use anyhow::Context as _;
use domain::BotTurn;
use embed::Embedder;
use search::SearchRequest;
use serde::{Deserialize, Serialize};

use crate::{
    answers::decide,
    corpus,
    library::{Library, Vectors},
};

/// The least that a change of the manual or of the engine may leave standing.
const FOUND_MIN: f64 = 0.9;
/// Of the first 94 questions .73 are answered right, of the 68 that came with the desk's articles, in words further from
/// the manual's, .47: the rest are found, and not answered with enough confidence (measured 2026-11).
const RIGHT_MIN: f64 = 0.6;
const DECLINED_MIN: f64 = 0.9;
/// Places in which the article of a question must be found.
const PLACES: usize = 3;

/// What was measured. Shares are 0 to 1.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GoldenReport {
    /// Questions that the manual answers.
    pub n_answerable: usize,
    /// Questions that it does not.
    pub n_unanswerable: usize,
    /// Share of the answerable whose article is among the first three hits.
    pub found: f64,
    /// Share of the answerable that were answered from their article.
    pub answered_right: f64,
    /// Share of the unanswerable that got no answer.
    pub declined: f64,
    /// Questions whose article was not found, that were answered from elsewhere, or should not have been answered.
    pub failures: Vec<String>,
}

impl GoldenReport {
    /// Whether the manual and the bot are as good as they must be.
    pub fn is_good(&self) -> bool {
        self.found >= FOUND_MIN && self.answered_right >= RIGHT_MIN && self.declined >= DECLINED_MIN
    }
}

#[derive(Debug, Deserialize)]
struct Question {
    #[serde(rename = "_id")]
    id: String,
    text: String,
    /// Slugs of the articles that answer it.
    relevant: Vec<String>,
}

/// Asks every golden question on the manual of a folder.
///
/// # Errors
/// Files that cannot be read or have another shape; a question whose article does not exist; those of the engine.
pub async fn golden(
    manual: &Path,
    questions: &Path,
    model: Arc<dyn Embedder>,
) -> anyhow::Result<GoldenReport> {
    let questions: Vec<Question> = corpus::values(questions)?;
    let mut articles = Vec::new();
    for file in markdown_files(manual)? {
        let name = file.strip_prefix(manual).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut parsed = ingest::parse_markdown(&name, &text, &ingest::ImportOptions::default());
        parsed.external_id.clone_from(&parsed.slug);
        articles.push(parsed);
    }
    for slug in questions.iter().flat_map(|question| &question.relevant) {
        anyhow::ensure!(
            articles.iter().any(|article| article.slug == *slug),
            "the manual has no article {slug}"
        );
    }
    let library = Library::of_articles(articles, model, Vectors::Made).await?;
    let answerer = Answerer::new(AnswerConfig::default());
    let mut report = GoldenReport::default();
    let (mut n_found, mut n_right, mut n_declined) = (0, 0, 0);
    for question in &questions {
        let turn = decide(&library, &answerer, &TopThree::default(), &question.text, vec![]).await?.turn;
        let answered = matches!(turn, BotTurn::Answer { .. });
        let mut fail = |what: &str| {
            report.failures.push(format!(
                "{} ({:.2}) {what}: {}",
                question.id,
                turn.confidence(),
                question.text
            ));
        };
        if question.relevant.is_empty() {
            report.n_unanswerable += 1;
            n_declined += usize::from(!answered);
            if answered {
                fail("should not be answered");
            }
            continue;
        }
        report.n_answerable += 1;
        let is_right = |slug: &str| question.relevant.iter().any(|right| right == slug);
        let request =
            SearchRequest { query: question.text.clone(), limit: PLACES, ..SearchRequest::default() };
        let found = library.search(request).await?.hits.iter().any(|hit| is_right(&hit.slug));
        n_found += usize::from(found);
        if !found {
            fail("not found");
        }
        let right = answered && turn.citations().iter().any(|citation| is_right(&citation.slug));
        n_right += usize::from(right);
        if answered && !right {
            fail("answered from another article");
        } else if !answered {
            fail("not answered");
        }
    }
    let share = |n: usize, of: usize| if of == 0 { 0.0 } else { n as f64 / of as f64 };
    report.found = share(n_found, report.n_answerable);
    report.answered_right = share(n_right, report.n_answerable);
    report.declined = share(n_declined, report.n_unanswerable);
    Ok(report)
}

fn markdown_files(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
