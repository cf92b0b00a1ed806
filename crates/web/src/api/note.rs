//! Notes on customers and organisations.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use desk::NoteSubject;
use domain::{CustomerId, NoteId, OrganisationId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{NoteJson, NotesJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, state::Web};

/// A note to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNoteJson {
    /// Markdown, at most 20 KiB.
    body: String,
}

/// List the notes on a customer
///
/// The newest first. Only the team reads them.
#[utoipa::path(
    get, path = "/customers/{id}/notes", tag = "Customers", params(("id" = String, Path, description = "The customer")),
    responses(
        (status = 200, description = "The notes", body = NotesJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_customer_notes(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<NotesJson>, Failure> {
    let notes = web.desk.list_notes(&principal, &NoteSubject::Customer(CustomerId::new(id))).await?;
    Ok(Json(NotesJson { notes: notes.iter().map(NoteJson::new).collect() }))
}

/// Write a note on a customer
#[utoipa::path(
    post, path = "/customers/{id}/notes", tag = "Customers", request_body = NewNoteJson,
    params(("id" = String, Path, description = "The customer")),
    responses(
        (status = 201, description = "The note", body = NoteJson),
        (status = 404, description = "No such customer", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There are 500", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No text", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn create_customer_note(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewNoteJson>,
) -> Result<(StatusCode, Json<NoteJson>), Failure> {
    let subject = NoteSubject::Customer(CustomerId::new(id));
    let note = web.desk.add_note_about(&principal, &subject, &new.body).await?;
    Ok((StatusCode::CREATED, Json(NoteJson::new(&note))))
}

/// Delete a note on a customer
#[utoipa::path(
    delete, path = "/customers/{id}/notes/{note_id}", tag = "Customers",
    params(("id" = String, Path, description = "The customer"), ("note_id" = String, Path, description = "The note")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such customer or note", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn delete_customer_note(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, note_id)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    let subject = NoteSubject::Customer(CustomerId::new(id));
    web.desk.delete_note(&principal, &subject, &NoteId::new(note_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the notes on an organisation
///
/// The newest first. Only the team reads them.
#[utoipa::path(
    get, path = "/organisations/{id}/notes", tag = "Organisations", params(("id" = String, Path, description = "The organisation")),
    responses(
        (status = 200, description = "The notes", body = NotesJson),
        (status = 404, description = "No such organisation", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:read"))),
)]
pub(crate) async fn list_organisation_notes(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<NotesJson>, Failure> {
    let notes = web.desk.list_notes(&principal, &NoteSubject::Organisation(OrganisationId::new(id))).await?;
    Ok(Json(NotesJson { notes: notes.iter().map(NoteJson::new).collect() }))
}

/// Write a note on an organisation
#[utoipa::path(
    post, path = "/organisations/{id}/notes", tag = "Organisations", request_body = NewNoteJson,
    params(("id" = String, Path, description = "The organisation")),
    responses(
        (status = 201, description = "The note", body = NoteJson),
        (status = 404, description = "No such organisation", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There are 500", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No text", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn create_organisation_note(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    Body(new): Body<NewNoteJson>,
) -> Result<(StatusCode, Json<NoteJson>), Failure> {
    let subject = NoteSubject::Organisation(OrganisationId::new(id));
    let note = web.desk.add_note_about(&principal, &subject, &new.body).await?;
    Ok((StatusCode::CREATED, Json(NoteJson::new(&note))))
}

/// Delete a note on an organisation
#[utoipa::path(
    delete, path = "/organisations/{id}/notes/{note_id}", tag = "Organisations",
    params(("id" = String, Path, description = "The organisation"), ("note_id" = String, Path, description = "The note")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such organisation or note", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("customers:write"))),
)]
pub(crate) async fn delete_organisation_note(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, note_id)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    let subject = NoteSubject::Organisation(OrganisationId::new(id));
    web.desk.delete_note(&principal, &subject, &NoteId::new(note_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
