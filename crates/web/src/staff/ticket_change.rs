//! What an agent does with a ticket: reply, note, change it, ask for drafts, put one aside.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use desk::{NewReply, TicketChange};
use domain::{MessageId, Priority, SuggestionId, SuggestionOutcome, TicketStatus, UserId};
use serde::Deserialize;

use super::{
    form::{Nothing, StaffForm},
    ticket::{Compose, TicketPageQuery, page},
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

/// The properties as the form has them, each with what it was when the page was made: what somebody else changed meanwhile is
/// not changed back.
#[derive(Debug, Deserialize)]
pub(crate) struct ChangeForm {
    status: String,
    priority: String,
    team: String,
    assignee: String,
    tags: String,
    was_status: String,
    was_priority: String,
    was_team: String,
    was_assignee: String,
    was_tags: String,
}

/// `POST /app/tickets/{number}/messages`
pub(crate) async fn add_message(
    State(web): State<Web>,
    Path(number): Path<i64>,
    StaffForm(staff, form): StaffForm<MessageForm>,
) -> Result<Response, Failure> {
    let id = web.desk.ticket_id(&staff.principal, number).await?;
    let then = TicketStatus::parse(&form.status).filter(|_| form.kind == Kind::Reply);
    let sent = match form.kind {
        Kind::Note => web.desk.note(&staff.principal, &id, &form.body).await.map(drop),
        Kind::Reply => {
            let from = (!form.suggestion.is_empty()).then(|| SuggestionId::new(form.suggestion.clone()));
            let reply =
                NewReply { body: form.body.clone(), suggestion_id: from, then, ..NewReply::default() };
            web.desk.send_reply(&staff.principal, &id, reply).await.map(drop)
        }
    };
    if let Err(error) = sent {
        let failure = Failure::from(error);
        let compose = Compose { body: form.body, error: Some(failure.detail.clone()) };
        let page = page(&web, &staff, number, TicketPageQuery::default(), compose).await?;
        return Ok((failure.status, page).into_response());
    }
    Ok(back(number))
}

/// `POST /app/tickets/{number}/waiting-replies/{id}/cancellation`: what was taken back stands in the composer again.
pub(crate) async fn cancel_reply(
    State(web): State<Web>,
    Path((number, id)): Path<(i64, String)>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<Response, Failure> {
    let ticket_id = web.desk.ticket_id(&staff.principal, number).await?;
    let reply = web.desk.cancel_waiting_reply(&staff.principal, &ticket_id, &MessageId::new(id)).await?;
    let compose = Compose { body: reply.body, error: None };
    Ok(page(&web, &staff, number, TicketPageQuery::default(), compose).await?.into_response())
}

/// `POST /app/tickets/{number}`
pub(crate) async fn change_ticket(
    State(web): State<Web>,
    Path(number): Path<i64>,
    StaffForm(staff, form): StaffForm<ChangeForm>,
) -> Result<Response, Failure> {
    let id = web.desk.ticket_id(&staff.principal, number).await?;
    let priority = changed(form.priority, &form.was_priority).map(|priority| {
        Priority::parse(&priority).ok_or_else(|| Failure::bad_request("priority: no such priority"))
    });
    let tags = |tags: String| {
        tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
    };
    let change = TicketChange {
        custom_status: changed(form.status, &form.was_status),
        priority: priority.transpose()?,
        team: changed(form.team, &form.was_team),
        assignee: changed(form.assignee, &form.was_assignee)
            .map(|user| (!user.is_empty()).then(|| UserId::new(user))),
        tags: changed(form.tags, &form.was_tags).map(tags),
        ..TicketChange::default()
    };
    web.desk.change_ticket(&staff.principal, &id, change, None).await?;
    Ok(back(number))
}

/// A field of the form, if it is not what it was.
fn changed(now: String, was: &str) -> Option<String> {
    (now.trim() != was).then(|| now.trim().to_owned())
}

/// `POST /app/tickets/{number}/suggestions`
pub(crate) async fn suggest(
    State(web): State<Web>,
    Path(number): Path<i64>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<Response, Failure> {
    let id = web.desk.ticket_id(&staff.principal, number).await?;
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

fn back(number: i64) -> Response {
    Redirect::to(&format!("/app/tickets/{number}#last")).into_response()
}
