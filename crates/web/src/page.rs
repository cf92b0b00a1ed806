//! What every page of the help center carries around its own content.

use crate::{assets, state::Web};

/// The frame of a page: site, title, where the assets are.
#[derive(Debug, Clone)]
pub(crate) struct Shell {
    pub(crate) site: String,
    pub(crate) title: String,
    pub(crate) lang: String,
    pub(crate) assets: String,
    /// Search engines stay away from what is personal or endless.
    pub(crate) is_indexed: bool,
    /// What stands in the search field of the bar.
    pub(crate) query: String,
}

impl Shell {
    pub(crate) fn new(web: &Web, title: impl Into<String>) -> Self {
        Self {
            site: web.desk.site().name.clone(),
            title: title.into(),
            lang: "en".to_owned(),
            assets: assets::base(),
            is_indexed: false,
            query: String::new(),
        }
    }

    /// A page that search engines may list.
    pub(crate) fn indexed(self) -> Self {
        Self { is_indexed: true, ..self }
    }
}

/// Turns a rendered template into a response.
macro_rules! pages {
    // A macro because the trait of templates and the trait of responses belong to other crates, and a page struct
    // should be one line away from being an answer.
    ($($page:ty),* $(,)?) => {$(
        impl axum::response::IntoResponse for $page {
            fn into_response(self) -> axum::response::Response {
                match askama::Template::render(&self) {
                    Ok(html) => axum::response::Html(html).into_response(),
                    Err(error) => {
                        tracing::error!(%error, page = stringify!($page), "cannot render page");
                        axum::response::IntoResponse::into_response(crate::failure::Failure::internal())
                    }
                }
            }
        }
    )*};
}
pub(crate) use pages;
