//! The file budgets: small files, each of which says what it is for.

use std::path::Path;

use anyhow::{Context, Result};

use crate::command::root;

/// A file longer than this is refused, a Svelte component earlier.
const LINES_MAX: usize = 600;
const COMPONENT_LINES_MAX: usize = 200;

/// A file longer than this is named.
const LINES_LONG: usize = 400;

/// What the middle file should stay under.
const MEDIAN_MAX: usize = 150;

const FOLDERS: [&str; 3] = ["crates", "tests", "evals"];
const ENDINGS: [&str; 7] = ["rs", "js", "ts", "svelte", "css", "mjs", "sql"];

/// Folders that are made, not written.
const MADE: [&str; 4] = ["node_modules", "dist", "target", "snapshots"];

pub(super) struct Source {
    /// From the root.
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn is_rust(&self) -> bool {
        self.has_ending("rs")
    }

    /// Whether the whole file is for tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    fn has_ending(&self, ending: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == ending)
    }

    fn n_lines(&self) -> usize {
        self.text.lines().count()
    }
}

/// Reads everything that people write, sorted by path.
pub(super) fn read_all() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders: Vec<_> = FOLDERS.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
        {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if !MADE.contains(&name.as_ref()) && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if ENDINGS.iter().any(|ending| path.extension().is_some_and(|found| found == *ending)) {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let path = path.strip_prefix(root())?.to_string_lossy().into_owned();
                sources.push(Source { path, text });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let n_lines = source.n_lines();
        let n_max = if source.has_ending("svelte") { COMPONENT_LINES_MAX } else { LINES_MAX };
        if n_lines > n_max {
            findings.push(format!("{} has {n_lines} lines, more than {n_max}", source.path));
        } else if n_lines > LINES_LONG {
            eprintln!("note: {} is long: {n_lines} lines", source.path);
        }
        if source.is_rust() && !source.text.starts_with("//!") {
            findings.push(format!("{} does not start with //! and what it is for", source.path));
        }
    }
    report_median(sources);
    findings
}

fn report_median(sources: &[Source]) {
    let mut lengths: Vec<usize> =
        sources.iter().filter(|source| source.is_rust()).map(Source::n_lines).collect();
    lengths.sort_unstable();
    if let Some(median) = lengths.get(lengths.len() / 2) {
        let verdict = if *median < MEDIAN_MAX { "good" } else { "too long" };
        eprintln!(
            "{} Rust files, median {median} lines ({verdict}: the budget is {MEDIAN_MAX})",
            lengths.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_one(path: &str, text: String, expected: &[&str]) {
        assert_eq!(check(&[Source { path: path.into(), text }]), expected);
    }

    #[test]
    fn long_files_are_refused() {
        check_one("a.rs", format!("//! A.\n{}", "x\n".repeat(599)), &[]);
        check_one("a.rs", format!("//! A.\n{}", "x\n".repeat(600)), &["a.rs has 601 lines, more than 600"]);
        check_one("a.svelte", "x\n".repeat(201), &["a.svelte has 201 lines, more than 200"]);
    }

    #[test]
    fn rust_files_say_what_they_are_for() {
        check_one("a.rs", "fn main() {}".into(), &["a.rs does not start with //! and what it is for"]);
        check_one("a.ts", "let a = 1;".into(), &[]);
    }
}
