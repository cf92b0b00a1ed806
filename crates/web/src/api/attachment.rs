//! Files: taken in as the body of a request, and given back as what cannot run.

use axum::{
    Json,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use domain::{ATTACHMENT_BYTES_MAX, AttachmentId, OCTET_STREAM};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{body::Params, shapes::AttachmentJson};
use crate::{caller::Bearer, dress::Problem, failure::Failure, file, state::Web};

/// What a file is called.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NewFile {
    /// The name that people see, at most 120 characters of which are kept; `file` when absent. Folders are left out.
    name: Option<String>,
}

/// Upload a file
///
/// The body is the file itself, at most 25 MiB. What it is is found by its content, whatever `Content-Type` says. It belongs to nothing
/// until its id is in `attachment_ids` of a message or ticket that the same key or person writes, and is deleted after a day otherwise.
/// A picture of more than 16,384 pixels on a side, or 100,000,000 in all, is refused.
#[utoipa::path(
    post, path = "/attachments", tag = "Tickets", params(NewFile),
    request_body(content = String, description = "The file", content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "The file", body = AttachmentJson),
        (status = 409, description = "Too many files of yours belong to nothing", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Empty, broken off, or a picture with too many pixels", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many uploads at once", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("tickets:write"))),
)]
pub(crate) async fn create_attachment(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Params(new): Params<NewFile>,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Json<AttachmentJson>), Failure> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|n_bytes: usize| n_bytes > ATTACHMENT_BYTES_MAX) {
        return Err(Failure::too_large(format!("body: more than {ATTACHMENT_BYTES_MAX} bytes")));
    }
    let content = request.into_body().into_data_stream();
    let name = new.name.unwrap_or_default();
    let attachment = web.desk.upload(&principal, &name, content).await?;
    Ok((StatusCode::CREATED, Json(AttachmentJson::new(&attachment))))
}

/// Read a file
///
/// By the address that the message names, and with the permission to read the message: for customers that of a reply in their own
/// conversation. Pictures are shown, everything else is saved.
#[utoipa::path(
    get, path = "/attachments/{id}/{capability}", tag = "Tickets",
    params(("id" = String, Path, description = "The file"), ("capability" = String, Path, description = "The rest of its address")),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = OCTET_STREAM),
        (status = 404, description = "No such file, or not yours to read", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []), ("conversation" = [])), extensions(("x-required-scope" = json!("tickets:read"))),
)]
pub(crate) async fn get_attachment(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path((id, capability)): Path<(String, String)>,
) -> Result<Response<Body>, Failure> {
    let found = web.desk.attachment(&principal, &AttachmentId::new(id), &capability).await?;
    Ok(file::response(found))
}
