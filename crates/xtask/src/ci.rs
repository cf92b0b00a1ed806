//! `cargo xtask ci`: everything a change must pass, the quick steps first and the tests last, so
//! that the run ends with the test runners' closing lines.

use std::process::Command;

use anyhow::Result;

use crate::command::{build_askwell, cargo, find_program, forbids_skips, root, run, target_dir};
use crate::steps::Steps;
use crate::{frontend, model, test, tidy};

/// The version that is installed where there is none.
const CARGO_DENY: &str = "0.20.2";

pub(crate) fn ci() -> Result<()> {
    let mut steps = Steps::default();
    steps.run("format", || run(&mut cargo("fmt --all --check")))?;
    steps.run("tidy", tidy::tidy)?;
    steps.run("deny", deny)?;
    steps.run("model", model::check)?;
    steps.run("front end checks", frontend::check)?;
    steps.run("clippy", || run(&mut cargo("clippy --workspace --all-targets -- -D warnings")))?;
    steps.run("docs", || {
        let mut doc = cargo("doc --workspace --no-deps");
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    steps.run("evals", evals)?;
    test::run_all(&mut steps)
}

/// Checks licences, bans and sources of all dependencies by `deny.toml`. Advisories need a database
/// from the network, so they are checked where there is one: `cargo deny check advisories`.
fn deny() -> Result<()> {
    let tools = target_dir().join("tools");
    let ours = tools.join("bin/cargo-deny");
    let program = find_program("cargo-deny").unwrap_or_else(|| ours.clone());
    if !program.exists() {
        // About two minutes on two cores (measured 2026-11), once for a target folder.
        let mut install = cargo("install cargo-deny --locked --quiet --version");
        if let Err(error) = run(install.arg(CARGO_DENY).arg("--root").arg(&tools)) {
            eprintln!("\n!!! SKIPPED cargo deny, which cannot be installed: {error:#}");
            return if forbids_skips() { Err(error) } else { Ok(()) };
        }
    }
    run(Command::new(program).args(["check", "licenses", "bans", "sources"]).current_dir(root()))
}

/// Asks the golden questions; the least that must hold stands in `evals`.
fn evals() -> Result<()> {
    run(Command::new(build_askwell()?).args(["eval", "golden"]).current_dir(root()))
}
