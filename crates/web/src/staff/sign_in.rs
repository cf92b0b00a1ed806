//! Signing in with address and password, or with the first admin's one-time link; signing out.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use desk::DeskError;
use domain::Principal;
use serde::Deserialize;

use super::{
    form::{Nothing, StaffForm},
    session::Staff,
};
use crate::{
    assets, caller::Client, cookies::Cookie, device::device, failure::Failure, limits::Spend, page::pages,
    state::Web,
};

#[derive(Template)]
#[template(path = "staff/sign-in.html")]
pub(crate) struct SignInPage {
    site: String,
    assets: String,
    email: String,
    next: String,
    error: Option<&'static str>,
}

pages!(SignInPage);

#[derive(Debug, Deserialize)]
pub(crate) struct SignInQuery {
    token: Option<String>,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `GET /app`
pub(crate) async fn entrance(_staff: Staff) -> Redirect {
    Redirect::to("/app/tickets")
}

/// `GET /app/sign-in`, with `?token=` from a one-time link.
pub(crate) async fn sign_in_page(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<SignInQuery>,
) -> Result<Response, Failure> {
    let Some(token) = query.token else {
        return Ok(SignInPage::new(&web, String::new(), query.next, None).into_response());
    };
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    match web.desk.sign_in_with_link(&token, &device(&client, &headers)).await {
        Ok(signed_in) => Ok(admitted(&web, &signed_in.token, "")),
        Err(DeskError::Forbidden | DeskError::NotFound | DeskError::Invalid { .. }) => {
            let error = "This link was used already or has run out. Sign in with your password, or ask an admin for a new link.";
            let page = SignInPage::new(&web, String::new(), String::new(), Some(error));
            Ok((StatusCode::FORBIDDEN, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /app/sign-in`
pub(crate) async fn sign_in(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    match web.desk.sign_in(&form.email, &form.password, &device(&client, &headers)).await {
        Ok(signed_in) => Ok(admitted(&web, &signed_in.token, &form.next)),
        Err(DeskError::Forbidden | DeskError::NotFound | DeskError::Invalid { .. }) => {
            let error = "Address and password do not match.";
            let page = SignInPage::new(&web, form.email, form.next, Some(error));
            Ok((StatusCode::FORBIDDEN, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /app/sign-out`
pub(crate) async fn sign_out(
    State(web): State<Web>,
    headers: HeaderMap,
    StaffForm(_, Nothing {}): StaffForm<Nothing>,
) -> Result<Response, Failure> {
    if let Some(token) = Cookie::Session.read(&web, &headers) {
        web.desk.sign_out(&token).await?;
    }
    let forget = AppendHeaders([(header::SET_COOKIE, Cookie::Session.forget(&web))]);
    Ok((forget, Redirect::to("/app/sign-in")).into_response())
}

impl SignInPage {
    pub(super) fn new(web: &Web, email: String, next: String, error: Option<&'static str>) -> Self {
        Self { site: web.desk.site().name.clone(), assets: assets::base(), email, next, error }
    }
}

pub(super) fn admitted(web: &Web, token: &str, next: &str) -> Response {
    let keep = AppendHeaders([(header::SET_COOKIE, Cookie::Session.keep(web, token))]);
    (keep, Redirect::to(inside(next))).into_response()
}

/// Only pages of the staff area: a link to the sign-in page must not lead out of it.
fn inside(next: &str) -> &str {
    let is_inside = next.starts_with("/app/") && !next.contains(['\\', '\r', '\n']) && !next.contains("..");
    if is_inside { next } else { "/app/tickets" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        for (next, to) in [
            ("/app/tickets/3?insert=x", "/app/tickets/3?insert=x"),
            ("", "/app/tickets"),
            ("https://evil.example/app/", "/app/tickets"),
            ("//evil.example/app/", "/app/tickets"),
            ("/app/../ask", "/app/tickets"),
            ("/app/\\evil", "/app/tickets"),
        ] {
            assert_eq!(inside(next), to);
        }
    }
}
