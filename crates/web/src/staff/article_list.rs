//! The articles, by state.

use askama::Template;
use axum::extract::{Query, State};
use desk::ArticleQuery;
use domain::{Audience, PublicationState};
use serde::Deserialize;

use super::{
    frame::{Frame, Place},
    session::Staff,
};
use crate::{address, dates::When, failure::Failure, page::pages, state::Web};

/// Articles on one page.
const ARTICLES_PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "staff/articles.html")]
pub(crate) struct ArticlesPage {
    frame: Frame,
    filters: Vec<StateFilter>,
    rows: Vec<ArticleRow>,
    current: String,
    next: Option<String>,
}

pages!(ArticlesPage);

struct StateFilter {
    href: String,
    label: &'static str,
    is_current: bool,
}

struct ArticleRow {
    href: String,
    public_href: Option<String>,
    title: String,
    locale: String,
    collection: Option<String>,
    audience: Option<String>,
    state: &'static str,
    updated: When,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ArticlesQuery {
    #[serde(default)]
    state: String,
    after: Option<String>,
}

/// `GET /app/articles`
pub(crate) async fn articles(
    State(web): State<Web>,
    staff: Staff,
    Query(query): Query<ArticlesQuery>,
) -> Result<ArticlesPage, Failure> {
    let state = PublicationState::parse(&query.state);
    let wanted =
        ArticleQuery { state, collection: None, locale: None, after: query.after, limit: ARTICLES_PER_PAGE };
    let list = web.desk.list_articles(&staff.principal, wanted).await?;
    let now = web.now();
    let rows = list.articles.into_iter().map(|view| {
        let is_published = view.translation.state == PublicationState::Published;
        ArticleRow {
            href: format!(
                "/app/articles/{}?lang={}",
                address::escape(view.article.id.as_str()),
                view.translation.locale
            ),
            public_href: (is_published && view.article.audience == Audience::Public)
                .then(|| address::in_locale(&view.article.slug, &view.translation.locale)),
            audience: (view.article.audience != Audience::Public).then(|| view.article.audience.key()),
            title: view.translation.title,
            locale: view.translation.locale.as_str().to_owned(),
            collection: view.collection.map(|collection| collection.title),
            state: state_label(view.translation.state),
            updated: When::new(view.translation.updated_at, now),
        }
    });
    Ok(ArticlesPage {
        frame: Frame::new(&web, &staff, Place::Articles, "Articles"),
        filters: filters(state),
        rows: rows.collect(),
        current: state.map(PublicationState::as_str).unwrap_or_default().to_owned(),
        next: list.next,
    })
}

fn filters(current: Option<PublicationState>) -> Vec<StateFilter> {
    let all = StateFilter { href: "/app/articles".to_owned(), label: "All", is_current: current.is_none() };
    let states = [PublicationState::Draft, PublicationState::Published, PublicationState::Archived];
    let each = states.into_iter().map(|state| StateFilter {
        href: format!("/app/articles?state={}", state.as_str()),
        label: state_label(state),
        is_current: current == Some(state),
    });
    std::iter::once(all).chain(each).collect()
}

/// A state as people read it.
pub(crate) fn state_label(state: PublicationState) -> &'static str {
    match state {
        PublicationState::Draft => "Draft",
        PublicationState::Published => "Published",
        PublicationState::Archived => "Archived",
    }
}
