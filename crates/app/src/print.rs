//! What commands print: results on standard output, everything else on standard error.

use std::{io::Write as _, process::ExitCode};

use domain::Timestamp;
use serde::Serialize;

/// Prints a result as one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// Says what was done: as JSON where that is wanted, otherwise to the person at the terminal.
pub(crate) fn done(is_json: bool, result: &serde_json::Value, text: &str) -> anyhow::Result<()> {
    if is_json {
        return json(result);
    }
    say(text);
    Ok(())
}

/// Text on one line, whatever somebody has put into it.
pub(crate) fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Prints a line of a result. A reader that has gone away (`| head`) is no error.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A point in time for people and scripts: RFC 3339 in UTC.
pub(crate) fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

/// Tells the person at the terminal something that is not the result.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Reports why a command failed, outermost reason first.
pub(crate) fn failure(error: &anyhow::Error) -> ExitCode {
    let reasons: Vec<String> = error.chain().map(ToString::to_string).collect();
    say(&format!("askwell: {}", reasons.join(": ")));
    ExitCode::FAILURE
}
