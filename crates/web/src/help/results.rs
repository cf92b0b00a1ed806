//! Search results: a page with its own address, and the list that appears while typing.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use desk::{Recording, SearchQuery, Searched};
use domain::{Hit, Locale, Principal};
use serde::Deserialize;

use crate::{
    address,
    caller::Client,
    failure::Failure,
    limits::Spend,
    markup::{self, Html},
    page::{Shell, pages},
    state::Web,
};

/// Hits on the page: two screens; whoever has not found it by then asks.
const HITS_PER_PAGE: usize = 20;
/// Hits while typing: what fits under the field on a phone, with the keyboard open.
const HITS_WHILE_TYPING: usize = 5;

#[derive(Template)]
#[template(path = "help/results.html")]
pub(crate) struct ResultsPage {
    shell: Shell,
    query: String,
    hits: Vec<HitView>,
    ask_href: String,
}

#[derive(Template)]
#[template(path = "help/hits.html")]
pub(crate) struct HitList {
    query: String,
    hits: Vec<HitView>,
    ask_href: String,
}

/// A hit as it is shown.
pub(crate) struct HitView {
    href: String,
    title: Html,
    collection: Option<String>,
    snippet: Html,
    lang: Option<String>,
}

pages!(ResultsPage, HitList);

#[derive(Debug, Deserialize)]
pub(crate) struct ResultsQuery {
    #[serde(default)]
    q: String,
    lang: Option<String>,
    /// `hits`: only the list, for the field under which it appears.
    part: Option<String>,
}

/// `GET /search?q=`
pub(crate) async fn results(
    State(web): State<Web>,
    client: Client,
    Query(query): Query<ResultsQuery>,
) -> Result<Response, Failure> {
    let is_typing = query.part.as_deref() == Some("hits");
    let text = query.q.trim().to_owned();
    let ask_href = format!("/ask?q={}", address::escape(&text));
    let hits = if text.is_empty() { vec![] } else { find(&web, &client, &query, &text, is_typing).await? };
    if is_typing {
        return Ok(HitList { query: text, hits, ask_href }.into_response());
    }
    let title = if text.is_empty() { "Search".to_owned() } else { format!("{text} – search") };
    let shell = Shell { query: text.clone(), ..Shell::new(&web, title) };
    Ok(ResultsPage { shell, query: text, hits, ask_href }.into_response())
}

async fn find(
    web: &Web,
    client: &Client,
    query: &ResultsQuery,
    text: &str,
    is_typing: bool,
) -> Result<Vec<HitView>, Failure> {
    let visitor = Principal::anonymous();
    client.spend(web, &visitor, Spend::Search)?;
    let request = SearchQuery {
        query: text.to_owned(),
        locale: query.lang.as_deref().and_then(|tag| Locale::parse(tag).ok()),
        limit: if is_typing { HITS_WHILE_TYPING } else { HITS_PER_PAGE },
        as_you_type: is_typing,
        collection: None,
        recording: if is_typing { Recording::Skip } else { Recording::Record },
    };
    let unfinished = SearchQuery { as_you_type: true, recording: Recording::Skip, ..request.clone() };
    let found = web.desk.search(&visitor, request).await?;
    let search_id = found.search_id.clone();
    let mut hits = near(found);
    if hits.is_empty() && !is_typing {
        // What was listed while typing is there after Enter, too.
        hits = near(web.desk.search(&visitor, unfinished).await?);
    }
    let site_language = web.desk.site().default_locale.language();
    Ok(hits.iter().map(|hit| HitView::new(hit, text, site_language, search_id.as_deref())).collect())
}

fn near(found: Searched) -> Vec<Hit> {
    found.hits.hits.into_iter().filter(|hit| hit.legs.is_near()).collect()
}

impl HitView {
    fn new(hit: &Hit, query: &str, site_language: &str, search_id: Option<&str>) -> Self {
        let is_foreign = hit.locale.language() != site_language;
        Self {
            href: address::found(hit, site_language, search_id),
            title: markup::title(&hit.title, query),
            collection: hit.collection.clone(),
            snippet: markup::snippet(&hit.snippet),
            lang: is_foreign.then(|| hit.locale.as_str().to_owned()),
        }
    }
}
