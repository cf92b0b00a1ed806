//! Macros: named actions that agents run on tickets.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{MacroChange, NewMacro};
use domain::MacroId;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    body::Body,
    canned_reply::ForTicket,
    revision::{Tagged, etag, if_match},
    shapes::{MacroJson, MacroRunJson, MacrosJson, PreviewJson, SharingJson},
    ticket::ticket_id,
    view::{changed_sharing, share_with},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A macro to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMacroJson {
    name: String,
    /// What it does, in this order: 1 to 20 objects with a `type`, which is `set_status` (`status`, the key of one), `set_priority` (`priority`),
    /// `set_team` (`team`), `set_assignee` (`assignee`: an id, `me` or `none`), `add_tags` and `remove_tags` (`tags`), `set_field`
    /// (`key`, `value`), `add_note` or `reply` (`body`, a template, or `canned_reply_id`).
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
    sharing: SharingJson,
    /// The team's key, to share it with one.
    team: Option<String>,
    /// Its place among the macros, smaller first; 0 when absent.
    #[serde(default)]
    position: i64,
}

/// What to change; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MacroChangeJson {
    name: Option<String>,
    /// What it does from now on.
    #[schema(value_type = Option<Vec<Object>>)]
    actions: Option<Vec<Value>>,
    sharing: Option<SharingJson>,
    /// The team's key, to share it with one.
    team: Option<String>,
    position: Option<i64>,
}

/// List macros
///
/// Your own, those of your teams, and everybody's, by position.
#[utoipa::path(
    get, path = "/macros", tag = "Macros", responses((status = 200, description = "The macros", body = MacrosJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn list_macros(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<MacrosJson>, Failure> {
    let macros = web.desk.list_macros(&principal).await?;
    Ok(Json(MacrosJson { macros: macros.iter().map(MacroJson::new).collect() }))
}

/// Make a macro
///
/// A private one belongs to who is signed in; a key can only share. A team's is made by its members, everybody's with
/// `admin:rules`.
#[utoipa::path(
    post, path = "/macros", tag = "Macros", request_body = NewMacroJson,
    responses(
        (status = 201, description = "The macro", body = MacroJson),
        (status = 409, description = "There are 500 already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No actions, and which one goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn create_macro(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Body(new): Body<NewMacroJson>,
) -> Result<(StatusCode, Tagged<MacroJson>), Failure> {
    let new = NewMacro {
        name: new.name,
        actions: new.actions,
        sharing: share_with(new.sharing, new.team)?,
        position: new.position,
    };
    let made = web.desk.create_macro(&principal, new).await?;
    Ok((StatusCode::CREATED, ([etag(made.revision)], Json(MacroJson::new(&made)))))
}

/// Read a macro
#[utoipa::path(
    get, path = "/macros/{id}", tag = "Macros", params(("id" = String, Path, description = "The macro")),
    responses(
        (status = 200, description = "The macro", body = MacroJson),
        (status = 404, description = "No such macro", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_macro(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<MacroJson>, Failure> {
    let found = web.desk.ticket_macro(&principal, &MacroId::new(id)).await?;
    Ok(([etag(found.revision)], Json(MacroJson::new(&found))))
}

/// Change a macro
///
/// Absent fields stay. With `If-Match` the change is refused when somebody else changed it first.
#[utoipa::path(
    patch, path = "/macros/{id}", tag = "Macros", request_body = MacroChangeJson,
    params(("id" = String, Path, description = "The macro"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The macro after it", body = MacroJson),
        (status = 404, description = "No such macro", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No actions, and which one goes wrong", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn change_macro(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<MacroChangeJson>,
) -> Result<Tagged<MacroJson>, Failure> {
    let expected = if_match(&headers)?;
    let change = MacroChange {
        name: change.name,
        actions: change.actions,
        sharing: changed_sharing(change.sharing, change.team)?,
        position: change.position,
    };
    let changed = web.desk.change_macro(&principal, &MacroId::new(id), change, expected).await?;
    Ok(([etag(changed.revision)], Json(MacroJson::new(&changed))))
}

/// Delete a macro
///
/// What it did stays.
#[utoipa::path(
    delete, path = "/macros/{id}", tag = "Macros", params(("id" = String, Path, description = "The macro")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such macro", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn delete_macro(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.delete_macro(&principal, &MacroId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try a macro on a ticket
///
/// What would change and what would be written, in your name. Nothing is written. The rules and the routing that may follow a run
/// are not tried.
#[utoipa::path(
    post, path = "/macros/{id}/preview", tag = "Macros", request_body = ForTicket,
    params(("id" = String, Path, description = "The macro")),
    responses(
        (status = 200, description = "What would be done", body = PreviewJson),
        (status = 404, description = "No such macro or ticket", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "An action that cannot be done", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn preview_macro(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(of): Body<ForTicket>,
) -> Result<Json<PreviewJson>, Failure> {
    let (id, ticket_id) = (MacroId::new(id), ticket_id(&web, &principal, of.ticket_id).await?);
    let preview = web.desk.preview_macro(&principal, &id, &ticket_id).await?;
    Ok(Json(PreviewJson::of(&preview)))
}

/// Run a macro on a ticket
///
/// All of its actions at once, or none. The ticket's `history` names the macro. With `If-Match`, the ticket's ETag, it is refused
/// when somebody else changed the ticket first.
#[utoipa::path(
    post, path = "/macros/{id}/runs", tag = "Macros", request_body = ForTicket,
    params(("id" = String, Path, description = "The macro"), ("If-Match" = Option<String>, Header, description = "The ticket's ETag that was read")),
    responses(
        (status = 201, description = "What was done", body = MacroRunJson),
        (status = 404, description = "No such macro or ticket", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The ticket was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "An action that cannot be done; nothing was", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn run_macro(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(of): Body<ForTicket>,
) -> Result<(StatusCode, Json<MacroRunJson>), Failure> {
    let expected = if_match(&headers)?;
    let (id, ticket_id) = (MacroId::new(id), ticket_id(&web, &principal, of.ticket_id).await?);
    let run = web.desk.run_macro(&principal, &id, &ticket_id, expected).await?;
    Ok((StatusCode::CREATED, Json(MacroRunJson::new(&run))))
}
