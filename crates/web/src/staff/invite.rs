//! The page of an invite: a person sets their password.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use desk::DeskError;
use domain::{Principal, User};
use serde::Deserialize;

use super::{second_step::went_on, sign_in::SignInPage};
use crate::{
    assets, caller::Client, device::origin, failure::Failure, limits::Spend, page::pages, state::Web,
};

#[derive(Template)]
#[template(path = "staff/invite.html")]
pub(crate) struct InvitePage {
    site: String,
    assets: String,
    name: String,
    email: String,
    token: String,
    error: Option<String>,
}

pages!(InvitePage);

#[derive(Deserialize)]
pub(crate) struct InviteQuery {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
pub(crate) struct InviteForm {
    token: String,
    password: String,
}

/// `GET /app/invite?token=`. Looking does not use it up: programs that check links in mails look too.
pub(crate) async fn invite_page(
    State(web): State<Web>,
    client: Client,
    Query(query): Query<InviteQuery>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    match web.desk.invited(&query.token).await? {
        Some(user) => Ok(InvitePage::new(&web, &user, query.token, None).into_response()),
        None => Ok(ended(&web)),
    }
}

/// `POST /app/invite`
pub(crate) async fn accept_invite(
    State(web): State<Web>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<InviteForm>,
) -> Result<Response, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    match web.desk.accept_invite(&form.token, &form.password, &origin(&client, &headers)).await {
        Ok(sign_in) => Ok(went_on(&web, &sign_in, "")),
        Err(DeskError::Forbidden) => Ok(ended(&web)),
        Err(error @ (DeskError::Invalid { .. } | DeskError::TooLarge { .. })) => {
            let Some(user) = web.desk.invited(&form.token).await? else { return Ok(ended(&web)) };
            let failure = Failure::from(error);
            let page = InvitePage::new(&web, &user, form.token, Some(failure.detail));
            Ok((failure.status, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn ended(web: &Web) -> Response {
    let error = "This invite was used already or has run out. Sign in with your password, or ask an admin for a new one.";
    let page = SignInPage::new(web, String::new(), String::new(), Some(error));
    (StatusCode::FORBIDDEN, page).into_response()
}

impl InvitePage {
    fn new(web: &Web, user: &User, token: String, error: Option<String>) -> Self {
        Self {
            site: web.desk.site().name.clone(),
            assets: assets::base(),
            name: user.name.clone(),
            email: user.email.clone(),
            token,
            error,
        }
    }
}
