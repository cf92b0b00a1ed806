//! Asking for a link to sign in with.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use domain::Principal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use crate::{
    caller::Client, cookies::Cookie, device::origin, dress::Problem, failure::Failure, limits::Spend,
    state::Web,
};

/// Who asks for a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest {
    /// The address they sign in with.
    email: String,
}

/// What is said to everybody who asks for a link.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkAskedJson {
    detail: &'static str,
}

/// Ask for a link to sign in with
///
/// Always answered the same, so that nobody learns which addresses are known. If somebody signs in with this address and mail is set
/// up, they get a link that works once, for 15 minutes, and only in the browser that asked: the answer sets a cookie.
#[utoipa::path(
    post, path = "/sign-in/link", tag = "Me", request_body = LinkRequest,
    responses(
        (status = 202, description = "Taken note of", body = LinkAskedJson),
        (status = 429, description = "Too many requests from this address", body = Problem, content_type = "application/problem+json"),
    ),
    extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn ask_for_link(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Body(request): Body<LinkRequest>,
) -> Result<impl IntoResponse, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    let browser = asking_browser(&web, &headers);
    web.desk.ask_for_sign_in_link(&request.email, &browser, &origin(&client, &headers)).await?;
    let keep = AppendHeaders([(header::SET_COOKIE, Cookie::Asked.keep(&web, &browser))]);
    let said =
        LinkAskedJson { detail: "if this address is known, a link is on its way; open it in this browser" };
    Ok((StatusCode::ACCEPTED, keep, Json(said)))
}

/// The secret of the browser that asks: the one it has, so that the links it asked for before go on to work, or a new one.
pub(crate) fn asking_browser(web: &Web, headers: &HeaderMap) -> String {
    let is_ours = |secret: &String| secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit());
    Cookie::Asked.read(web, headers).filter(is_ours).unwrap_or_else(|| web.desk.browser_secret())
}
