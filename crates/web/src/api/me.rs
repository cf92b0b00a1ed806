//! Who is asking, and what people manage of themselves.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Principal, SessionId};

use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    shapes::{MeJson, SessionsJson},
};
use crate::{
    caller::{Bearer, Client, Person},
    dress::Problem,
    failure::Failure,
    limits::Spend,
    state::Web,
};

/// Say who is asking
///
/// With what may be done: the scopes of a key, or those of a person's role.
#[utoipa::path(
    get, path = "/me", tag = "Me", responses((status = 200, description = "Who is asking", body = MeJson)),
    security(("bearer" = []), ("session" = []), ("conversation" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn get_me(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<MeJson>, Failure> {
    let user = match &principal {
        Principal::Staff { .. } => Some(web.desk.me(&principal).await?),
        _ => None,
    };
    Ok(Json(MeJson::new(&principal, user.as_ref())))
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The one until now; left out by who has none yet.
    current_password: Option<String>,
    /// The new one: at least 15 characters.
    password: String,
}

/// Change one's own password
///
/// For people. All other sessions and all links of theirs end.
#[utoipa::path(
    put, path = "/me/password", tag = "Me", request_body = PasswordChange,
    responses(
        (status = 204, description = "Changed"),
        (status = 403, description = "Not a person", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The present password is another, or the new one is too short", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn change_password(
    State(web): State<Web>,
    Person(open): Person,
    client: Client,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode, Failure> {
    client.spend(&web, &Principal::anonymous(), Spend::SignIn)?;
    let current = change.current_password.as_deref();
    web.desk.change_password(&open.principal, &open.session.id, current, &change.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List one's own sessions
///
/// For people: where they are signed in.
#[utoipa::path(
    get, path = "/me/sessions", tag = "Me",
    responses(
        (status = 200, description = "The sessions, the last used first", body = SessionsJson),
        (status = 403, description = "Not a person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn list_sessions(
    State(web): State<Web>,
    Person(open): Person,
) -> Result<Json<SessionsJson>, Failure> {
    let sessions = web.desk.sessions(&open.principal).await?;
    Ok(Json(SessionsJson::new(&sessions, Some(&open.session.id))))
}

/// End one of one's own sessions
///
/// It is refused from the next request on; event streams end within a second.
#[utoipa::path(
    delete, path = "/me/sessions/{id}", tag = "Me", params(("id" = String, Path, description = "The session")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "No such session", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn end_session(
    State(web): State<Web>,
    Person(open): Person,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.end_session(&open.principal, &SessionId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of one's own sessions but this
#[utoipa::path(
    delete, path = "/me/sessions", tag = "Me", responses((status = 204, description = "Ended")),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn end_other_sessions(
    State(web): State<Web>,
    Person(open): Person,
) -> Result<StatusCode, Failure> {
    web.desk.end_other_sessions(&open.principal, &open.session.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
