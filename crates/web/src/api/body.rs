//! Request bodies and queries whose rejections are problems, not plain text.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
};
use std::error::Error;

use serde::de::DeserializeOwned;

use crate::{failure::Failure, state::Web};

/// A JSON body that must be there.
pub(crate) struct Body<T>(pub(crate) T);

/// A JSON body that may be absent, all of whose fields are optional.
pub(crate) struct OptionalBody<T>(pub(crate) T);

/// The query of an address.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Web> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        Json::from_request(request, web)
            .await
            .map(|Json(body)| Self(body))
            .map_err(|rejection| refused(&rejection))
    }
}

impl<T: DeserializeOwned + Default> FromRequest<Web> for OptionalBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let bytes =
            Bytes::from_request(request, web).await.map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large("the body is too large"),
                _ => Failure::bad_request(rejection.body_text()),
            })?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(T::default()));
        }
        Json::from_bytes(&bytes).map(|Json(body)| Self(body)).map_err(|rejection| refused(&rejection))
    }
}

impl<T: DeserializeOwned> FromRequestParts<Web> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        Query::from_request_parts(parts, web)
            .await
            .map(|Query(params)| Self(params))
            .map_err(|rejection| Failure::bad_request(rejection.body_text()))
    }
}

/// Tells a field that may be left out from one that is null: absent, `Some(None)`, `Some(Some(value))`.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}

fn refused(rejection: &JsonRejection) -> Failure {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large("the body is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Failure::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        // What is wrong, without the words that the library puts before it.
        _ => Failure::bad_request(
            rejection.source().map_or_else(|| rejection.body_text(), ToString::to_string),
        ),
    }
}
