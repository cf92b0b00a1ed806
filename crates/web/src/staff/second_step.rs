//! The second step of signing in: a code.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use desk::{DeskError, SignIn};
use domain::Principal;
use serde::Deserialize;

use super::sign_in::{admitted, told_to_wait, too_many};
use crate::{
    address, assets, caller::Client, cookies::Cookie, device::origin, failure::Failure, limits::Spend,
    page::pages, state::Web,
};

#[derive(Template)]
#[template(path = "staff/second-step.html")]
pub(crate) struct SecondStepPage {
    site: String,
    assets: String,
    next: String,
    error: Option<String>,
}

pages!(SecondStepPage);

#[derive(Deserialize)]
pub(crate) struct StepQuery {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct StepForm {
    code: String,
    #[serde(default)]
    next: String,
}

/// Where signing in goes on: into the staff area, or to the second step.
pub(super) fn went_on(web: &Web, sign_in: &SignIn, next: &str) -> Response {
    match sign_in {
        SignIn::Done(signed_in) => admitted(web, &signed_in.token, next),
        SignIn::SecondStep { token } => {
            let keep = AppendHeaders([(header::SET_COOKIE, Cookie::Step.keep(web, token))]);
            let to = format!("/app/sign-in/code?next={}", address::escape(next));
            (keep, Redirect::to(&to)).into_response()
        }
    }
}

/// `GET /app/sign-in/code`
pub(crate) async fn second_step_page(
    State(web): State<Web>,
    headers: HeaderMap,
    Query(query): Query<StepQuery>,
) -> Result<Response, Failure> {
    match Cookie::Step.read(&web, &headers) {
        Some(token) if web.desk.awaits_code(&token).await? => {
            Ok(SecondStepPage::new(&web, query.next, None).into_response())
        }
        _ => Ok(Redirect::to("/app/sign-in").into_response()),
    }
}

/// `POST /app/sign-in/code`
pub(crate) async fn second_step(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<StepForm>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    let Some(token) = Cookie::Step.read(&web, &headers) else {
        return Ok(Redirect::to("/app/sign-in").into_response());
    };
    match web.desk.finish_sign_in(&token, &form.code, &origin(&client, &headers)).await {
        Ok(signed_in) => {
            let mut response = admitted(&web, &signed_in.token, &form.next);
            response.headers_mut().append(header::SET_COOKIE, Cookie::Step.forget(&web));
            Ok(response)
        }
        Err(DeskError::Forbidden) => Ok(Redirect::to("/app/sign-in").into_response()),
        Err(DeskError::Invalid { .. }) => {
            let error =
                "This code is wrong or was used already. Wait for the next one, or use a recovery code.";
            let page = SecondStepPage::new(&web, form.next, Some(error.to_owned()));
            Ok((StatusCode::FORBIDDEN, page).into_response())
        }
        Err(DeskError::Conflict(why)) => {
            let page = SecondStepPage::new(&web, form.next, Some(why));
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(DeskError::TooManyAttempts { retry_after_s }) => {
            let page = SecondStepPage::new(&web, form.next, Some(too_many(retry_after_s)));
            Ok(told_to_wait(retry_after_s, page))
        }
        Err(error) => Err(error.into()),
    }
}

impl SecondStepPage {
    fn new(web: &Web, next: String, error: Option<String>) -> Self {
        Self { site: web.desk.site().name.clone(), assets: assets::base(), next, error }
    }
}
