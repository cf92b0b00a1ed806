//! `askwell learn`: learns from solved tickets, shows the versions, chooses one. Works beside a running server, which
//! takes the choice over within a minute.

use std::process::ExitCode;

use anyhow::Context as _;
use desk::{LearnProgress, Quality, Report, Verdict};
use domain::{LearnedVersion, Principal};
use indicatif::ProgressBar;
use serde_json::json;

use crate::{
    WriteAccess,
    cli::{LearnArgs, LearnCommand},
    print, wiring,
};

pub(crate) async fn learn(args: LearnArgs) -> anyhow::Result<ExitCode> {
    let is_json = args.data.json;
    match args.command {
        None => {
            let opened = wiring::open(&args.data, WriteAccess::IfFree).await?;
            opened.desk.load_learned().await.context("cannot load what was learned before")?;
            let bar = ProgressBar::new_spinner();
            let mut show_progress = |progress| {
                bar.set_message(match progress {
                    LearnProgress::Remembered(n) => format!("{n} solved tickets remembered"),
                    LearnProgress::Training => "learning".to_owned(),
                });
                bar.tick();
            };
            let learning = opened.desk.learn(&Principal::System, &mut show_progress);
            let outcome =
                learning.await.context("cannot learn; run it again, it goes on where it stopped")?;
            bar.finish_and_clear();
            if !is_json {
                print::line(&format!("{} newly solved tickets", outcome.n_new));
                print::line(&format!(
                    "{} alternative questions wait for an editor, {} were accepted",
                    outcome.n_proposed, outcome.n_accepted
                ));
            }
            show(&outcome.version, &outcome.report, is_json)?;
        }
        Some(LearnCommand::List) => {
            let desk = wiring::open_records(&args.data).await?;
            let versions = desk.learned_versions(&Principal::System).await?;
            if is_json {
                let all: Vec<_> = versions.iter().map(|(version, report)| as_json(version, report)).collect();
                print::json(&all)?;
            } else {
                for (version, report) in versions {
                    print::line(&summary(&version, &report));
                }
            }
        }
        Some(LearnCommand::Show { number }) => {
            let desk = wiring::open_records(&args.data).await?;
            let found = desk.learned_version(&Principal::System, number).await;
            let (version, report) = found.with_context(|| format!("there is no version {number}"))?;
            show(&version, &report, is_json)?;
        }
        Some(LearnCommand::Use { number }) => {
            choose(&args.data, Some(number)).await?;
            print::done(is_json, &json!({ "in_use": number }), &format!("searches use version {number}"))?;
        }
        Some(LearnCommand::Off) => {
            choose(&args.data, None).await?;
            print::done(is_json, &json!({ "in_use": null }), "searches use nothing that was learned")?;
        }
        Some(LearnCommand::Forget { email }) => {
            let desk = wiring::open_records(&args.data).await?;
            let forgotten = desk.forget_customer(&Principal::System, &email).await;
            let n = forgotten.with_context(|| format!("cannot forget the tickets of {email}"))?;
            print::done(is_json, &json!({ "n_forgotten": n }), &format!("forgot {n} tickets"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn choose(data: &crate::cli::DataArgs, number: Option<i64>) -> anyhow::Result<()> {
    let desk = wiring::open_records(data).await?;
    desk.choose_learned_version(&Principal::System, number).await.context("cannot choose this version")
}

fn show(version: &LearnedVersion, report: &Report, is_json: bool) -> anyhow::Result<()> {
    if is_json {
        return print::json(&as_json(version, report));
    }
    print::line(&summary(version, report));
    let quality = |name: &str, quality: &Quality| {
        print::line(&format!(
            "  {name:<9} nDCG@10 {:.3}  right first {:.1} %  right among three {:.1} %",
            quality.ndcg_at_10,
            quality.hit_at_1 * 100.0,
            quality.top_three * 100.0
        ));
    };
    quality("without", &report.cold);
    quality("with", &report.learned);
    for slice in &report.slices {
        print::line(&format!(
            "  {} {}: {} questions, nDCG@10 {:.3} without, {:.3} with",
            slice.by, slice.name, slice.n, slice.cold, slice.learned
        ));
    }
    Ok(())
}

fn summary(version: &LearnedVersion, report: &Report) -> String {
    let state = if version.in_use { "in use" } else { "not in use" };
    format!(
        "version {} ({state}): {} solved tickets, {} with a linked article, {} questions asked; {}",
        version.number,
        report.n_remembered,
        report.n_linked,
        report.n_validated,
        verdict(&report.verdict)
    )
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Good => "finds more".to_owned(),
        Verdict::TooFew { n, needed } => format!("too few linked tickets to tell ({n} of {needed})"),
        Verdict::WorseThanCold => "finds less than the search without it".to_owned(),
        Verdict::WorseThanCurrent => "finds less than the version in use".to_owned(),
        Verdict::WorseSlice { by, name } => format!("finds less for {by} {name}"),
    }
}

fn as_json(version: &LearnedVersion, report: &Report) -> serde_json::Value {
    json!({
        "number": version.number,
        "in_use": version.in_use,
        "created_at_ms": version.created_at.0,
        "report": report,
    })
}
