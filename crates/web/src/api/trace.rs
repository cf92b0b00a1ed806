//! Traces: how a bot turn came about, and whether it would come out the same now.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::TraceId;

use super::shapes::{BotTurnJson, ReplayJson, TraceJson};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// Read a trace
#[utoipa::path(
    get, path = "/traces/{id}", tag = "Traces", params(("id" = String, Path, description = "The trace")),
    responses(
        (status = 200, description = "The trace", body = TraceJson),
        (status = 404, description = "No such trace", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_trace(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<TraceJson>, Failure> {
    let trace = web.desk.find_trace(&principal, &TraceId::new(id)).await?;
    Ok(Json(TraceJson::new(&trace)))
}

/// Ask it again
///
/// Asks the trace's question with the articles of now, stores nothing, and says whether the answer is the same.
#[utoipa::path(
    post, path = "/traces/{id}/replay", tag = "Traces", params(("id" = String, Path, description = "The trace")),
    responses((status = 200, description = "Then and now", body = ReplayJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn create_replay(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<ReplayJson>, Failure> {
    let replay = web.desk.replay_trace(&principal, &TraceId::new(id)).await?;
    Ok(Json(ReplayJson {
        trace: TraceJson::new(&replay.trace),
        now: BotTurnJson::new(&replay.now),
        same: replay.same,
    }))
}
