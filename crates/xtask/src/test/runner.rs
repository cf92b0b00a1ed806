//! Runs a test runner, shows its output as it comes, and keeps its closing lines, so that they can
//! stand at the very end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::command::shown;

/// Returns the lines that contain `closing`. Both streams are passed on as stderr.
pub(super) fn run_and_keep(command: &mut Command, closing: &str) -> Result<Vec<String>> {
    let name = shown(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let kept = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| pass_on(stdout, closing, &kept));
        scope.spawn(|| pass_on(stderr, closing, &kept));
    });
    let status = child.wait()?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    let lines: Vec<String> = kept.into_inner().unwrap_or_default();
    Ok(lines.into_iter().filter(|line| !line.contains(" 0 passed; 0 failed; 0 ignored")).collect())
}

fn pass_on(stream: Option<impl Read>, closing: &str, kept: &Mutex<Vec<String>>) {
    let Some(stream) = stream else { return };
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        if line.contains(closing)
            && let Ok(mut kept) = kept.lock()
        {
            kept.push(line.trim().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::command;

    #[test]
    fn closing_lines_are_kept_from_both_streams() {
        let mut script = command("sh -c");
        script.arg(
            "echo noise; echo '3 passed'; echo '  4 passed' >&2; echo 'ok. 0 passed; 0 failed; 0 ignored'",
        );
        let mut lines = run_and_keep(&mut script, "passed").unwrap();
        lines.sort();
        assert_eq!(lines, ["3 passed", "4 passed"]);
    }

    #[test]
    fn a_failing_runner_is_an_error() {
        let error = run_and_keep(&mut command("sh -c false"), "passed").unwrap_err();
        assert!(error.to_string().contains("sh -c false"), "{error}");
    }
}
