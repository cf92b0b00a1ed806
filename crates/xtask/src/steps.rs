//! A run in named, timed steps that stops at the first failure and says which it was.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, Duration)>,
}

impl Steps {
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        eprintln!("\n── {name}");
        let start = Instant::now();
        let result = step();
        let took = start.elapsed();
        self.done.push((name.to_owned(), took));
        if result.is_err() {
            self.report();
            eprintln!("\nfailed: {name} (after {:.1} s)", took.as_secs_f64());
        } else {
            eprintln!("── {name}: ok in {:.1} s", took.as_secs_f64());
        }
        result.with_context(|| format!("step `{name}` failed"))
    }

    /// Prints what each step took.
    pub(crate) fn report(&self) {
        eprintln!("\n── steps");
        for (name, took) in &self.done {
            eprintln!("{:>8.1} s  {name}", took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, took)| *took).sum();
        eprintln!("{:>8.1} s  in all", total.as_secs_f64());
    }
}
