//! What was learned from solved tickets.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{ArticleId, ProposalId, ProposalState};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, Params},
    shapes::{LearnedVersionJson, LearnedVersionsJson, ProposedQuestionJson, ProposedQuestionsJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Which version searches use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LearnedChoice {
    /// Its number; `null` for none, as on a new site.
    number: Option<i64>,
}

/// List learned versions
///
/// Newest first, at most 100, each with how good it is.
#[utoipa::path(
    get, path = "/learning/versions", tag = "Learning",
    responses((status = 200, description = "The versions", body = LearnedVersionsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_versions(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<LearnedVersionsJson>, Failure> {
    let versions = web.desk.learned_versions(&principal).await?;
    let json = |(version, report): &(_, _)| LearnedVersionJson::new(version, report);
    Ok(Json(LearnedVersionsJson { versions: versions.iter().map(json).collect() }))
}

/// Learn now
///
/// Remembers what was solved since the last time, learns, and uses the result where it finds more.
#[utoipa::path(
    post, path = "/learning/versions", tag = "Learning",
    responses((status = 201, description = "The new version", body = LearnedVersionJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn create_version(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<(StatusCode, Json<LearnedVersionJson>), Failure> {
    let outcome = web.desk.learn(&principal, &mut |_| {}).await?;
    Ok((StatusCode::CREATED, Json(LearnedVersionJson::new(&outcome.version, &outcome.report))))
}

/// Choose a learned version
///
/// Searches use it from the next one on.
#[utoipa::path(
    put, path = "/learning/choice", tag = "Learning", request_body = LearnedChoice,
    responses(
        (status = 204, description = "Chosen"),
        (status = 404, description = "No such version", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:settings"))),
)]
pub(crate) async fn choose_version(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(choice): Body<LearnedChoice>,
) -> Result<StatusCode, Failure> {
    web.desk.choose_learned_version(&principal, choice.number).await?;
    web.desk.refresh_learned().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of which article.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuestionQuery {
    /// Only the questions proposed for this article.
    article_id: Option<String>,
}

/// What becomes of a proposed question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionDecision {
    /// `accepted`: searches take it for an alternative question of the article. `dismissed`: it is not proposed again.
    /// `proposed` takes either back.
    #[schema(value_type = String, example = "accepted")]
    state: ProposalState,
}

/// List proposed questions
///
/// Questions in customers' own words that an article answers, without personal data: what waits first, then the surest; at
/// most 200.
#[utoipa::path(
    get, path = "/learning/questions", tag = "Learning", params(QuestionQuery),
    responses((status = 200, description = "The questions", body = ProposedQuestionsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:write"))),
)]
pub(crate) async fn list_questions(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(query): Params<QuestionQuery>,
) -> Result<Json<ProposedQuestionsJson>, Failure> {
    let article = query.article_id.map(ArticleId::new);
    let questions = web.desk.proposed_questions(&principal, article.as_ref()).await?;
    Ok(Json(ProposedQuestionsJson { questions: questions.iter().map(ProposedQuestionJson::new).collect() }))
}

/// Decide on a proposed question
///
/// The next search follows.
#[utoipa::path(
    put, path = "/learning/questions/{id}", tag = "Learning", request_body = QuestionDecision,
    params(("id" = String, Path, description = "The question's id")),
    responses(
        (status = 200, description = "Decided", body = ProposedQuestionJson),
        (status = 404, description = "No such question", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("kb:write"))),
)]
pub(crate) async fn decide_question(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(decision): Body<QuestionDecision>,
) -> Result<Json<ProposedQuestionJson>, Failure> {
    let id = ProposalId::new(id);
    let question = web.desk.decide_proposed_question(&principal, &id, decision.state).await?;
    Ok(Json(ProposedQuestionJson::new(&question)))
}
