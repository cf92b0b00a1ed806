//! Forms of the staff area: the session, the form token, then the fields.

use axum::{
    Form,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::session::Staff;
use crate::{failure::Failure, state::Web};

/// A form that a page of this session sent.
pub(crate) struct StaffForm<T>(pub(crate) Staff, pub(crate) T);

/// A form that is nothing but its button.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Deserialize)]
struct WithToken<T> {
    #[serde(rename = "_form")]
    token: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned> FromRequest<Web> for StaffForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let staff = <Staff as axum::extract::FromRequestParts<Web>>::from_request_parts(&mut parts, web)
            .await
            .map_err(IntoResponse::into_response)?;
        let Form(form) = Form::<WithToken<T>>::from_request(Request::from_parts(parts, body), web)
            .await
            .map_err(|rejection| Failure::bad_request(rejection.body_text()).into_response())?;
        if !is_equal(&form.token, &staff.form_token) {
            return Err(Failure::cross_site().into_response());
        }
        Ok(Self(staff, form.fields))
    }
}

/// Compares in time that does not depend on where the first difference is.
fn is_equal(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
