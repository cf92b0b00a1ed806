//! Style sheets, scripts and the icon: in the binary, addressed by the hash of all of them, cached for a year.
//!
//! Style sheets are one file per component; a page links one of the two sheets that are joined from them here.
//! Scripts are ES modules that import each other by relative address, and are served as they are written.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::failure::Failure;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// The components of the help center's style sheet, in layer order.
const HELP_CSS: &[&str] = &[
    "tokens",
    "base",
    "button",
    "bar",
    "search",
    "shelf",
    "results",
    "article",
    "vote",
    "ask",
    "turn",
    "handoff",
    "failure",
    "reference",
    "utilities",
    "print",
];
/// The components of the staff area's style sheet.
const STAFF_CSS: &[&str] = &[
    "tokens",
    "base",
    "button",
    "bar",
    "turn",
    "workspace",
    "account",
    "learning",
    "report",
    "ticket-list",
    "ticket",
    "compose",
    "sign-in",
    "editor",
    "article",
    "failure",
    "utilities",
    "print",
];

static HELP_SHEET: LazyLock<String> = LazyLock::new(|| joined(HELP_CSS));
static STAFF_SHEET: LazyLock<String> = LazyLock::new(|| joined(STAFF_CSS));

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hash = Sha256::new();
    for name in names {
        hash.update(name.as_bytes());
        if let Some(file) = Files::get(&name) {
            hash.update(&file.data);
        }
    }
    format!("{:.12x}", hash.finalize())
});

/// The address prefix of the assets of this build.
pub(crate) fn base() -> String {
    format!("/assets/{}", *VERSION)
}

/// `GET /assets/{version}/{*name}`. An older version in a cached page still gets today's file, but does not keep it.
pub(crate) async fn serve(Path((version, name)): Path<(String, String)>) -> Response {
    let cache = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers =
        |content_type: &'static str| [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, cache)];
    match name.as_str() {
        "help.css" => return (headers("text/css; charset=utf-8"), HELP_SHEET.as_str()).into_response(),
        "staff.css" => return (headers("text/css; charset=utf-8"), STAFF_SHEET.as_str()).into_response(),
        _ => {}
    }
    let content_type = match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => return Failure::not_found().into_response(),
    };
    match Files::get(&name) {
        Some(file) => (headers(content_type), file.data).into_response(),
        None => Failure::not_found().into_response(),
    }
}

fn joined(names: &[&str]) -> String {
    let mut sheet = String::new();
    for name in names {
        let file = Files::get(&format!("css/{name}.css")).expect("each listed component has its file");
        sheet.push_str(std::str::from_utf8(&file.data).expect("style sheets are UTF-8"));
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_is_in_a_sheet_and_first_load_stays_small() {
        for name in Files::iter().filter(|name| name.starts_with("css/")) {
            let component = name.trim_start_matches("css/").trim_end_matches(".css");
            assert!(HELP_CSS.contains(&component) || STAFF_CSS.contains(&component), "{name}");
        }
        let scripts: usize = Files::iter()
            .filter(|name| name.starts_with("js/help"))
            .filter_map(|n| Files::get(&n))
            .map(|f| f.data.len())
            .sum();
        // Before compression; the promise is 100 kB for a whole page.
        assert!(HELP_SHEET.len() + scripts < 80_000, "{} {scripts}", HELP_SHEET.len());
    }
}
