//! Articles near another one, for its foot. The page asks for them once a reader gets there, so that nobody waits for
//! them and robots that read every page cost no search.

use askama::Template;
use axum::extract::{Path, Query, State};
use desk::{ArticleLink, ArticleLookup, Recording, SearchQuery};
use domain::Principal;

use super::{Lang, home::Link};
use crate::{address, caller::Client, failure::Failure, limits::Spend, page::pages, state::Web};

/// Articles at the foot of an article: a choice, not a list.
const RELATED_MAX: usize = 3;
/// Hits that are looked at: the article itself and its neighbours, which the page shows already, are among them.
const HITS_READ: usize = RELATED_MAX + 3;
/// What scores less than this part of the best other article shares a word with it, not a subject.
const SCORE_PART_MIN: f64 = 0.5;

#[derive(Template)]
#[template(path = "help/related.html")]
pub(crate) struct Related {
    links: Vec<Link>,
}

pages!(Related);

/// `GET /a/{slug}/related`: a part of the page; empty when nothing is near.
pub(crate) async fn related(
    State(web): State<Web>,
    client: Client,
    Path(slug): Path<String>,
    Query(lang): Query<Lang>,
) -> Result<Related, Failure> {
    let visitor = Principal::anonymous();
    client.spend(&web, &visitor, Spend::Search)?;
    let ArticleLookup::Found(page) = web.desk.article_page(&visitor, &slug, lang.locale().as_ref()).await?
    else {
        return Ok(Related { links: vec![] });
    };
    let query = SearchQuery {
        query: page.version.title.clone(),
        locale: Some(page.version.locale.clone()),
        limit: HITS_READ,
        as_you_type: false,
        collection: None,
        recording: Recording::Skip,
    };
    let found = web.desk.search(&visitor, query).await?;
    let is_shown = |slug: &str| {
        let around: [Option<&ArticleLink>; 2] = [page.previous.as_ref(), page.next.as_ref()];
        slug == page.article.slug || around.into_iter().flatten().any(|link| link.slug == slug)
    };
    let near: Vec<_> =
        found.hits.hits.iter().filter(|hit| hit.legs.is_near() && !is_shown(&hit.slug)).collect();
    let best = near.first().map_or(0.0, |hit| hit.score);
    let links = near
        .into_iter()
        .take_while(|hit| hit.score >= best * SCORE_PART_MIN)
        .take(RELATED_MAX)
        .map(|hit| Link { href: address::article(&hit.slug), title: hit.title.clone() })
        .collect();
    Ok(Related { links })
}
