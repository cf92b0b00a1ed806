//! What belongs to one crate alone: libraries, the clock, the environment.

use serde_json::Value;

use super::files::Source;
use super::{array, members, text};

/// A library and the crates that may use it.
const LIBRARIES: [(&str, &[&str]); 12] = [
    ("sqlx", &["store"]),
    ("object_store", &["blobs"]),
    ("infer", &["blobs"]),
    ("tantivy", &["search"]),
    ("qdrant-client", &["search"]),
    ("candle-core", &["embed"]),
    ("tokenizers", &["embed"]),
    ("reqwest", &["channels", "blobs"]),
    ("axum", &["web", "app", "tests"]),
    ("askama", &["web"]),
    ("figment", &["app"]),
    ("clap", &["app"]),
];

/// A piece of code and the folders in which it may stand.
const CODE: [(&str, &[&str], &str); 2] = [
    (
        concat!("allow(clippy::", "disallowed_methods)"),
        &["crates/app/", "crates/xtask/", "tests/"],
        "clocks and ids are handed in; only app makes them",
    ),
    (
        concat!("std::", "env::var"),
        &["crates/app/", "crates/xtask/", "tests/"],
        "only app reads the environment",
    ),
];

pub(super) fn check(metadata: &Value, sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in members(metadata) {
        let name = text(&package["name"]);
        let normal = array(&package["dependencies"]).filter(|dependency| dependency["kind"] != "dev");
        for library in normal.map(|dependency| text(&dependency["name"])) {
            if LIBRARIES.iter().any(|(owned, owners)| *owned == library && !owners.contains(&name)) {
                findings.push(format!("{name} must not use {library}"));
            }
        }
    }
    for source in sources.iter().filter(|source| source.is_rust() && !source.is_test()) {
        for (code, owners, reason) in CODE {
            if source.text.contains(code) && !owners.iter().any(|owner| source.path.starts_with(owner)) {
                findings.push(format!("{} has `{code}`: {reason}", source.path));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn libraries_have_owners_except_in_tests() {
        let metadata = json!({ "packages": [{ "name": "desk", "source": null, "dependencies": [
            { "name": "sqlx", "kind": null }, { "name": "reqwest", "kind": "dev" }, { "name": "serde", "kind": null },
        ]}]});
        assert_eq!(check(&metadata, &[]), ["desk must not use sqlx"]);
    }

    #[test]
    fn only_app_reads_the_environment() {
        let source =
            |path: &str| Source { path: path.into(), text: concat!("std::", "env::var(\"X\")").into() };
        let sources = [
            source("crates/app/src/config.rs"),
            source("crates/store/tests/suite.rs"),
            source("crates/web/src/lib.rs"),
        ];
        let findings = check(&json!({}), &sources);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("crates/web/src/lib.rs"), "{findings:?}");
    }
}
