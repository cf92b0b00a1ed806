//! What an agent does with a ticket: reply, note, change it, ask for drafts, put one aside.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use desk::TicketChange;
use domain::{Priority, SuggestionId, SuggestionOutcome, TicketId, TicketStatus, UserId};
use serde::Deserialize;

use super::{
    form::StaffForm,
    session::Staff,
    sign_in::Nothing,
    ticket::{Compose, page},
};
use crate::{failure::Failure, state::Web};

#[derive(Debug, Deserialize)]
pub(crate) struct MessageForm {
    kind: Kind,
    body: String,
    /// The draft that was put into the composer.
    #[serde(default)]
    suggestion: String,
    /// What the ticket becomes with this message.
    #[serde(default)]
    status: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Reply,
    Note,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ChangeForm {
    status: String,
    priority: String,
    team: String,
    assignee: String,
    #[serde(default)]
    tags: String,
}

/// `POST /app/tickets/{number}/messages`
pub(crate) async fn add_message(
    State(web): State<Web>,
    Path(number): Path<i64>,
    StaffForm(staff, form): StaffForm<MessageForm>,
) -> Result<Response, Failure> {
    let id = ticket_id(&web, &staff, number).await?;
    let sent = match form.kind {
        Kind::Note => web.desk.note(&staff.principal, &id, &form.body).await,
        Kind::Reply => {
            let from = (!form.suggestion.is_empty()).then(|| SuggestionId::new(form.suggestion.clone()));
            web.desk.reply(&staff.principal, &id, &form.body, from.as_ref()).await
        }
    };
    if let Err(error) = sent {
        let failure = Failure::from(error);
        let compose = Compose { body: form.body, error: Some(failure.detail.clone()) };
        let page = page(&web, &staff, number, None, compose).await?;
        return Ok((failure.status, page).into_response());
    }
    if let Some(status) = TicketStatus::parse(&form.status).filter(|_| form.kind == Kind::Reply) {
        let change = TicketChange { status: Some(status), ..TicketChange::default() };
        web.desk.change_ticket(&staff.principal, &id, change, None).await?;
    }
    Ok(back(number))
}

/// `POST /app/tickets/{number}`
pub(crate) async fn change_ticket(
    State(web): State<Web>,
    Path(number): Path<i64>,
    StaffForm(staff, form): StaffForm<ChangeForm>,
) -> Result<Response, Failure> {
    let view = web.desk.ticket_by_number(&staff.principal, number).await?;
    let status =
        TicketStatus::parse(&form.status).ok_or_else(|| Failure::bad_request("status: no such status"))?;
    let priority =
        Priority::parse(&form.priority).ok_or_else(|| Failure::bad_request("priority: no such priority"))?;
    let assignee = (!form.assignee.is_empty()).then(|| UserId::new(form.assignee));
    let team = form.team.trim().to_owned();
    let ticket = view.ticket;
    let change = TicketChange {
        status: (status != ticket.status).then_some(status),
        priority: (priority != ticket.priority).then_some(priority),
        team: (team != ticket.team).then_some(team),
        assignee: (assignee != ticket.assignee_id).then_some(assignee),
        tags: Some(
            form.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        ),
    };
    web.desk.change_ticket(&staff.principal, &ticket.id, change, None).await?;
    Ok(back(number))
}

/// `POST /app/tickets/{number}/suggestions`
pub(crate) async fn suggest(
    State(web): State<Web>,
    Path(number): Path<i64>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<Response, Failure> {
    let id = ticket_id(&web, &staff, number).await?;
    web.desk.suggest(&staff.principal, &id).await?;
    Ok(Redirect::to(&format!("/app/tickets/{number}#suggestions")).into_response())
}

/// `POST /app/tickets/{number}/suggestions/{id}/dismissal`
pub(crate) async fn dismiss(
    State(web): State<Web>,
    Path((number, id)): Path<(i64, String)>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<Response, Failure> {
    let view = web.desk.ticket_by_number(&staff.principal, number).await?;
    let suggestion = view.suggestions.iter().find(|suggestion| suggestion.id.as_str() == id);
    let suggestion = suggestion.ok_or_else(Failure::not_found)?;
    web.desk.record_suggestion(&staff.principal, &suggestion.id, SuggestionOutcome::Dismissed).await?;
    Ok(Redirect::to(&format!("/app/tickets/{number}#suggestions")).into_response())
}

async fn ticket_id(web: &Web, staff: &Staff, number: i64) -> Result<TicketId, Failure> {
    Ok(web.desk.ticket_by_number(&staff.principal, number).await?.ticket.id)
}

fn back(number: i64) -> Response {
    Redirect::to(&format!("/app/tickets/{number}#last")).into_response()
}
