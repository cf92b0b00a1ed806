//! An article: its text with anchors, the cited words marked, and its Markdown.

use std::ops::Range;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use desk::{ArticleLookup, ArticlePage as Found};
use domain::{Locale, Passage, Principal};
use serde::Deserialize;

use super::{
    ask::Visitor,
    home::Link,
    log::{AskPanel, Panel},
};
use crate::{
    address,
    dates::When,
    failure::Failure,
    markup::{self, Html, TocEntry},
    page::{Shell, base_url, pages},
    state::Web,
};

/// With fewer headings a table of contents is longer than the scrolling it saves.
const TOC_ENTRIES_MIN: usize = 2;

#[derive(Template)]
#[template(path = "help/article.html")]
pub(crate) struct ArticlePage {
    shell: Shell,
    href: String,
    /// The one address that search engines should keep.
    canonical: String,
    article_id: String,
    version_id: String,
    title: String,
    lang: String,
    dir: &'static str,
    body: Html,
    toc: Vec<TocEntry>,
    collection: Option<Link>,
    updated: When,
    locales: Vec<LocaleLink>,
    previous: Option<Link>,
    next: Option<Link>,
    voted: bool,
    panel: AskPanel,
}

/// The same article in another language.
pub(crate) struct LocaleLink {
    href: String,
    /// As search engines want it.
    absolute: String,
    tag: String,
    is_current: bool,
}

pages!(ArticlePage);

#[derive(Debug, Deserialize)]
pub(crate) struct ArticleQuery {
    lang: Option<String>,
    /// The cited span, `START-END` in characters of the body.
    cite: Option<String>,
    /// The version the span belongs to.
    v: Option<String>,
    voted: Option<String>,
    /// The search that led here.
    from: Option<String>,
}

/// `GET /a/{slug}` and `GET /a/{slug}.md`
pub(crate) async fn article(
    State(web): State<Web>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, Failure> {
    let locale = query.lang.as_deref().and_then(|tag| Locale::parse(tag).ok());
    let (slug, is_markdown) = match slug.strip_suffix(".md") {
        Some(slug) => (slug, true),
        None => (slug.as_str(), false),
    };
    let found = match web.desk.article_page(&Principal::anonymous(), slug, locale.as_ref()).await? {
        ArticleLookup::Found(found) => found,
        ArticleLookup::Moved(slug) => {
            let suffix = if is_markdown { ".md" } else { "" };
            return Ok(Redirect::permanent(&format!("{}{suffix}", address::article(&slug))).into_response());
        }
    };
    if is_markdown {
        return Ok(markdown(&found));
    }
    if let Some(search_id) = &query.from
        && let Err(error) = web.desk.search_led_to(search_id, &found.article.id).await
    {
        // The reader came for the article.
        tracing::warn!(%error, "cannot remember what a search led to");
    }
    if query.cite.is_some()
        && let Some(visitor) = Visitor::found(&web, &headers).await?
        && let Err(error) = web.desk.citation_led_to(&visitor.principal, &visitor.id, &found.article.id).await
    {
        tracing::warn!(%error, "cannot remember that a citation was opened");
    }
    Ok(view(&web, &base_url(&web, &headers), *found, &query).into_response())
}

fn view(web: &Web, base_url: &str, found: Found, query: &ArticleQuery) -> ArticlePage {
    let Found { article, version, collection, passages, locales, previous, next } = found;
    let is_cited_version = query.v.as_deref().is_none_or(|v| v == version.id.as_str());
    let cited = query.cite.as_deref().and_then(span).filter(|_| is_cited_version);
    let href = address::article(&article.slug);
    let mut toc = markup::toc(&version.title, &version.body);
    if toc.len() < TOC_ENTRIES_MIN {
        toc.clear();
    }
    let default_locale = &web.desk.site().default_locale;
    let in_locale = |locale: &Locale| {
        if locale == default_locale { href.clone() } else { address::in_locale(&article.slug, locale) }
    };
    let canonical = format!("{base_url}{}", in_locale(&version.locale));
    let locales = locales
        .iter()
        .map(|locale| LocaleLink {
            href: address::in_locale(&article.slug, locale),
            absolute: format!("{base_url}{}", in_locale(locale)),
            tag: locale.as_str().to_owned(),
            is_current: *locale == version.locale,
        })
        .collect();
    let about = passages.first().map(Passage::text).unwrap_or_default();
    ArticlePage {
        shell: Shell::new(web, version.title.clone()).indexed(&about),
        canonical,
        body: markup::article(&version.title, &version.body, &passages, cited),
        toc,
        collection: collection
            .map(|shelf| Link { href: address::collection(&shelf.slug), title: shelf.title }),
        updated: When::new(version.created_at, web.now()),
        lang: version.locale.as_str().to_owned(),
        dir: if version.locale.is_rtl() { "rtl" } else { "ltr" },
        locales,
        previous: previous.map(Link::from),
        next: next.map(Link::from),
        voted: query.voted.is_some(),
        panel: AskPanel::empty(Panel::Side),
        href,
        article_id: article.id.to_string(),
        version_id: version.id.to_string(),
        title: version.title,
    }
}

/// `START-END`, in characters.
fn span(text: &str) -> Option<Range<usize>> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (start.parse().ok()?, end.parse().ok()?);
    (start < end).then_some(start..end)
}

fn markdown(found: &Found) -> Response {
    let content_type = [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")];
    let has_title = found.version.body.trim_start().starts_with("# ");
    let text = if has_title {
        found.version.body.clone()
    } else {
        format!("# {}\n\n{}", found.version.title, found.version.body)
    };
    (content_type, text).into_response()
}
