//! `cargo xtask serve`: from a clone to a running Askwell.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{cargo, root, run, target_dir};

/// Builds the release binary, then becomes `askwell serve --demo` on a fresh
/// data directory. Arguments are handed on; `--data` among them names a directory to keep.
pub(crate) fn serve(args: &[&str]) -> Result<()> {
    run(&mut cargo("build --release --package app --bin askwell"))?;
    let mut askwell = Command::new(target_dir().join("release/askwell"));
    askwell.args(["serve", "--demo"]);
    if !args.contains(&"--data") {
        let data = tempfile::Builder::new().prefix("askwell-").tempdir()?.keep();
        eprintln!("data directory: {} (delete it when done)", data.display());
        askwell.arg("--data").arg(data);
    }
    if !args.contains(&"--listen") {
        askwell.args(["--listen", "127.0.0.1:8080"]);
    }
    // Replaces this process, so that Ctrl-C and SIGTERM reach Askwell itself.
    let error = askwell.args(args).current_dir(root()).exec();
    Err(error).context("cannot start the askwell that was just built")
}
