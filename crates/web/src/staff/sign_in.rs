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
    second_step::went_on,
    session::Staff,
};
use crate::{
    api::asking_browser, assets, caller::Client, cookies::Cookie, device::origin, failure::Failure,
    limits::Spend, page::pages, state::Web,
};

#[derive(Template)]
#[template(path = "staff/sign-in.html")]
pub(crate) struct SignInPage {
    site: String,
    assets: String,
    email: String,
    next: String,
    error: Option<String>,
    /// Whether a link can be asked for, which a mail would bring.
    delivers_links: bool,
    /// What the provider is called, where one can be signed in at.
    provider: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/asked.html")]
pub(crate) struct AskedPage {
    site: String,
    assets: String,
}

pages!(SignInPage, AskedPage);

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

#[derive(Deserialize)]
pub(crate) struct LinkForm {
    email: String,
}

/// `GET /app`
pub(crate) async fn entrance(staff: Staff) -> Redirect {
    Redirect::to(if staff.needs_second_factor { "/app/account" } else { "/app/tickets" })
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
    match web
        .desk
        .sign_in_with_link(&token, Cookie::Asked.read(&web, &headers).as_deref(), &origin(&client, &headers))
        .await
    {
        Ok(sign_in) => Ok(went_on(&web, &sign_in, "")),
        Err(DeskError::Forbidden | DeskError::NotFound | DeskError::Invalid { .. }) => {
            let error = "This link was used already, has run out, or was asked for in another browser. Sign in with your password, or get a new link.";
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
    match web.desk.sign_in(&form.email, &form.password, &origin(&client, &headers)).await {
        Ok(sign_in) => Ok(went_on(&web, &sign_in, &form.next)),
        Err(DeskError::Forbidden | DeskError::NotFound | DeskError::Invalid { .. }) => {
            let error = "Address and password do not match.";
            let page = SignInPage::new(&web, form.email, form.next, Some(error));
            Ok((StatusCode::FORBIDDEN, page).into_response())
        }
        Err(DeskError::TooManyAttempts { retry_after_s }) => {
            let error = too_many(retry_after_s);
            Ok(told_to_wait(retry_after_s, SignInPage::new(&web, form.email, form.next, Some(&error))))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /app/sign-in/link`: always the same page, whether the address is known or not.
pub(crate) async fn ask_for_link(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<LinkForm>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    let browser = asking_browser(&web, &headers);
    web.desk.ask_for_sign_in_link(&form.email, &browser, &origin(&client, &headers)).await?;
    let keep = AppendHeaders([(header::SET_COOKIE, Cookie::Asked.keep(&web, &browser))]);
    let page = AskedPage { site: web.desk.site().name.clone(), assets: assets::base() };
    Ok((keep, page).into_response())
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
    pub(super) fn new(web: &Web, email: String, next: String, error: Option<&str>) -> Self {
        Self {
            site: web.desk.site().name.clone(),
            assets: assets::base(),
            email,
            next,
            error: error.map(str::to_owned),
            delivers_links: web.desk.delivers_links(),
            provider: web.desk.provider_name().map(str::to_owned),
        }
    }
}

/// What somebody reads who has to wait before the next attempt.
pub(super) fn too_many(retry_after_s: u32) -> String {
    let minutes = retry_after_s.div_ceil(60);
    format!("Too many attempts. Try again in {minutes} minute{}.", if minutes == 1 { "" } else { "s" })
}

/// 429 with a page, and when to come back.
pub(super) fn told_to_wait(retry_after_s: u32, page: impl IntoResponse) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, retry_after_s.to_string())], page).into_response()
}

pub(super) fn admitted(web: &Web, token: &str, next: &str) -> Response {
    let keep = AppendHeaders([(header::SET_COOKIE, Cookie::Session.keep(web, token))]);
    (keep, Redirect::to(inside(next))).into_response()
}

/// Only pages of the staff area: a link to the sign-in page must not lead out of it.
fn inside(next: &str) -> &str {
    let is_inside = next.starts_with("/app/") && !next.contains(['\\', '\r', '\n']) && !next.contains("..");
    if is_inside { next } else { "/app" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        for (next, to) in [
            ("/app/tickets/3?insert=x", "/app/tickets/3?insert=x"),
            ("", "/app"),
            ("https://evil.example/app/", "/app"),
            ("//evil.example/app/", "/app"),
            ("/app/../ask", "/app"),
            ("/app/\\evil", "/app"),
        ] {
            assert_eq!(inside(next), to);
        }
    }
}
