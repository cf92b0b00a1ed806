//! `askwell reindex`: builds the index again from the database, or compares the two.

use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::ProgressBar;

use crate::{WriteAccess, cli::ReindexArgs, print, wiring};

pub(crate) async fn reindex(args: ReindexArgs) -> anyhow::Result<ExitCode> {
    if args.verify {
        let opened = wiring::open(&args.data, WriteAccess::IfFree).await?;
        let report =
            opened.desk.verify_index().await.context("cannot compare the index with the database")?;
        if args.data.json {
            print::json(&report)?;
        } else {
            print::line(&format!("{report}"));
        }
        return Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let opened = wiring::open(&args.data, WriteAccess::Required).await?;
    let bar = ProgressBar::new_spinner();
    let mut n_embedded = 0;
    opened
        .desk
        .rebuild_index(&mut |progress| {
            n_embedded += progress.n_embedded;
            bar.set_message(format!("{n_embedded} texts embedded"));
            bar.tick();
        })
        .await
        .context("cannot rebuild the index; run it again, it goes on where it stopped")?;
    bar.finish_and_clear();
    let seq = opened.desk.index_seq();
    if args.data.json {
        print::json(&serde_json::json!({ "n_embedded": n_embedded, "seq": seq }))?;
    } else {
        print::line(&format!("the index is rebuilt up to change {seq}; {n_embedded} texts were embedded"));
    }
    Ok(ExitCode::SUCCESS)
}
