//! `cargo xtask tidy`: the rules of ARCHITECTURE.md and CONTRIBUTING.md that a program can check.
//! Everything found is printed, not just the first.

mod arrows;
mod files;
mod owners;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::command::{cargo, output};

/// Checks everything.
pub(crate) fn tidy() -> Result<()> {
    let metadata = output(&mut cargo("metadata --format-version 1 --locked"))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let sources = files::read_all()?;
    let mut findings = arrows::check(&metadata);
    findings.extend(owners::check(&metadata, &sources));
    findings.extend(files::check(&sources));
    findings.iter().for_each(|finding| eprintln!("tidy: {finding}"));
    if !findings.is_empty() {
        bail!("tidy found {} things", findings.len());
    }
    Ok(())
}

/// The packages of the workspace, as cargo describes them.
fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    array(&metadata["packages"]).filter(|package| package["source"].is_null())
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
