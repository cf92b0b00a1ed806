//! The people who sign in, for admins.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use desk::{DeskError, UserChange};
use domain::{Role, Sees, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    body::Body,
    revision::{Tagged, etag, if_match},
    shapes::{AddedUserJson, InviteJson, SessionsJson, UserJson, UsersJson},
};
use crate::{caller::Bearer, dress::Problem, failure::Failure, page::base_url, state::Web};

/// A new person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// The name that customers and colleagues see.
    name: String,
    /// The address they sign in with.
    email: String,
    /// `admin`, `agent`, `editor`, or the key of a role that was made. Only one that may do no more than whoever asks.
    role: String,
    /// At least 15 characters. Without one, the answer has an invite, by which they set it themselves.
    password: Option<String>,
}

/// A change of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChangeJson {
    /// The new name.
    name: Option<String>,
    /// The new role.
    role: Option<String>,
    /// Whose tickets they see: `all`, or `own_teams` for those of the teams they are in.
    sees: Option<String>,
    /// Whether they may sign in.
    active: Option<bool>,
}

/// List people
#[utoipa::path(
    get, path = "/users", tag = "People", responses((status = 200, description = "Everybody, by name", body = UsersJson)),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn list_users(
    State(web): State<Web>,
    Bearer(principal): Bearer,
) -> Result<Json<UsersJson>, Failure> {
    let users = web.desk.users(&principal).await?;
    Ok(Json(UsersJson { users: users.iter().map(UserJson::new).collect() }))
}

/// Add a person
///
/// Without a password the answer has an invite: a link, shown once, by which they set one. No mail is sent.
#[utoipa::path(
    post, path = "/users", tag = "People", request_body = NewUser,
    responses(
        (status = 201, description = "The person, with an invite or without", body = AddedUserJson),
        (status = 409, description = "Somebody signs in with this address", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value is refused", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn create_user(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    headers: HeaderMap,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Tagged<AddedUserJson>), Failure> {
    let NewUser { name, email, role, password } = new;
    let role = parse_role(&role)?;
    let (user, invite) = match password.as_deref() {
        Some(password) => {
            (web.desk.create_user(&principal, &name, &email, role, Some(password)).await?, None)
        }
        None => {
            let (user, invite) = web.desk.invite_user(&principal, &name, &email, role).await?;
            (user, Some(InviteJson::new(&invite, &base_url(&web, &headers))))
        }
    };
    let added = AddedUserJson { user: UserJson::new(&user), invite };
    Ok((StatusCode::CREATED, ([etag(user.revision)], Json(added))))
}

/// Invite a person anew
///
/// For who has lost their link or their password. The link, shown once, leads to a page on which they set a password, within a week;
/// an earlier invite and their sign-in links end now, their sessions once they have set it. No mail is sent.
#[utoipa::path(
    post, path = "/users/{id}/invite", tag = "People", params(("id" = String, Path, description = "The person")),
    responses(
        (status = 201, description = "The invite", body = InviteJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "They are deactivated", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn create_invite(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<InviteJson>), Failure> {
    let invite = web.desk.invite(&principal, &UserId::new(id)).await?;
    Ok((StatusCode::CREATED, Json(InviteJson::new(&invite, &base_url(&web, &headers)))))
}

/// Read a person
#[utoipa::path(
    get, path = "/users/{id}", tag = "People", params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The person; `ETag` is their revision", body = UserJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn get_user(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Tagged<UserJson>, Failure> {
    let user = web.desk.user(&principal, &UserId::new(id)).await?;
    Ok(([etag(user.revision)], Json(UserJson::new(&user))))
}

/// Change a person
///
/// Absent fields stay. Who is deactivated loses every session at once, open event streams included. With `If-Match` the change is
/// refused when somebody else changed the person first.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "People", request_body = UserChangeJson,
    params(("id" = String, Path, description = "The person"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The person after it", body = UserJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No admin would be left", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn change_user(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<UserChangeJson>,
) -> Result<Tagged<UserJson>, Failure> {
    let expected_revision = if_match(&headers)?;
    let change = UserChange {
        name: change.name,
        role: change.role.as_deref().map(parse_role).transpose()?,
        sees: change.sees.as_deref().map(parse_sees).transpose()?,
        is_active: change.active,
    };
    let user = web.desk.change_user(&principal, &UserId::new(id), change, expected_revision).await?;
    Ok(([etag(user.revision)], Json(UserJson::new(&user))))
}

/// List a person's sessions
#[utoipa::path(
    get, path = "/users/{id}/sessions", operation_id = "list_sessions_of_user", tag = "People", params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "Where they are signed in", body = SessionsJson),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn list_sessions(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<Json<SessionsJson>, Failure> {
    let sessions = web.desk.sessions_of(&principal, &UserId::new(id)).await?;
    Ok(Json(SessionsJson::new(&sessions, None)))
}

/// End a person's sessions
///
/// They may sign in again; deactivate them to prevent that.
#[utoipa::path(
    delete, path = "/users/{id}/sessions", tag = "People", params(("id" = String, Path, description = "The person")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "No such person", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn end_sessions(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.end_sessions_of(&principal, &UserId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_role(text: &str) -> Result<Role, Failure> {
    Role::parse(text).ok_or_else(|| refused("role", "there is no such role"))
}

fn parse_sees(text: &str) -> Result<Sees, Failure> {
    Sees::parse(text).ok_or_else(|| refused("sees", "one of all, own_teams"))
}

fn refused(field: &'static str, message: &str) -> Failure {
    DeskError::Invalid { field, message: message.to_owned() }.into()
}
