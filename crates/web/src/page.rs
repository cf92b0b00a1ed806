//! What every page of the help center carries around its own content.

use axum::http::{HeaderMap, header};

use crate::{assets, state::Web};

/// What search engines show of a description.
const DESCRIPTION_CHARS_MAX: usize = 160;

/// The frame of a page: site, title, where the assets are.
#[derive(Debug, Clone)]
pub(crate) struct Shell {
    pub(crate) site: String,
    pub(crate) title: String,
    pub(crate) lang: String,
    pub(crate) assets: String,
    /// Search engines stay away from what is personal or endless.
    pub(crate) is_indexed: bool,
    /// What search engines show under the title; empty where they show nothing.
    pub(crate) description: String,
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
            description: String::new(),
            query: String::new(),
        }
    }

    /// A page that search engines may list, with what it is about.
    pub(crate) fn indexed(self, about: &str) -> Self {
        Self { is_indexed: true, description: shortened(about), ..self }
    }
}

/// The public address, or the one that this request was made to.
pub(crate) fn base_url(web: &Web, headers: &HeaderMap) -> String {
    if let Some(base) = &web.desk.site().base_url {
        return base.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let is_plain =
        host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    format!("http://{}", if is_plain { host } else { "localhost" })
}

/// One line, cut between words.
fn shortened(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count() + word.chars().count() >= DESCRIPTION_CHARS_MAX {
            let cut: String =
                if short.is_empty() { word.chars().take(DESCRIPTION_CHARS_MAX - 1).collect() } else { short };
            return cut + "…";
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_one_line_that_ends_between_words() {
        let long = "word ".repeat(60);
        let shown = shortened(&long);
        assert!(shown.chars().count() <= DESCRIPTION_CHARS_MAX && shown.ends_with("word…"), "{shown}");
        assert_eq!(shortened(" Two\n lines. "), "Two lines.");
        assert_eq!(shortened(&"字".repeat(500)).chars().count(), DESCRIPTION_CHARS_MAX);
    }
}
