//! `askwell search`.

use std::process::ExitCode;

use anyhow::Context as _;
use desk::{Recording, SearchQuery};
use domain::{Locale, Principal};
use serde::Serialize;

use crate::{WriteAccess, cli::SearchArgs, print, wiring};

/// What `--json` prints; the shape of the REST search too.
#[derive(Debug, Serialize)]
struct Found {
    hits: Vec<FoundHit>,
    took_ms: u64,
}

#[derive(Debug, Serialize)]
struct FoundHit {
    article_id: String,
    external_id: Option<String>,
    slug: String,
    title: String,
    url: String,
    anchor: String,
    snippet: String,
    score: f64,
}

pub(crate) async fn search(args: SearchArgs) -> anyhow::Result<ExitCode> {
    let locale = args.locale.as_deref().map(Locale::parse).transpose()?;
    let opened = wiring::open(&args.data, WriteAccess::IfFree).await?;
    opened.desk.load_learned().await.context("cannot load what was learned")?;
    let searched = opened
        .desk
        .search(
            &Principal::anonymous(),
            SearchQuery {
                query: args.query,
                locale,
                limit: args.limit,
                as_you_type: false,
                collection: None,
                recording: Recording::Skip,
            },
        )
        .await
        .context("cannot search")?;
    let found = Found {
        took_ms: searched.took_ms,
        hits: searched
            .hits
            .hits
            .into_iter()
            .map(|hit| FoundHit {
                url: format!("/a/{}#{}", hit.slug, hit.snippet.anchor),
                article_id: hit.article_id.to_string(),
                external_id: hit.external_id,
                slug: hit.slug,
                title: hit.title,
                anchor: hit.snippet.anchor,
                snippet: hit.snippet.text,
                score: hit.score,
            })
            .collect(),
    };
    if args.data.json {
        print::json(&found)?;
    } else if found.hits.is_empty() {
        print::say("nothing found");
    } else {
        for hit in &found.hits {
            print::line(&format!("{}\n  {}\n  {}", hit.title, hit.url, hit.snippet.replace('\n', " ")));
        }
    }
    Ok(ExitCode::SUCCESS)
}
