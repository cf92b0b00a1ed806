//! The arrows between our crates. They point down: see ARCHITECTURE.md.

use serde_json::Value;

use super::{array, members, text};

/// A crate and the crates it may use. Who is not on the left may not exist.
const ARROWS: [(&str, &[&str]); 17] = [
    ("domain", &[]),
    ("language", &[]),
    ("embed", &[]),
    ("redact", &[]),
    ("blobs", &[]),
    ("store", &["domain"]),
    ("channels", &["domain"]),
    ("ingest", &["domain", "language"]),
    ("search", &["domain", "language", "embed"]),
    ("answer", &["domain", "language", "embed", "redact"]),
    ("learn", &["domain", "language", "embed", "search", "answer"]),
    (
        "desk",
        &[
            "domain", "language", "embed", "redact", "blobs", "store", "channels", "ingest", "search",
            "answer", "learn",
        ],
    ),
    ("web", &["domain", "language", "ingest", "desk"]),
    ("evals", &["domain", "language", "embed", "redact", "ingest", "search", "answer", "learn", "desk"]),
    (
        "app",
        &[
            "domain", "language", "embed", "redact", "blobs", "store", "channels", "ingest", "search",
            "answer", "learn", "desk", "web", "evals",
        ],
    ),
    (
        "tests",
        &[
            "domain", "language", "embed", "redact", "blobs", "store", "channels", "ingest", "search",
            "answer", "learn", "desk", "web", "evals", "app",
        ],
    ),
    ("xtask", &[]),
];

pub(super) fn check(metadata: &Value) -> Vec<String> {
    let ours: Vec<&str> = members(metadata).map(|package| text(&package["name"])).collect();
    let mut findings = Vec::new();
    for package in members(metadata) {
        let name = text(&package["name"]);
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == name) else {
            findings.push(format!("{name} is not in the table of arrows (crates/xtask/src/tidy/arrows.rs)"));
            continue;
        };
        let uses = array(&package["dependencies"]).map(|dependency| text(&dependency["name"]));
        for used in uses.filter(|used| ours.contains(used) && !allowed.contains(used)) {
            findings.push(format!("{name} must not use {used}"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_arrow(from: &str, to: &str, expected: &[&str]) {
        let metadata = json!({ "packages": [
            { "name": from, "source": null, "dependencies": [{ "name": to }, { "name": "serde" }] },
            { "name": "desk", "source": null, "dependencies": [] },
            { "name": "serde", "source": "registry", "dependencies": [] },
        ]});
        assert_eq!(check(&metadata), expected);
    }

    #[test]
    fn arrows_point_down() {
        check_arrow("web", "desk", &[]);
        check_arrow("store", "desk", &["store must not use desk"]);
        check_arrow(
            "billing",
            "serde",
            &["billing is not in the table of arrows (crates/xtask/src/tidy/arrows.rs)"],
        );
    }

    #[test]
    fn the_table_has_no_cycle() {
        for (place, (from, allowed)) in ARROWS.iter().enumerate() {
            for used in *allowed {
                let below = ARROWS.iter().position(|(name, _)| name == used);
                assert!(below.is_some_and(|below| below < place), "{from} uses {used}");
            }
        }
    }
}
