//! `cargo xtask test`: every test there is. What a machine lacks is installed where that is allowed
//! (Debian, as root), else skipped loudly; with `CI=true` a skip is a failure.

mod contract;
mod debian;
mod postgres;
mod runner;

use anyhow::{Result, bail};

use self::postgres::Postgres;
use self::runner::run_and_keep;
use crate::command::{build_askwell, cargo, command, find_program, forbids_skips, root};
use crate::frontend;
use crate::steps::Steps;

/// Where Debian puts the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// What a run could not do, and the closing lines of what it did.
#[derive(Default)]
struct Outcome {
    skipped: Vec<String>,
    summaries: Vec<String>,
}

/// Runs all tests, as a command of its own.
pub(crate) fn test() -> Result<()> {
    let mut steps = Steps::default();
    run_all(&mut steps)
}

/// Holds the API to its description, as a command of its own.
pub(crate) fn contract() -> Result<()> {
    let mut outcome = Outcome::default();
    contract::tests(&mut outcome)?;
    outcome.report()
}

/// Runs all tests as steps of a run. The closing lines of each runner come last.
pub(crate) fn run_all(steps: &mut Steps) -> Result<()> {
    let mut outcome = Outcome::default();
    let mut postgres = None;
    steps.run("postgres", || {
        postgres = start_postgres(&mut outcome)?;
        Ok(())
    })?;
    steps.run("rust tests", || rust_tests(postgres.as_ref(), &mut outcome))?;
    steps.run("doc tests", || {
        outcome.summaries.extend(run_and_keep(&mut cargo("test --workspace --doc"), "test result")?);
        Ok(())
    })?;
    steps.run("contract", || contract::tests(&mut outcome))?;
    steps.run("browser tests", || browser_tests(&mut outcome))?;
    drop(postgres);
    steps.report();
    outcome.report()
}

fn start_postgres(outcome: &mut Outcome) -> Result<Option<Postgres>> {
    if postgres::find_programs().is_none() {
        debian::install("postgresql")?;
    }
    match postgres::find_programs() {
        Some(programs) => Ok(Some(Postgres::start(&programs)?)),
        None => {
            outcome.skip("everything on Postgres: its server is not installed (Debian: postgresql)");
            Ok(None)
        }
    }
}

fn rust_tests(postgres: Option<&Postgres>, outcome: &mut Outcome) -> Result<()> {
    let (mut tests, closing) = match find_program("cargo-nextest") {
        Some(_) => (cargo("nextest run --workspace --no-fail-fast"), "Summary ["),
        None => (cargo("test --workspace --lib --bins --tests --no-fail-fast"), "test result"),
    };
    match postgres {
        Some(postgres) => tests.env("ASKWELL_TEST_POSTGRES_URL", postgres.url()),
        None => tests.env_remove("ASKWELL_TEST_POSTGRES_URL"),
    };
    outcome.summaries.extend(run_and_keep(&mut tests, closing)?);
    Ok(())
}

fn browser_tests(outcome: &mut Outcome) -> Result<()> {
    let dir = root().join("tests/e2e");
    if !dir.join("package.json").exists() {
        eprintln!("no browser tests: tests/e2e/package.json does not exist");
        return Ok(());
    }
    if !std::path::Path::new(CHROMIUM).exists() {
        debian::install("chromium")?;
    }
    if !std::path::Path::new(CHROMIUM).exists() {
        outcome.skip("the browser: /usr/bin/chromium is not installed (Debian: chromium)");
        return Ok(());
    }
    if find_program("npm").is_none() {
        outcome.skip("the browser: npm is not installed (Debian: nodejs npm)");
        return Ok(());
    }
    frontend::install(&dir)?;
    let mut script = command("node tests/e2e/run.mjs");
    script.env("ASKWELL_BIN", build_askwell()?).env("ASKWELL_CHROMIUM", CHROMIUM);
    outcome.summaries.extend(run_and_keep(&mut script, "passed")?);
    Ok(())
}

impl Outcome {
    fn skip(&mut self, what: &str) {
        eprintln!("\n!!! SKIPPED {what}");
        self.skipped.push(what.to_owned());
    }

    #[allow(clippy::print_stdout, reason = "the closing lines are what the command is run for")]
    fn report(&self) -> Result<()> {
        println!("\n── tests");
        self.summaries.iter().for_each(|line| println!("{line}"));
        for what in &self.skipped {
            println!("!!! SKIPPED {what}");
        }
        if !self.skipped.is_empty() && forbids_skips() {
            bail!("{} kinds of tests were skipped, which CI=true forbids", self.skipped.len());
        }
        Ok(())
    }
}
