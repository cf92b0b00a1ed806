//! The checklist of a ticket.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use desk::{ChecklistInput, ItemChange, ItemInput, ItemProgress};
use domain::Required;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    revision::{Tagged, etag, if_match},
    shapes::TicketJson,
    ticket::ticket_id,
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A checklist as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChecklistBody {
    /// The items, in order: at most 50. An item that is left out goes.
    items: Vec<ItemBody>,
    /// `never`, or `on_solve`: the ticket is not solved before all items are done. `never` when absent.
    #[schema(value_type = Option<String>)]
    required: Option<Required>,
}

/// An item as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemBody {
    /// Which one it is; absent for a new one.
    id: Option<String>,
    /// What is to be done: up to 500 bytes.
    text: String,
    /// Whether it is done. Absent: as it was; a new item is not. With `true` who did it first, and when, stays.
    done: Option<bool>,
}

/// What to change of an item; absent parts stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemChangeJson {
    text: Option<String>,
    done: Option<bool>,
}

/// Set the checklist of a ticket
///
/// In place of the one it has. With `If-Match` it is refused when somebody else changed the ticket first.
#[utoipa::path(
    put, path = "/tickets/{id}/checklist", tag = "Tickets", request_body = ChecklistBody,
    params(("id" = String, Path, description = "The ticket's id or number"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The ticket after it", body = TicketJson),
        (status = 404, description = "No such ticket", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A checklist that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn set_checklist(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(list): Body<ChecklistBody>,
) -> Result<Tagged<TicketJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let items = list.items.into_iter().map(|item| ItemInput {
        id: item.id,
        text: item.text,
        progress: item.done.map(progress),
    });
    let list = ChecklistInput { items: items.collect(), required: list.required.unwrap_or(Required::Never) };
    let id = ticket_id(&web, &principal, id).await?;
    let row = web.desk.set_checklist(&principal, &id, list, expected_revision).await?;
    Ok(([etag(row.ticket.revision)], Json(TicketJson::of(&row))))
}

/// Change an item of a checklist
///
/// Absent fields stay.
#[utoipa::path(
    patch, path = "/tickets/{id}/checklist/{item_id}", tag = "Tickets", request_body = ItemChangeJson,
    params(("id" = String, Path, description = "The ticket's id or number"), ("item_id" = String, Path, description = "The item")),
    responses(
        (status = 200, description = "The ticket after it", body = TicketJson),
        (status = 404, description = "No such ticket or item", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "An item that cannot be", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn change_item(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, item_id)): Path<(String, String)>,
    Body(change): Body<ItemChangeJson>,
) -> Result<Tagged<TicketJson>, Failure> {
    let change = ItemChange { text: change.text, progress: change.done.map(progress) };
    let id = ticket_id(&web, &principal, id).await?;
    let row = web.desk.change_checklist_item(&principal, &id, &item_id, change).await?;
    Ok(([etag(row.ticket.revision)], Json(TicketJson::of(&row))))
}

fn progress(done: bool) -> ItemProgress {
    if done { ItemProgress::Done } else { ItemProgress::Open }
}
