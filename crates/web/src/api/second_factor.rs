//! One's own second factor, and its removal by admins.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use crate::{
    caller::{Bearer, Person},
    dress::Problem,
    failure::Failure,
    state::Web,
};

/// What an authenticator needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewSecondFactorJson {
    /// The shared secret in base 32, to be typed; shown once.
    secret: String,
    /// The same as an `otpauth://` address, to be made a picture of.
    uri: String,
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    /// Six digits of the authenticator; where it says so, or a recovery code.
    code: String,
}

/// Recovery codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodesJson {
    /// Each signs in once in place of a code; shown once.
    recovery_codes: Vec<String>,
}

/// Begin to set up one's own second factor
///
/// For people. Nothing is asked for until it is confirmed by a first code.
#[utoipa::path(
    post, path = "/me/totp", tag = "Me",
    responses(
        (status = 201, description = "What the authenticator needs", body = NewSecondFactorJson),
        (status = 409, description = "There is one already", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn begin(
    State(web): State<Web>,
    Person(open): Person,
) -> Result<(StatusCode, Json<NewSecondFactorJson>), Failure> {
    let new = web.desk.begin_second_factor(&open.principal).await?;
    Ok((StatusCode::CREATED, Json(NewSecondFactorJson { secret: new.secret, uri: new.uri })))
}

/// Confirm one's own second factor
///
/// By a first code of the authenticator. From now on a code is asked for at each sign-in; all other sessions end. Gives ten recovery
/// codes.
#[utoipa::path(
    put, path = "/me/totp", tag = "Me", request_body = Code,
    responses(
        (status = 200, description = "The recovery codes", body = RecoveryCodesJson),
        (status = 409, description = "None is being set up", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The code is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn confirm(
    State(web): State<Web>,
    Person(open): Person,
    Body(code): Body<Code>,
) -> Result<Json<RecoveryCodesJson>, Failure> {
    let codes = web.desk.confirm_second_factor(&open.principal, &open.session.id, &code.code).await?;
    Ok(Json(RecoveryCodesJson { recovery_codes: codes }))
}

/// Remove one's own second factor
///
/// With a code of it, or a recovery code.
#[utoipa::path(
    post, path = "/me/totp/removal", tag = "Me", request_body = Code,
    responses(
        (status = 204, description = "Removed"),
        (status = 422, description = "The code is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries", body = Problem, content_type = "application/problem+json"),
    ),
    security(("session" = [])), extensions(("x-required-scope" = json!("none"))),
)]
pub(crate) async fn remove(
    State(web): State<Web>,
    Person(open): Person,
    Body(code): Body<Code>,
) -> Result<StatusCode, Failure> {
    web.desk.remove_second_factor(&open.principal, &code.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a person's second factor
///
/// For who has lost their device and their recovery codes. They sign in without a code until they set one up again.
#[utoipa::path(
    delete, path = "/users/{id}/totp", tag = "People", params(("id" = String, Path, description = "The person")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "No such person, or no second factor", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])), extensions(("x-required-scope" = json!("admin:users"))),
)]
pub(crate) async fn reset(
    State(web): State<Web>,
    Bearer(principal): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    web.desk.reset_second_factor(&principal, &UserId::new(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
