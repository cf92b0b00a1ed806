//! Running other programs, always from the repository's root.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The repository's root: this crate is two folders below it.
pub(crate) fn root() -> PathBuf {
    // As cargo says it now: a build that two checkouts share would remember the other one.
    let crate_dir =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let crate_dir = Path::new(&crate_dir);
    crate_dir.ancestors().nth(2).expect("crates/xtask has two parents").to_path_buf()
}

/// Prepares a program to run in the root. Words are split at spaces.
pub(crate) fn command(words: &str) -> Command {
    let mut words = words.split(' ');
    let mut command = Command::new(words.next().expect("split gives at least one word"));
    command.args(words).current_dir(root());
    command
}

/// Prepares cargo, the one that runs this.
pub(crate) fn cargo(words: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words.split(' ')).current_dir(root());
    command
}

/// Runs a program to its end, its output shown.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}: {}", shown(command), output.status, errors.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", shown(command)))
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Builds the binary for tests and returns its path. Built as part of the workspace, so that its
/// dependencies have the features that the tests' have, and are not compiled twice.
pub(crate) fn build_askwell() -> Result<PathBuf> {
    run(&mut cargo("build --workspace --bin askwell"))?;
    Ok(target_dir().join("debug/askwell"))
}

/// Finds a program on the path.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// Whether what cannot be checked here counts as failed.
pub(crate) fn forbids_skips() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// Names a program and its arguments for a message.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}
