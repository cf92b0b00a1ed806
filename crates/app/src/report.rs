//! `askwell report`: counts everything for reports again, or compares what was counted with the tickets. Works beside a running
//! server.

use std::process::ExitCode;

use anyhow::Context as _;
use desk::{Desk, ReportProgress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    cli::{DataArgs, ReportCommand},
    print, wiring,
};

/// What a command that is stopped half way is told.
const AGAIN: &str = "cannot count for reports; run it again, or let the server go on";

pub(crate) async fn report(command: ReportCommand) -> anyhow::Result<ExitCode> {
    let ReportCommand::Rebuild { data, verify: is_verify } = command;
    let desk = wiring::open_records(&data).await?;
    if is_verify { verify(&desk, &data).await } else { rebuild(&desk, &data).await }
}

async fn rebuild(desk: &Desk, data: &DataArgs) -> anyhow::Result<ExitCode> {
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} tickets, {eta} left")?;
    let bar = ProgressBar::new(0).with_style(style);
    let mut n_tickets = 0;
    let mut progress = |at: ReportProgress| {
        n_tickets += at.n_tickets;
        bar.set_length(at.n_all);
        bar.set_position(n_tickets);
    };
    desk.rebuild_reports(&mut progress).await.context(AGAIN)?;
    bar.finish_and_clear();
    if data.json {
        print::json(&serde_json::json!({ "n_tickets": n_tickets }))?;
    } else {
        print::line(&format!("{n_tickets} tickets are counted for reports"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(desk: &Desk, data: &DataArgs) -> anyhow::Result<ExitCode> {
    desk.follow_reports(&mut |_| {}).await.context(AGAIN)?;
    let differences = desk.verify_reports().await.context("cannot compare what was counted")?;
    if data.json {
        print::json(&differences)?;
    } else {
        print::line(&differences.to_string());
    }
    Ok(if differences.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
