//! `askwell ask`.

use std::process::ExitCode;

use anyhow::Context as _;
use desk::Reply;
use domain::{Citation, Locale, Principal};
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
    let desk = &opened.desk;
    let conversation =
        desk.start_conversation(locale).await.context("cannot open a conversation")?.conversation;
    // Whoever runs the command reads the answer; the bot quotes what any visitor may read.
    let visitor = Principal::Visitor { conversation: Some(conversation.id.clone()) };
    let asked = desk.ask(&visitor, &conversation.id, &args.question, None).await.context("cannot ask")?;
    let Reply::Bot { turn, trace_id } = asked.reply else {
        anyhow::bail!("a human has taken over this conversation");
    };
    let answered = Answered {
        kind: turn.kind(),
        text: turn.text(),
        citations: turn.citations().iter().map(cited).collect(),
        confidence: turn.confidence(),
        trace_id: trace_id.to_string(),
        took_ms: asked.took_ms,
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
