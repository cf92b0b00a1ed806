//! `askwell archive`: puts closed tickets into the archive, or takes one out again. Works beside a running server.

use std::{io::IsTerminal as _, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use desk::{ARCHIVED_PER_ROUND, Desk};
use domain::{Principal, TicketId, Timestamp};
use indicatif::ProgressBar;
use serde_json::json;

use crate::{
    cli::{ArchiveArgs, ArchiveCommand},
    print, wiring,
};

/// Rounds between two pauses, in which a server writes what waits.
const ROUNDS_PER_PAUSE: u64 = 10;
/// How long such a pause is.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) async fn archive(args: ArchiveArgs) -> anyhow::Result<ExitCode> {
    if let Some(ArchiveCommand::Restore { data, ticket }) = args.command {
        let desk = wiring::open_records(&data).await?;
        return restore(&desk, &ticket, data.json).await;
    }
    let desk = wiring::open_records(&args.data).await?;
    let before = match (&args.before, args.older_than_days) {
        (Some(text), _) => match Timestamp::parse(text) {
            Some(time) => time,
            None => bail!("{text} is no time; write 2026-01-31T12:00:00Z, or a date"),
        },
        (None, Some(days)) => desk.time_days_ago(days),
        (None, None) => match desk.archived_before() {
            Some(time) => time,
            None => {
                bail!(
                    "say which tickets: --before DATE, --older-than-days N, or retention.archive_closed_after_days"
                )
            }
        },
    };
    if args.dry_run {
        let n =
            desk.count_to_archive(&Principal::System, before).await.context("cannot count the tickets")?;
        return done(args.data.json, "n_to_archive", n, &format!("{n} tickets would go to the archive"));
    }
    let n = archive_all(&desk, before).await?;
    done(args.data.json, "n_archived", n, &format!("{n} tickets went to the archive"))
}

async fn archive_all(desk: &Desk, before: Timestamp) -> anyhow::Result<i64> {
    let n_all =
        desk.count_to_archive(&Principal::System, before).await.context("cannot count the tickets")?;
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(n_all.unsigned_abs())
    } else {
        ProgressBar::hidden()
    };
    let mut n_archived = 0;
    for round in 1.. {
        let moved = desk.archive_some(&Principal::System, before).await;
        let n = moved.context("cannot archive tickets; run it again, it goes on where it stopped")?;
        if n == 0 {
            break;
        }
        n_archived += i64::try_from(n).unwrap_or(ARCHIVED_PER_ROUND);
        bar.set_position(n_archived.unsigned_abs());
        if round % ROUNDS_PER_PAUSE == 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
    bar.finish_and_clear();
    Ok(n_archived)
}

async fn restore(desk: &Desk, ticket: &str, is_json: bool) -> anyhow::Result<ExitCode> {
    let no_such = || format!("there is no ticket {ticket}");
    let id = match ticket.trim_start_matches('#').parse::<i64>() {
        Ok(number) => {
            desk.ticket_by_number(&Principal::System, number).await.with_context(no_such)?.ticket.id
        }
        Err(_) => TicketId::new(ticket),
    };
    let row = desk.unarchive_ticket(&Principal::System, &id).await.with_context(no_such)?;
    if is_json {
        print::json(&json!({ "id": row.ticket.id, "number": row.ticket.number }))?;
    } else {
        print::line(&format!("ticket {} is not in the archive any more", row.ticket.number));
    }
    Ok(ExitCode::SUCCESS)
}

fn done(is_json: bool, name: &str, n: i64, text: &str) -> anyhow::Result<ExitCode> {
    if is_json {
        print::json(&json!({ name: n }))?;
    } else {
        print::line(text);
    }
    Ok(ExitCode::SUCCESS)
}
