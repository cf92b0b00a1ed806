//! `askwell doctor`: checks what a site needs, and says what to do about what is wrong.

use std::{collections::BTreeMap, process::ExitCode};

use desk::MissingFiles;
use serde::Serialize;

use crate::{Config, Opened, WriteAccess, cli::DataArgs, print, site_key, wiring};

/// What to do about a secret key that is lost or is not the right one.
const ADVICE_KEY: &str = "copy secret.key from where it is kept; if it is lost, write a new one with \
    `(umask 077; openssl rand -hex 32 > secret.key)`, give each webhook a new secret, and let people set up their \
    second factor again";

#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    found: String,
    advice: Option<String>,
}

pub(crate) async fn doctor(args: DataArgs) -> anyhow::Result<ExitCode> {
    let findings = examine(&args).await;
    let healthy = findings.iter().all(|finding| finding.ok);
    if args.json {
        print::json(&findings)?;
    } else {
        for finding in &findings {
            let mark = if finding.ok { "ok  " } else { "FAIL" };
            print::line(&format!("{mark}  {}: {}", finding.check, finding.found));
            if let Some(advice) = &finding.advice {
                print::line(&format!("      {advice}"));
            }
        }
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn examine(args: &DataArgs) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = match Config::read(&args.data, args.config.as_deref()) {
        Ok(config) => {
            findings.push(ok("configuration", "read"));
            config
        }
        Err(error) => {
            findings.push(bad("configuration", &format!("{error:#}"), "mend the key that is named"));
            return findings;
        }
    };
    if !args.data.is_dir() {
        let advice = "start `askwell serve` or run `askwell import` to make it, or name another with --data";
        findings.push(bad("data directory", &format!("there is no {}", args.data.display()), advice));
        return findings;
    }
    if let Err(error) = wiring::require_site(&args.data, &config) {
        findings.push(bad(
            "data directory",
            &error.to_string(),
            "copy a backup there with `askwell restore`",
        ));
        return findings;
    }
    findings.push(writable(args));
    findings.push(secret_key(args, &config));
    let opened = match wiring::open_with(&args.data, config, WriteAccess::IfFree).await {
        Ok(opened) => opened,
        Err(error) => {
            let advice =
                "read the reason; a damaged index is rebuilt by `askwell reindex`, a database from a backup";
            findings.push(bad("database, model and index", &format!("{error:#}"), advice));
            return findings;
        }
    };
    findings.push(ok("database, model and index", "opened"));
    let held = if opened.may_index() { "no server runs on it" } else { "a server runs on it" };
    findings.push(ok("server", held));
    findings.push(match opened.desk.unreadable_secrets().await {
        Ok(others) => sealed(&others),
        Err(error) => bad("stored secrets", &error.to_string(), "see the log of the database"),
    });
    findings.push(match opened.desk.ready().await {
        Ok(true) => ok("index", "stands where the database stands"),
        Ok(false) => bad(
            "index",
            "is behind the database",
            "a running server catches up by itself; else run `askwell reindex`",
        ),
        Err(error) => bad("index", &error.to_string(), "run `askwell reindex`"),
    });
    findings.push(match opened.desk.verify_index().await {
        Ok(report) if report.is_clean() => ok("index against database", &report.to_string()),
        Ok(report) => bad("index against database", &report.to_string(), "run `askwell reindex`"),
        Err(error) => bad("index against database", &error.to_string(), "run `askwell reindex`"),
    });
    findings.push(tickets(&opened).await);
    findings.push(reports(&opened).await);
    findings.push(attachments(&opened).await);
    findings
}

/// Whether tickets are found as they stand.
async fn tickets(opened: &Opened) -> Finding {
    const CHECK: &str = "index of tickets against database";
    const ADVICE: &str = "a running server catches up by itself; else run `askwell reindex`";
    if let Err(error) = opened.open_ticket_index() {
        return bad(CHECK, &format!("{error:#}"), "read the reason");
    }
    match opened.desk.verify_tickets().await {
        Ok(report) if report.is_clean() => ok(CHECK, &report.to_string()),
        Ok(report) => bad(CHECK, &report.to_string(), ADVICE),
        Err(error) => bad(CHECK, &error.to_string(), ADVICE),
    }
}

/// Whether reports count by the days of the site.
async fn reports(opened: &Opened) -> Finding {
    const CHECK: &str = "days of reports";
    match opened.desk.outdated_report_zone().await {
        Ok(None) => ok(CHECK, "are those of site.time_zone"),
        Ok(Some(zone)) => bad(
            CHECK,
            &format!("are those of {zone}, not of site.time_zone"),
            "run `askwell report rebuild`, which counts them anew",
        ),
        Err(error) => bad(CHECK, &error.to_string(), "see the log of the database"),
    }
}

/// Whether the files of messages are there.
async fn attachments(opened: &Opened) -> Finding {
    const CHECK: &str = "attachments";
    const ADVICE: &str = "copy the folder attachments from a backup, or mend what the bucket says";
    match opened.desk.missing_files().await {
        Ok(MissingFiles { n_all, n_missing: 0 }) => ok(CHECK, &format!("all {n_all} are there")),
        Ok(MissingFiles { n_all, n_missing }) => {
            bad(CHECK, &format!("{n_missing} of {n_all} are missing or cut off"), ADVICE)
        }
        Err(error) => bad(CHECK, &error.to_string(), ADVICE),
    }
}

fn writable(args: &DataArgs) -> Finding {
    let probe = args.data.join(".askwell-doctor");
    let written = std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => ok("data directory", "can be written"),
        Err(error) => bad("data directory", &error.to_string(), "free space, or let this user write there"),
    }
}

fn secret_key(args: &DataArgs, config: &Config) -> Finding {
    match site_key::read(&args.data, config) {
        Ok(Some(_)) if site_key::is_open_to_others(&args.data, config) => bad(
            "secret key",
            "other accounts can read its file",
            "let only the account that runs Askwell read it: chmod 600",
        ),
        Ok(Some(key)) => ok("secret key", &format!("read, its id is {}", key.id())),
        // Whether one is missed is up to the database.
        Ok(None) => ok("secret key", "there is none"),
        Err(error) => bad("secret key", &format!("{error:#}"), ADVICE_KEY),
    }
}

fn sealed(others: &BTreeMap<(String, &'static str), i64>) -> Finding {
    if others.is_empty() {
        return ok("stored secrets", "can be read with the secret key");
    }
    let counts: Vec<String> =
        others.iter().map(|((key, whose), n)| format!("{n} of {whose} with {key}")).collect();
    let found = format!("can be read only with another key: {}", counts.join(", "));
    bad("stored secrets", &found, ADVICE_KEY)
}

fn ok(check: &'static str, found: &str) -> Finding {
    Finding { check, ok: true, found: found.to_owned(), advice: None }
}

fn bad(check: &'static str, found: &str, advice: &str) -> Finding {
    Finding { check, ok: false, found: found.to_owned(), advice: Some(advice.to_owned()) }
}
