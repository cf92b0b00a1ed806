//! What went wrong, as the person or program outside may know it.
//!
//! Handlers give a [`Failure`]; `dress` turns it into a page or into problem+json.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use desk::DeskError;
use domain::Scope;

/// Seconds after which trying again makes sense when too much is going on.
const BUSY_RETRY_S: u32 = 2;

/// A refusal. Its texts are for the reader; what the operator needs was logged when it was made.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// Names the problem in the API, as in `/api#problem-<kind>`.
    pub(crate) kind: &'static str,
    pub(crate) detail: String,
    pub(crate) field: Option<&'static str>,
    /// The scopes one of which would do, after a refusal for want of one.
    pub(crate) required_scopes: Vec<&'static str>,
    pub(crate) retry_after_s: Option<u32>,
    /// The entity's revision now, after a failed `If-Match`.
    pub(crate) current_revision: Option<i64>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            detail: detail.into(),
            field: None,
            required_scopes: vec![],
            retry_after_s: None,
            current_revision: None,
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "nothing here that you may read")
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    /// A part of the input that cannot be read, with what is expected there.
    pub(crate) fn unreadable(field: &'static str, expected: &str) -> Self {
        Self { field: Some(field), ..Self::bad_request(format!("{field}: {expected}")) }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "send Authorization: Bearer with a valid API key or conversation token, or sign in",
        )
    }

    pub(crate) fn cross_site() -> Self {
        Self::new(StatusCode::FORBIDDEN, "cross-site", "this request came from another site")
    }

    /// Asked under a name that is not this site's: somebody has made theirs point here.
    pub(crate) fn other_host() -> Self {
        Self::new(StatusCode::FORBIDDEN, "cross-site", "Host: this is not the site's own address")
    }

    /// A refusal for want of a scope: any of these would do.
    pub(crate) fn lacks_scope(scopes: &[Scope]) -> Self {
        let required_scopes: Vec<&'static str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let detail = format!("this needs the scope {}", required_scopes.join(" or "));
        Self { required_scopes, ..Self::new(StatusCode::FORBIDDEN, "forbidden", detail) }
    }

    pub(crate) fn people_only() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "this is for people who have signed in")
    }

    pub(crate) fn staff_only() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "the token of a conversation may not do that")
    }

    /// A refusal for a limit that somebody has used up: `who` as in "with this key".
    pub(crate) fn too_many(who: &str, wait_s: u32) -> Self {
        let detail = format!("too many requests {who}; try again in {wait_s} s");
        Self {
            retry_after_s: Some(wait_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", detail)
        }
    }

    pub(crate) fn too_many_attempts(wait_s: u32) -> Self {
        let detail = format!("too many attempts; try again in {wait_s} s");
        Self { detail, ..Self::too_many("", wait_s) }
    }

    pub(crate) fn busy() -> Self {
        Self {
            retry_after_s: Some(BUSY_RETRY_S),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too much at once; try again in a moment")
        }
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something broke on our side; it has been logged",
        )
    }

    /// The failure that a bare status stands for: routes that do not exist, methods that are not there.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method-not-allowed", "this address does not take that method")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large("the body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(status, "unsupported-media-type", "send Content-Type: application/json")
            }
            StatusCode::SERVICE_UNAVAILABLE => Self::busy(),
            status if status.is_server_error() => Self::internal(),
            status => Self::new(status, "bad-request", "this request cannot be understood"),
        }
    }

    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Invalid { field, message } => Self {
                field: Some(field),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("{field}: {message}"))
            },
            DeskError::TooLarge { field, bytes_max } => Self {
                field: Some(field),
                ..Self::too_large(format!("{field}: more than {bytes_max} bytes"))
            },
            DeskError::NotFound => Self::not_found(),
            DeskError::Forbidden => {
                Self::new(StatusCode::FORBIDDEN, "forbidden", "this key or role may not do that")
            }
            DeskError::Limited => Self::new(
                StatusCode::FORBIDDEN,
                "limited-to-teams",
                "this holds for teams whose tickets this key or person does not see; somebody who sees them may do it",
            ),
            DeskError::Conflict(detail) => Self::new(StatusCode::CONFLICT, "conflict", detail),
            DeskError::Stale { current } => Self {
                current_revision: Some(current),
                ..Self::new(
                    StatusCode::PRECONDITION_FAILED,
                    "stale",
                    format!("changed meanwhile; the revision is now {current}"),
                )
            },
            DeskError::Gone(detail) => Self::new(StatusCode::GONE, "gone", detail),
            DeskError::TooManyAttempts { retry_after_s } => Self::too_many_attempts(retry_after_s),
            DeskError::Busy => Self::busy(),
            DeskError::StorageFull => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "storage-full",
                "the disk is full; reading goes on, nothing can be written",
            ),
            DeskError::Failed { attempted, source } => {
                let error: &(dyn std::error::Error + 'static) = source.as_ref();
                tracing::error!(error, attempted, "request failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
