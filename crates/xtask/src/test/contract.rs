//! Holds a running Askwell to its description with schemathesis, which is installed under the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::runner::run_and_keep;
use super::{Outcome, debian};
use crate::command::{build_askwell, find_program, root, run, target_dir};

/// What is installed, each package with its version.
const REQUIREMENTS: &str = "tests/contract/requirements.txt";

/// Runs `tests/contract`.
pub(super) fn tests(outcome: &mut Outcome) -> Result<()> {
    let python = match install() {
        Ok(python) => python,
        Err(error) => {
            outcome.skip(&format!("the contract: schemathesis cannot be installed: {error:#}"));
            return Ok(());
        }
    };
    let mut script = Command::new(python);
    script.arg("tests/contract/run.py").env("ASKWELL_BIN", build_askwell()?).current_dir(root());
    outcome.summaries.extend(run_and_keep(&mut script, "contract: ")?);
    Ok(())
}

/// Gives the Python of an environment that has what the requirements say, made unless it is there.
fn install() -> Result<PathBuf> {
    let wanted = std::fs::read(root().join(REQUIREMENTS)).context("cannot read the requirements")?;
    let wanted = format!("{:x}", Sha256::digest(wanted));
    let tools = target_dir().join("tools/contract");
    let (python, stamp) = (tools.join("bin/python"), tools.join("installed.sha256"));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if make_environment(&tools).is_err() {
        debian::install("python3-venv")?;
        make_environment(&tools)?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]);
    run(install.current_dir(root()))?;
    std::fs::write(&stamp, wanted).context("cannot note what was installed")?;
    Ok(python)
}

/// Makes an environment, in place of what is left of another.
fn make_environment(folder: &Path) -> Result<()> {
    let python = find_program("python3").context("python3 is missing (Debian: python3-venv)")?;
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))
}
