//! Questions in customers' own words, proposed for articles: under Learning for all of them, and beside each article.

use axum::{
    extract::{Path, State},
    response::Redirect,
};
use domain::{ArticleId, ProposalId, ProposalState, ProposedQuestion, Scope};
use serde::Deserialize;

use super::{form::StaffForm, learning::percent, session::Staff};
use crate::{address, failure::Failure, state::Web};

/// A proposed question in a list.
pub(crate) struct QuestionRow {
    pub(super) id: String,
    pub(super) question: String,
    pub(super) n_askers: usize,
    /// In whole per cent.
    pub(super) confidence: String,
    pub(super) is_accepted: bool,
    /// The article's title and its editor's address; absent beside the article itself.
    pub(super) article: Option<(String, String)>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DecisionForm {
    state: ProposalState,
    /// The article beside which the question stood; empty under Learning.
    #[serde(default)]
    article: String,
}

/// The questions that wait or were accepted: of one article, or of all; none for who may not decide on them.
pub(super) async fn rows(
    web: &Web,
    staff: &Staff,
    article: Option<&ArticleId>,
) -> Result<Vec<QuestionRow>, Failure> {
    if !staff.may(Scope::KbWrite) {
        return Ok(vec![]);
    }
    let questions = web.desk.proposed_questions(&staff.principal, article).await?;
    let shown = questions.into_iter().filter(|question| question.state != ProposalState::Dismissed);
    shown.map(|question| row(web, staff, question, article.is_none())).collect()
}

fn row(
    web: &Web,
    staff: &Staff,
    question: ProposedQuestion,
    names_article: bool,
) -> Result<QuestionRow, Failure> {
    let article = if names_article {
        let title = web.desk.article_title(&staff.principal, &question.article_id)?;
        Some((title, editor(question.article_id.as_str())))
    } else {
        None
    };
    Ok(QuestionRow {
        id: question.id.to_string(),
        question: question.question,
        n_askers: question.n_askers,
        confidence: percent(question.confidence),
        is_accepted: question.state == ProposalState::Accepted,
        article,
    })
}

/// `POST /app/learning/questions/{id}`
pub(crate) async fn decide_question(
    State(web): State<Web>,
    Path(id): Path<String>,
    StaffForm(staff, form): StaffForm<DecisionForm>,
) -> Result<Redirect, Failure> {
    web.desk.decide_proposed_question(&staff.principal, &ProposalId::new(id), form.state).await?;
    let back = if form.article.is_empty() { "/app/learning".to_owned() } else { editor(&form.article) };
    Ok(Redirect::to(&format!("{back}#questions")))
}

fn editor(article: &str) -> String {
    format!("/app/articles/{}", address::escape(article))
}
