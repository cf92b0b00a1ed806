//! `askwell reindex`: builds the indexes again from the database, or compares them with it.

use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use search::{TicketDifferences, VerifyReport};
use serde::Serialize;

use crate::{Opened, WriteAccess, cli::ReindexArgs, print, wiring};

/// What a command that is stopped half way is told.
const AGAIN: &str = "cannot rebuild the index; run it again, it goes on where it stopped";

#[derive(Serialize)]
struct Verified {
    #[serde(flatten)]
    articles: VerifyReport,
    tickets: TicketDifferences,
}

pub(crate) async fn reindex(args: ReindexArgs) -> anyhow::Result<ExitCode> {
    if args.verify {
        return verify(&args).await;
    }
    let opened = wiring::open(&args.data, WriteAccess::Required).await?;
    opened.open_ticket_index()?;
    let n_embedded = articles(&opened).await?;
    let n_tickets = tickets(&opened).await?;
    let seq = opened.desk.index_seq();
    if args.data.json {
        let done = serde_json::json!({ "n_embedded": n_embedded, "seq": seq, "n_tickets": n_tickets });
        print::json(&done)?;
    } else {
        print::line(&format!("the index is rebuilt up to change {seq}; {n_embedded} texts were embedded"));
        print::line(&format!("the index of tickets is rebuilt; it holds {n_tickets}"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(args: &ReindexArgs) -> anyhow::Result<ExitCode> {
    let opened = wiring::open(&args.data, WriteAccess::IfFree).await?;
    opened.open_ticket_index()?;
    if opened.may_index() {
        opened
            .desk
            .follow_tickets(&mut |_| {})
            .await
            .context("cannot bring the index of tickets up to date")?;
    }
    let cannot = "cannot compare the index with the database";
    let articles = opened.desk.verify_index().await.context(cannot)?;
    let tickets = opened.desk.verify_tickets().await.context(cannot)?;
    let is_clean = articles.is_clean() && tickets.is_clean();
    if args.data.json {
        print::json(&Verified { articles, tickets })?;
    } else {
        print::line(&format!("{articles}"));
        print::line(&format!("{tickets}"));
    }
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Gives how many texts were embedded.
async fn articles(opened: &Opened) -> anyhow::Result<usize> {
    let bar = ProgressBar::new_spinner();
    let mut n_embedded = 0;
    let mut progress = |at: desk::IndexProgress| {
        n_embedded += at.n_embedded;
        bar.set_message(format!("{n_embedded} texts embedded"));
        bar.tick();
    };
    opened.desk.rebuild_index(&mut progress).await.context(AGAIN)?;
    bar.finish_and_clear();
    Ok(n_embedded)
}

/// Gives how many tickets the index holds.
async fn tickets(opened: &Opened) -> anyhow::Result<u64> {
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} tickets, {eta} left")?;
    let bar = ProgressBar::new(0).with_style(style);
    let mut n_tickets = 0;
    let mut progress = |at: desk::TicketProgress| {
        n_tickets = at.n_tickets;
        bar.set_length(at.n_all);
        bar.set_position(at.n_tickets);
    };
    opened.desk.rebuild_tickets(&mut progress).await.context(AGAIN)?;
    bar.finish_and_clear();
    Ok(n_tickets)
}
