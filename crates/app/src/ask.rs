//! `askwell ask`.

use std::{process::ExitCode, time::Instant};

use anyhow::Context as _;
use domain::{Citation, Locale};
use serde::Serialize;

use crate::{WriteAccess, cli::AskArgs, print, wiring};

/// What `--json` prints; the shape of a turn in the REST API too.
#[derive(Debug, Serialize)]
struct Answered {
    kind: &'static str,
    text: String,
    citations: Vec<Cited>,
    confidence: f64,
    trace_id: String,
    took_ms: u64,
}

#[derive(Debug, Serialize)]
struct Cited {
    n: u32,
    article_id: String,
    version_id: String,
    external_id: Option<String>,
    slug: String,
    title: String,
    url: String,
    anchor: String,
    start: usize,
    end: usize,
    quote: String,
}

pub(crate) async fn ask(args: AskArgs) -> anyhow::Result<ExitCode> {
    let locale = args.locale.as_deref().map(Locale::parse).transpose()?;
    let opened = wiring::open(&args.data, WriteAccess::IfFree).await?;
    opened.desk.load_learned().await.context("cannot load what was learned")?;
    let started = Instant::now();
    let (turn, trace_id) = opened.desk.try_question(&args.question, locale).await.context("cannot ask")?;
    let answered = Answered {
        kind: turn.kind(),
        text: turn.text(),
        citations: turn.citations().iter().map(cited).collect(),
        confidence: turn.confidence(),
        trace_id: trace_id.to_string(),
        took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    if args.data.json {
        print::json(&answered)?;
    } else {
        print::line(&answered.text);
        for citation in &answered.citations {
            print::line(&format!("[{}] {} {}", citation.n, citation.title, citation.url));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn cited(citation: &Citation) -> Cited {
    Cited {
        n: citation.n,
        article_id: citation.article_id.to_string(),
        version_id: citation.version_id.to_string(),
        external_id: citation.external_id.clone(),
        slug: citation.slug.clone(),
        title: citation.title.clone(),
        url: format!("/a/{}#{}", citation.slug, citation.anchor),
        anchor: citation.anchor.clone(),
        start: citation.start,
        end: citation.end,
        quote: citation.quote.clone(),
    }
}
