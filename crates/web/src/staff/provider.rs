//! Signing in at the site's provider and coming back from it.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use desk::DeskError;
use domain::Principal;
use serde::Deserialize;

use super::{second_step::went_on, sign_in::SignInPage};
use crate::{caller::Client, cookies::Cookie, device::origin, failure::Failure, limits::Spend, state::Web};

#[derive(Deserialize)]
pub(crate) struct ReturnQuery {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// `GET /app/sign-in/provider`
pub(crate) async fn provider_sign_in(State(web): State<Web>, client: Client) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    let browser = web.desk.browser_secret();
    match web.desk.begin_provider_sign_in(&browser).await {
        Ok(url) => {
            let keep = AppendHeaders([(header::SET_COOKIE, Cookie::Provider.keep(&web, &browser))]);
            Ok((keep, Redirect::to(&url)).into_response())
        }
        Err(DeskError::Busy) => Ok(told(&web, StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE)),
        Err(error) => Err(error.into()),
    }
}

/// `GET /app/sign-in/provider/return`
pub(crate) async fn provider_return(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<ReturnQuery>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    let finished = match Cookie::Provider.read(&web, &headers) {
        Some(browser) if !query.code.is_empty() => {
            let origin = origin(&client, &headers);
            web.desk.finish_provider_sign_in(&browser, &query.state, &query.code, &origin).await
        }
        _ => Err(DeskError::Forbidden),
    };
    let mut response = match finished {
        Ok(sign_in) => went_on(&web, &sign_in, ""),
        Err(DeskError::Forbidden) => told(&web, StatusCode::FORBIDDEN, REFUSED),
        Err(DeskError::Busy) => told(&web, StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
        Err(error) => return Err(error.into()),
    };
    // One try for each secret, whatever came of it.
    response.headers_mut().append(header::SET_COOKIE, Cookie::Provider.forget(&web));
    Ok(response)
}

const REFUSED: &str = "You could not be signed in this way. Ask an admin whether you have an account with the address that your provider has verified.";
const UNAVAILABLE: &str =
    "The provider cannot be reached right now. Try again in a moment, or sign in another way.";

fn told(web: &Web, status: StatusCode, error: &str) -> Response {
    (status, SignInPage::new(web, String::new(), String::new(), Some(error))).into_response()
}
