//! What became of an import, for people and as JSON.

use std::{collections::BTreeMap, process::ExitCode};

use desk::TicketImportReport;
use serde::Serialize;

use crate::{cli::ImportTicketsArgs, print};

/// Problems that are shown; the file for `--rejects` has all that were refused.
const PROBLEMS_SHOWN: usize = 100;
/// Names of what is missing that are told apart.
const MISSING_MAX: usize = 1_000;

/// What became of an import; what `--json` prints.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    source: String,
    pub(super) customers: Counts,
    pub(super) tickets: Counts,
    /// Messages, those of tickets too.
    n_messages: usize,
    /// Messages that stood apart from their tickets.
    pub(super) messages: Counts,
    /// Customers who were made because a ticket names them.
    n_customers_of_tickets: usize,
    n_refused: usize,
    /// What is not taken over, by what it is.
    pub(super) left_out: BTreeMap<String, u64>,
    /// Teams, custom fields and agents that are not there, by how many tickets name them.
    missing: BTreeMap<String, u64>,
    /// Columns of CSV files that nothing is read from.
    pub(super) columns_left_out: Vec<String>,
    problems: Vec<Problem>,
    n_more_problems: usize,
    took_s: f64,
}

/// Counts of one kind of record.
#[derive(Debug, Default, Serialize)]
pub(super) struct Counts {
    n_new: usize,
    n_changed: usize,
    n_unchanged: usize,
    n_kept: usize,
    n_refused: usize,
}

/// What was refused or strange, and where.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Problem {
    pub(super) file: String,
    pub(super) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) why: String,
}

impl Counts {
    pub(super) fn add(&mut self, report: &TicketImportReport) {
        self.n_new += report.n_new;
        self.n_changed += report.n_changed;
        self.n_unchanged += report.n_unchanged;
        self.n_kept += report.n_kept;
        self.n_refused += report.refused.len();
    }

    pub(super) fn unchanged(&mut self) {
        self.n_unchanged += 1;
    }

    /// Counts one that was refused before it came to the desk.
    pub(super) fn refused(&mut self) {
        self.n_refused += 1;
    }

    fn taken(&self) -> usize {
        self.n_new + self.n_changed + self.n_unchanged + self.n_kept
    }

    fn line(&self) -> String {
        let Self { n_new, n_changed, n_unchanged, n_kept, n_refused } = self;
        let kept = if *n_kept > 0 { format!(", {n_kept} kept as they are here") } else { String::new() };
        format!("{n_new} new, {n_changed} changed, {n_unchanged} unchanged{kept}, {n_refused} refused")
    }
}

impl Summary {
    pub(super) fn new(source: &str) -> Self {
        Self { source: source.to_owned(), ..Self::default() }
    }

    /// Takes in what all reports say alike.
    pub(super) fn add(&mut self, report: &TicketImportReport) {
        self.n_messages += report.n_messages;
        self.n_customers_of_tickets += report.n_customers;
        for (what, n) in &report.missing {
            if self.missing.len() < MISSING_MAX || self.missing.contains_key(what) {
                *self.missing.entry(what.clone()).or_default() += n;
            }
        }
    }

    pub(super) fn leave_out(&mut self, what: &str, n: u64) {
        *self.left_out.entry(what.to_owned()).or_default() += n;
    }

    pub(super) fn refused(&mut self) {
        self.n_refused += 1;
    }

    pub(super) fn show(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_SHOWN {
            self.problems.push(problem);
        } else {
            self.n_more_problems += 1;
        }
    }

    pub(super) fn took(&mut self, took_s: f64) {
        self.took_s = took_s;
    }

    /// Prints it. The exit code says whether anything was taken.
    pub(super) fn print(&self, args: &ImportTicketsArgs) -> anyhow::Result<ExitCode> {
        if args.data.json {
            print::json(self)?;
        } else {
            self.tell(args);
        }
        let n_taken = self.customers.taken() + self.tickets.taken() + self.messages.taken();
        Ok(if n_taken == 0 && self.n_refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn tell(&self, args: &ImportTicketsArgs) {
        for Problem { file, line, id, why } in &self.problems {
            let id = id.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
            print::say(&format!("{file}:{line}: {id}{why}"));
        }
        if self.n_more_problems > 0 {
            print::say(&format!("and {} more", self.n_more_problems));
        }
        if args.dry_run {
            print::line("nothing was written; it would be:");
        }
        print::line(&format!("customers: {}", self.customers.line()));
        print::line(&format!("tickets: {}", self.tickets.line()));
        print::line(&format!(
            "{} new messages, {} customers named by tickets alone",
            self.n_messages, self.n_customers_of_tickets
        ));
        if !self.columns_left_out.is_empty() {
            print::say(&format!("columns that were left out: {}", self.columns_left_out.join(", ")));
        }
        for (what, n) in &self.left_out {
            print::say(&format!("left out: {n} {what}"));
        }
        for (what, n) in &self.missing {
            print::say(&format!("not here: {what}, named by {n} tickets"));
        }
    }
}
