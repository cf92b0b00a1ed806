//! Suggested replies: asking for them, and what became of them.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{SuggestionId, SuggestionOutcome};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{SuggestionJson, SuggestionsJson},
    ticket::ticket_id,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// What became of a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOutcome {
    /// `used`, `edited` or `dismissed`.
    #[schema(value_type = String)]
    outcome: SuggestionOutcome,
}

/// Suggest replies
///
/// Makes up to three drafts from articles and solved tickets, each with its sources. Nothing is sent.
#[utoipa::path(
    post, path = "/tickets/{id}/suggestions", tag = "Tickets", params(("id" = String, Path, description = "The ticket's id or number")),
    responses((status = 200, description = "The drafts, best first", body = SuggestionsJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn create_suggestions(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<SuggestionsJson>, Failure> {
    let id = ticket_id(&web, &principal, id).await?;
    let made = web.desk.suggest(&principal, &id).await?;
    Ok(Json(SuggestionsJson { suggestions: made.iter().map(SuggestionJson::new).collect() }))
}

/// Say what became of a draft
#[utoipa::path(
    put, path = "/suggestions/{id}/outcome", tag = "Tickets", request_body = NewOutcome, params(("id" = String, Path, description = "The draft")),
    responses(
        (status = 200, description = "The draft", body = SuggestionJson),
        (status = 404, description = "No such draft", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn put_outcome(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewOutcome>,
) -> Result<Json<SuggestionJson>, Failure> {
    let suggestion = web.desk.record_suggestion(&principal, &SuggestionId::new(id), new.outcome).await?;
    Ok(Json(SuggestionJson::new(&suggestion)))
}
