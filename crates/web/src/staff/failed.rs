//! The staff area's page for what went wrong.

use askama::Template;
use axum::response::{IntoResponse, Response};

use crate::{assets, dress::failure_title, failure::Failure, page::pages, state::Web};

#[derive(Template)]
#[template(path = "staff/failed.html")]
pub(crate) struct FailedPage {
    site: String,
    title: &'static str,
    assets: String,
    status: u16,
    detail: String,
}

pages!(FailedPage);

/// The page of a failure under `/app`.
pub(crate) fn failed_page(web: &Web, failure: &Failure) -> Response {
    let page = FailedPage {
        site: web.desk.site().name.clone(),
        title: failure_title(failure.status),
        assets: assets::base(),
        status: failure.status.as_u16(),
        detail: failure.detail.clone(),
    };
    (failure.status, page.into_response()).into_response()
}
