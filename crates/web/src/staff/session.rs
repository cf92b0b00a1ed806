//! Who is signed in, read from the session cookie on every request.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use domain::{Principal, Scope, Session, User};
use sha2::{Digest, Sha256};

use crate::{address, cookies::Cookie, failure::Failure, state::Web};

/// A person of the team.
pub(crate) struct Staff {
    pub(crate) principal: Principal,
    pub(crate) user: User,
    pub(crate) session: Session,
    /// Whether nothing may be done before there is a second factor.
    pub(crate) needs_second_factor: bool,
    /// What every form of this session carries, besides the cookie.
    pub(crate) form_token: String,
}

/// Not signed in, or it could not be found out.
pub(crate) enum NoSession {
    SignIn { next: String },
    Failed(Failure),
}

impl Staff {
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.principal.may(scope)
    }
}

impl FromRequestParts<Web> for Staff {
    type Rejection = NoSession;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, NoSession> {
        let found = match Cookie::Session.read(web, &parts.headers) {
            None => None,
            Some(token) => {
                let session =
                    web.desk.session(&token).await.map_err(|error| NoSession::Failed(error.into()))?;
                session.map(|open| Self {
                    principal: open.principal,
                    user: open.user,
                    session: open.session,
                    needs_second_factor: open.needs_second_factor,
                    form_token: form_token(&token),
                })
            }
        };
        found.ok_or_else(|| NoSession::SignIn {
            next: parts.uri.path_and_query().map(|path| format!("/app{path}")).unwrap_or_default(),
        })
    }
}

impl IntoResponse for NoSession {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn { next } => {
                Redirect::to(&format!("/app/sign-in?next={}", address::escape(&next))).into_response()
            }
            Self::Failed(failure) => failure.into_response(),
        }
    }
}

/// Derived from the session's secret: nothing to store, useless without the cookie, and it dies with the session.
fn form_token(session: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"askwell form\0");
    hash.update(session.as_bytes());
    format!("{:.32x}", hash.finalize())
}
