//! `askwell import-tickets`: takes tickets and customers over from another system, a batch at a time, so that it can be stopped and
//! run again. Works beside a running server.

mod csv;
mod rejects;
mod run;
mod summary;
mod zendesk;

use std::{
    fs::File,
    io::{BufRead, IsTerminal as _},
    path::Path,
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, bail};
use desk::{ImportRun, Missing, TicketImport};
use domain::{Locale, Principal};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::SheetMap;

use crate::{
    Config,
    cli::{ImportTicketsArgs, TicketSource},
    wiring,
};
use rejects::Rejects;
use run::Run;

pub(crate) async fn import_tickets(args: ImportTicketsArgs) -> anyhow::Result<ExitCode> {
    for path in args.path.iter().chain(&args.customers).chain(&args.map) {
        if !path.exists() {
            bail!("there is no {}", path.display());
        }
    }
    if args.from == TicketSource::Zendesk && (args.map.is_some() || args.customers.is_some()) {
        bail!("--map and --customers are for --from csv; an export of Zendesk says itself what is what");
    }
    let zone = Config::read(&args.data.data, args.data.config.as_deref())?.site.time_zone;
    let desk = wiring::open_or_begin_records(&args.data).await?;
    let import = options(&args, &desk.site().default_locale)?;
    let map = args.map.as_deref().map(read_map).transpose()?.unwrap_or_default();
    let rejects = args.rejects.as_deref().map(Rejects::create).transpose()?;
    desk.begin_ticket_import(&Principal::System, &import).await.context("cannot import")?;
    let started = Instant::now();
    let mut run = Run::new(&desk, &import, rejects, progress_bar(args.data.json));
    let read = match args.from {
        TicketSource::Zendesk => match &args.path {
            Some(path) => zendesk::read(&mut run, path).await,
            None => Ok(()),
        },
        TicketSource::Csv => {
            csv::read(&mut run, args.path.as_deref(), args.customers.as_deref(), &map, &zone).await
        }
    };
    let summary = run.end(started.elapsed().as_secs_f64())?;
    read?;
    summary.print(&args)
}

fn options(args: &ImportTicketsArgs, site_locale: &Locale) -> anyhow::Result<TicketImport> {
    let source = match (&args.source, args.from) {
        (Some(source), _) => source.clone(),
        (None, TicketSource::Zendesk) => "zendesk".to_owned(),
        (None, TicketSource::Csv) => "csv".to_owned(),
    };
    let missing = |create: bool| if create { Missing::Create } else { Missing::LeaveOut };
    Ok(TicketImport {
        source,
        team: args.team.clone(),
        teams: missing(args.create_teams),
        fields: missing(args.create_fields),
        locale: args.locale.as_deref().map(Locale::parse).transpose()?.unwrap_or_else(|| site_locale.clone()),
        run: if args.dry_run { ImportRun::DryRun } else { ImportRun::Write },
    })
}

fn read_map(path: &Path) -> anyhow::Result<SheetMap> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} says what cannot be", path.display()))
}

/// A file as text; one that is packed or binary is refused.
fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead + Send>> {
    let cannot = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot)?;
    ingest::text_stream(file).with_context(cannot)?.with_context(cannot)
}

/// How many bytes a file has; none where that cannot be told.
fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map(|data| data.len()).unwrap_or_default()
}

/// A bar on a terminal, nothing elsewhere.
fn progress_bar(json: bool) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if json || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{msg:20} {bar:30} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    bar
}
