//! How well the bot answers, and how well it knows when it cannot.

use std::{collections::HashMap, io::Write as _, path::Path, sync::Arc};

use answer::{AnswerConfig, Answerer, TopThree};
use anyhow::Context as _;
use domain::{ArticleId, BotTurn, Citation, Locale};
use embed::Embedder;
use learn::metrics::{auroc, ece};
use search::{PastTurn, SearchRequest, Speaker};
use serde::{Deserialize, Serialize};

use crate::{
    HistoryReport,
    corpus::{self, PastText, past},
    history,
    library::{self, Library, Vectors},
    retrieval::id,
};

/// Articles handed to the answerer, as the bot does.
const HITS: usize = 10;

/// What was measured. Shares are 0 to 1.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AnswersReport {
    /// Share of all questions that got an answer.
    pub answered: f64,
    /// Share of the answered answerable questions whose answer cites a relevant document.
    pub answered_from_relevant: f64,
    /// Share of the unanswerable questions that got no answer.
    pub abstained_unanswerable: f64,
    /// Share of the answerable questions that got no answer.
    pub abstained_answerable: f64,
    /// Probability that an answerable question is thought more answerable than an unanswerable one; absent without both.
    pub auroc: Option<f64>,
    /// Expected calibration error of how answerable it is thought to be, ten bins.
    pub ece: f64,
    /// Questions.
    pub n: usize,
    /// Questions with a relevant document.
    pub n_answerable: usize,
    /// Questions without one.
    pub n_unanswerable: usize,
    /// Questions that were answered with a question back.
    pub n_clarified: usize,
    /// Citations of all answers and hand-overs.
    pub n_citations: usize,
    /// How well the turn's confidence says, for answerable questions, whether one of the first three articles is right.
    pub top_three: TopThreeFigures,
    /// What was learned from the history; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryReport>,
    /// Citations whose quote does not stand in the cited body to the letter. Must be 0.
    pub n_not_verbatim: usize,
}

/// Whether one of the first three articles is right, against what was thought of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TopThreeFigures {
    /// Share of the answerable questions with a relevant article among the first three.
    pub right: f64,
    /// The same among the 30 % that it was most sure of.
    pub right_at_30: f64,
    /// Probability that a question with a relevant article among the first three is thought surer than one without.
    pub auroc: Option<f64>,
    /// Expected calibration error, ten bins.
    pub ece: f64,
}

impl TopThreeFigures {
    fn of(scored: &[(f64, bool)]) -> Self {
        let right = |scored: &[(f64, bool)]| {
            scored.iter().filter(|(_, right)| *right).count() as f64 / scored.len().max(1) as f64
        };
        let mut surest = scored.to_vec();
        surest.sort_by(|a, b| b.0.total_cmp(&a.0));
        surest.truncate(scored.len() * 3 / 10);
        Self { right: right(scored), right_at_30: right(&surest), auroc: auroc(scored), ece: ece(scored) }
    }
}

#[derive(Debug, Deserialize)]
struct Question {
    #[serde(rename = "_id")]
    id: serde_json::Value,
    text: String,
    #[serde(default)]
    history: Vec<PastText>,
    #[serde(default)]
    relevant: Vec<serde_json::Value>,
}

/// One decision, for `--out`.
#[derive(Debug, Serialize)]
struct Decided<'a> {
    #[serde(rename = "_id")]
    id: String,
    kind: &'static str,
    confidence: f64,
    text: String,
    cited: Vec<&'a str>,
    quotes: Vec<&'a str>,
    relevant: Vec<String>,
    articles: Vec<&'a str>,
    features: &'a [(String, f64)],
}

