//! The front ends: scripts and styles that the binary serves as they are. Nothing is built; types
//! and sizes are checked.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::command::{find_program, root, run};

/// Scripts of package.json that are run where they exist.
const CHECKS: [&str; 2] = ["check", "test"];

/// What a first visit to the help center may load, before compression. Its promise is 100 kB with
/// the page itself.
const FIRST_LOAD_BYTES_MAX: u64 = 85_000;

/// What of `crates/web/assets` belongs to that first visit.
const FIRST_LOAD: [&str; 3] = ["css", "js/help", "js/help.js"];

/// Checks the front ends' types and sizes.
pub(crate) fn check() -> Result<()> {
    let dir = root().join("crates/web/frontend");
    let package = std::fs::read(dir.join("package.json")).context("cannot read package.json")?;
    let package: serde_json::Value = serde_json::from_slice(&package)?;
    install(&dir)?;
    for script in CHECKS.iter().filter(|&&script| package["scripts"][script].is_string()) {
        npm(&dir, &["run", "--silent", script])?;
    }
    check_sizes()
}

/// Installs what the lock file says, unless it is installed.
pub(crate) fn install(dir: &Path) -> Result<()> {
    let lock = std::fs::read(dir.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", dir.display()))?;
    let stamp = dir.join("node_modules/.installed.sha256");
    let wanted = format!("{:x}", Sha256::digest(lock));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    npm(dir, &["ci", "--no-audit", "--no-fund"])?;
    std::fs::create_dir_all(dir.join("node_modules"))?;
    std::fs::write(&stamp, wanted).context("cannot note what npm installed")
}

fn check_sizes() -> Result<()> {
    let assets = root().join("crates/web/assets");
    let mut bytes = 0;
    let mut paths: Vec<PathBuf> = FIRST_LOAD.iter().map(|path| assets.join(path)).collect();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                paths.push(entry?.path());
            }
        } else {
            bytes += path.metadata().with_context(|| format!("cannot read {}", path.display()))?.len();
        }
    }
    eprintln!("first load of the help center: {bytes} of {FIRST_LOAD_BYTES_MAX} bytes before compression");
    if bytes > FIRST_LOAD_BYTES_MAX {
        bail!("styles and scripts of the help center have {bytes} bytes, more than {FIRST_LOAD_BYTES_MAX}");
    }
    Ok(())
}

fn npm(dir: &Path, args: &[&str]) -> Result<()> {
    if find_program("npm").is_none() {
        bail!("npm is missing: install Node 20 or later (Debian: apt-get install nodejs npm)");
    }
    run(std::process::Command::new("npm").args(args).current_dir(dir))
}
