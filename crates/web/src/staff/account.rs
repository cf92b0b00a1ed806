//! One's own account: the password, the second factor, and where one is signed in.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use desk::DeskError;
use domain::{Principal, SessionId};
use serde::Deserialize;

use super::{
    form::{Nothing, StaffForm},
    frame::{Frame, Place},
    session::Staff,
    sign_in::{told_to_wait, too_many},
};
use crate::{caller::Client, dates::When, failure::Failure, limits::Spend, page::pages, state::Web};

#[derive(Template)]
#[template(path = "staff/account.html")]
pub(crate) struct AccountPage {
    frame: Frame,
    email: String,
    has_password: bool,
    sessions: Vec<SessionRow>,
    has_second_factor: bool,
    n_recovery_codes: i64,
    /// Whether nothing else may be done before there is a second factor.
    needs_second_factor: bool,
    /// What was wrong with the passwords.
    error: Option<String>,
    /// What was wrong with a code.
    code_error: Option<String>,
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

#[derive(Deserialize)]
pub(crate) struct PasswordForm {
    #[serde(default)]
    current: String,
    password: String,
}

/// `GET /app/account`
pub(crate) async fn account(State(web): State<Web>, staff: Staff) -> Result<AccountPage, Failure> {
    page(&web, &staff, None, None).await
}

/// `POST /app/account/password`
pub(crate) async fn change_password(
    State(web): State<Web>,
    client: Client,
    StaffForm(staff, form): StaffForm<PasswordForm>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    let current = Some(form.current.as_str());
    let changed = web.desk.change_password(&staff.principal, &staff.session.id, current, &form.password);
    match changed.await {
        Ok(()) => Ok(Redirect::to("/app/account").into_response()),
        Err(DeskError::Invalid { message, .. }) => {
            let page = page(&web, &staff, Some(message), None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(DeskError::TooManyAttempts { retry_after_s }) => {
            let page = page(&web, &staff, Some(too_many(retry_after_s)), None).await?;
            Ok(told_to_wait(retry_after_s, page))
        }
        Err(error) => Err(error.into()),
    }
}

/// The page, with what was wrong with a password or a code.
pub(super) async fn page(
    web: &Web,
    staff: &Staff,
    error: Option<String>,
    code_error: Option<String>,
) -> Result<AccountPage, Failure> {
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
        has_password: web.desk.has_password(&staff.principal).await?,
        has_second_factor: staff.user.has_second_factor,
        n_recovery_codes: web.desk.recovery_codes_left(&staff.principal).await?,
        needs_second_factor: staff.needs_second_factor,
        error,
        code_error,
        frame: Frame::new(web, staff, Place::Account, "Account"),
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