/// Asks every question of a set with the shipped defaults.
///
/// # Errors
/// Files that cannot be read or have another shape; those of the engine.
pub async fn answers(
    corpus: &Path,
    questions: &Path,
    past_tickets: Option<&Path>,
    out: Option<&Path>,
    model: Arc<dyn Embedder>,
) -> anyhow::Result<AnswersReport> {
    let questions: Vec<Question> = corpus::values(questions)?;
    let library = Library::of_corpus(corpus, model, Vectors::Made).await?;
    let answerer = Answerer::new(AnswerConfig::default());
    let asked = questions.iter().map(|question| id(&question.id)).collect();
    let history = match past_tickets {
        Some(path) => Some(history::learn_from(&library, &history::read(path, &asked)?).await?),
        None => None,
    };
    let learned = history.as_ref().filter(|history| history.in_use);
    let top_three = learned.map_or_else(TopThree::default, |history| history.report.confidence.model);
    let mut out = match out {
        Some(path) => {
            Some(std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?)
        }
        None => None,
    };
    let mut tally = Tally::of(corpus)?;
    for question in &questions {
        let decision =
            decide(&library, &answerer, &top_three, &question.text, past(&question.history)).await?;
        let relevant: Vec<String> = question.relevant.iter().map(id).collect();
        tally.take(&decision, &relevant);
        if let Some(out) = &mut out {
            let citations = decision.turn.citations();
            let line = Decided {
                id: id(&question.id),
                kind: decision.turn.kind(),
                confidence: decision.turn.confidence(),
                text: decision.turn.text(),
                cited: citations.iter().map(|citation| citation.article_id.as_str()).collect(),
                quotes: citations.iter().map(|citation| citation.quote.as_str()).collect(),
                relevant,
                articles: decision.articles.iter().take(3).map(ArticleId::as_str).collect(),
                features: &decision.features,
            };
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
    }
    Ok(AnswersReport { history, ..tally.report() })
}

/// What the bot would say, by the same steps as `desk` takes.
pub(crate) async fn decide(
    library: &Library,
    answerer: &Answerer,
    top_three: &TopThree,
    question: &str,
    history: Vec<PastTurn>,
) -> anyhow::Result<answer::Decision> {
    let locale = Locale::english();
    let earlier: Vec<&str> = history
        .iter()
        .filter(|turn| turn.speaker == Speaker::Customer)
        .map(|turn| turn.text.as_str())
        .collect();
    if let Some(turn) = answerer.gate(question, &earlier, 0, &locale) {
        return Ok(answer::Decision { turn, features: vec![], articles: vec![] });
    }
    if !history.is_empty() && answerer.stands_alone(question) {
        let alone = decide_with(library, answerer, top_three, question, vec![]).await?;
        if matches!(alone.turn, BotTurn::Answer { .. }) {
            return Ok(alone);
        }
    }
    decide_with(library, answerer, top_three, question, history).await
}

async fn decide_with(
    library: &Library,
    answerer: &Answerer,
    top_three: &TopThree,
    question: &str,
    history: Vec<PastTurn>,
) -> anyhow::Result<answer::Decision> {
    let request =
        SearchRequest { query: question.to_owned(), history, limit: HITS, ..SearchRequest::default() };
    let hits = library.search(request).await?;
    let texts = answerer.texts_to_embed(question, &hits);
    let vectors = if texts.is_empty() { vec![] } else { library.embedder.embed(texts).await? };
    Ok(answerer.decide(question, &hits, &vectors, &Locale::english(), top_three))
}

#[derive(Default)]
struct Tally {
    /// Bodies, by article.
    bodies: HashMap<String, String>,
    report: AnswersReport,
    n_answered: usize,
    n_answered_answerable: usize,
    n_from_relevant: usize,
    n_declined_unanswerable: usize,
    scored: Vec<(f64, bool)>,
    top_three: Vec<(f64, bool)>,
}

impl Tally {
    fn of(corpus: &Path) -> anyhow::Result<Self> {
        let bodies = library::articles(corpus)?
            .map(|article| article.map(|article| (article.external_id, article.body)));
        Ok(Self { bodies: bodies.collect::<anyhow::Result<_>>()?, ..Self::default() })
    }

    fn take(&mut self, decision: &answer::Decision, relevant: &[String]) {
        let turn = &decision.turn;
        let answered = matches!(turn, BotTurn::Answer { .. });
        let answerable = !relevant.is_empty();
        self.report.n += 1;
        let feature =
            |wanted| decision.features.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
        self.scored.push((feature("answerable").unwrap_or(turn.confidence()), answerable));
        self.n_answered += usize::from(answered);
        self.report.n_clarified += usize::from(matches!(turn, BotTurn::Clarify { .. }));
        if answerable {
            self.report.n_answerable += 1;
            self.n_answered_answerable += usize::from(answered);
            let cites = |citation: &Citation| relevant.iter().any(|id| id == citation.article_id.as_str());
            self.n_from_relevant += usize::from(answered && turn.citations().iter().any(cites));
            let is_right = |article: &ArticleId| relevant.iter().any(|id| id == article.as_str());
            // Where the words alone decide, nothing was looked for.
            if !decision.features.is_empty() {
                self.top_three.push((turn.confidence(), decision.articles.iter().take(3).any(is_right)));
            }
        } else {
            self.report.n_unanswerable += 1;
            self.n_declined_unanswerable += usize::from(!answered);
        }
        for citation in turn.citations() {
            self.report.n_citations += 1;
            let body = self.bodies.get(citation.article_id.as_str()).map(String::as_str).unwrap_or_default();
            self.report.n_not_verbatim += usize::from(!citation.holds_in(body));
        }
        if let BotTurn::Answer { sentences, citations, .. } = turn {
            for sentence in sentences {
                let quote = citations.iter().find(|citation| citation.n == sentence.citation);
                let stands = quote.is_some_and(|citation| citation.quote.contains(&sentence.text));
                self.report.n_not_verbatim += usize::from(!stands);
            }
        }
    }

    fn report(self) -> AnswersReport {
        let share = |n: usize, of: usize| if of == 0 { 0.0 } else { n as f64 / of as f64 };
        let report = self.report;
        AnswersReport {
            answered: share(self.n_answered, report.n),
            answered_from_relevant: share(self.n_from_relevant, self.n_answered_answerable),
            abstained_unanswerable: share(self.n_declined_unanswerable, report.n_unanswerable),
            abstained_answerable: share(
                report.n_answerable - self.n_answered_answerable,
                report.n_answerable,
            ),
            auroc: auroc(&self.scored),
            ece: ece(&self.scored),
            top_three: TopThreeFigures::of(&self.top_three),
            ..report
        }
    }
}
