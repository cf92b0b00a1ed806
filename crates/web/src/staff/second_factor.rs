//! Setting up one's own second factor, and removing it.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use desk::DeskError;
use serde::Deserialize;

use super::{
    account,
    form::{Nothing, StaffForm},
    frame::{Frame, Place},
    session::Staff,
    sign_in::{told_to_wait, too_many},
};
use crate::{failure::Failure, page::pages, state::Web};

#[derive(Template)]
#[template(path = "staff/second-factor.html")]
pub(crate) struct SecondFactorPage {
    frame: Frame,
    step: Step,
    error: Option<String>,
}

pages!(SecondFactorPage);

/// How far it is set up.
enum Step {
    /// The authenticator is to be fed, and a first code typed. What it needs is shown once.
    Confirm { shown: Option<(String, String)> },
    /// It is done; these are shown once.
    Done { recovery_codes: Vec<String> },
}

#[derive(Deserialize)]
pub(crate) struct CodeForm {
    code: String,
}

/// `POST /app/account/second-factor`
pub(crate) async fn begin_second_factor(
    State(web): State<Web>,
    StaffForm(staff, Nothing {}): StaffForm<Nothing>,
) -> Result<SecondFactorPage, Failure> {
    let new = web.desk.begin_second_factor(&staff.principal).await?;
    let shown = Some((spaced(&new.secret), new.uri));
    Ok(SecondFactorPage::new(&web, &staff, Step::Confirm { shown }, None))
}

/// `POST /app/account/second-factor/confirmation`
pub(crate) async fn confirm_second_factor(
    State(web): State<Web>,
    StaffForm(staff, form): StaffForm<CodeForm>,
) -> Result<Response, Failure> {
    let confirmed = web.desk.confirm_second_factor(&staff.principal, &staff.session.id, &form.code);
    let again =
        |error: String| SecondFactorPage::new(&web, &staff, Step::Confirm { shown: None }, Some(error));
    match confirmed.await {
        Ok(recovery_codes) => {
            Ok(SecondFactorPage::new(&web, &staff, Step::Done { recovery_codes }, None).into_response())
        }
        Err(DeskError::Invalid { .. }) => {
            let error = "This code is wrong. Type the one that your authenticator shows now.".to_owned();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again(error)).into_response())
        }
        Err(DeskError::TooManyAttempts { retry_after_s }) => {
            Ok(told_to_wait(retry_after_s, again(too_many(retry_after_s))))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /app/account/second-factor/removal`
pub(crate) async fn remove_second_factor(
    State(web): State<Web>,
    StaffForm(staff, form): StaffForm<CodeForm>,
) -> Result<Response, Failure> {
    match web.desk.remove_second_factor(&staff.principal, &form.code).await {
        Ok(()) => Ok(Redirect::to("/app/account#second-factor").into_response()),
        Err(DeskError::Invalid { message, .. }) => {
            let page = account::page(&web, &staff, None, Some(message)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(DeskError::TooManyAttempts { retry_after_s }) => {
            let page = account::page(&web, &staff, None, Some(too_many(retry_after_s))).await?;
            Ok(told_to_wait(retry_after_s, page))
        }
        Err(error) => Err(error.into()),
    }
}

impl SecondFactorPage {
    fn new(web: &Web, staff: &Staff, step: Step, error: Option<String>) -> Self {
        Self { frame: Frame::new(web, staff, Place::Account, "Second factor"), step, error }
    }
}

/// In groups of four, which people can type.
fn spaced(secret: &str) -> String {
    let groups: Vec<&str> =
        secret.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}
