//! One's own account: where one is signed in.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Redirect,
};
use desk::DeskError;
use domain::SessionId;

use super::{
    form::{Nothing, StaffForm},
    frame::{Frame, Place},
    session::Staff,
};
use crate::{dates::When, failure::Failure, page::pages, state::Web};

#[derive(Template)]
#[template(path = "staff/account.html")]
pub(crate) struct AccountPage {
    frame: Frame,
    email: String,
    sessions: Vec<SessionRow>,
}

pages!(AccountPage);

struct SessionRow {
    id: String,
    browser: String,
    network: String,
    began: When,
    seen: When,
    is_current: bool,
}

/// `GET /app/account`
pub(crate) async fn account(State(web): State<Web>, staff: Staff) -> Result<AccountPage, Failure> {
    let now = web.now();
    let sessions = web.desk.sessions(&staff.principal).await?.into_iter().map(|session| SessionRow {
        is_current: session.id == staff.session.id,
        id: session.id.to_string(),
        browser: session.device.browser,
        network: session.device.network,
        began: When::new(session.created_at, now),
        seen: When::new(session.last_seen_at, now),
    });
    Ok(AccountPage {
        sessions: sessions.collect(),
        email: staff.user.email.clone(),
        frame: Frame::new(&web, &staff, Place::Account, "Account"),
    })
}

/// `POST /app/account/sessions/{id}`: ends one. One that has ended meanwhile is what was wanted.
pub(crate) async fn end_session(
    State(web): State<Web>,
    Path(id): Path<String>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<Redirect, Failure> {
    match web.desk.end_session(&staff.principal, &SessionId::new(id)).await {
        Ok(()) | Err(DeskError::NotFound) => Ok(Redirect::to("/app/account#sessions")),
        Err(error) => Err(error.into()),
    }
}

/// `POST /app/account/sessions`: ends all but this one.
pub(crate) async fn end_other_sessions(
    State(web): State<Web>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<Redirect, Failure> {
    web.desk.end_other_sessions(&staff.principal, &staff.session.id).await?;
    Ok(Redirect::to("/app/account#sessions"))
}
