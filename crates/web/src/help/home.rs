//! The home page: search, and the shelves.

use std::collections::HashSet;

use askama::Template;
use axum::extract::{Query, State};
use desk::{ArticleLink, CollectionShelf};
use domain::Principal;

use super::Lang;
use crate::{
    address,
    failure::Failure,
    page::{Shell, pages},
    state::Web,
};

/// Titles shown on a shelf before one has to open it.
const TITLES_PER_SHELF: usize = 4;
/// Titles shown when there is only one shelf: the page has room for them.
const TITLES_ON_ONLY_SHELF: usize = 12;

/// Where the articles that no collection holds are listed.
const OTHERS_HREF: &str = "/articles";

#[derive(Template)]
#[template(path = "help/home.html")]
pub(crate) struct HomePage {
    shell: Shell,
    shelves: Vec<Shelf>,
}

/// A collection as a card.
pub(crate) struct Shelf {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) n_articles: i64,
    pub(crate) articles: Vec<Link>,
}

/// An article to go to.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) title: String,
}

impl From<ArticleLink> for Link {
    fn from(link: ArticleLink) -> Self {
        Self { href: address::article(&link.slug), title: link.title }
    }
}

impl Shelf {
    pub(crate) fn new(shelf: CollectionShelf, n_titles: usize) -> Self {
        Self {
            href: address::collection(&shelf.collection.slug),
            title: shelf.collection.title,
            description: shelf.collection.description,
            n_articles: shelf.n_articles,
            articles: shelf.articles.into_iter().take(n_titles).map(Link::from).collect(),
        }
    }

    /// The articles that no collection holds.
    pub(crate) fn of_others(articles: Vec<ArticleLink>, n_titles: usize) -> Self {
        Self {
            href: OTHERS_HREF.to_owned(),
            title: "Other articles".to_owned(),
            description: String::new(),
            n_articles: i64::try_from(articles.len()).unwrap_or(i64::MAX),
            articles: articles.into_iter().take(n_titles).map(Link::from).collect(),
        }
    }
}

pages!(HomePage);

/// `GET /`
pub(crate) async fn home(State(web): State<Web>, Query(lang): Query<Lang>) -> Result<HomePage, Failure> {
    let visitor = Principal::anonymous();
    let locale = lang.locale();
    let shelves = web.desk.collections(&visitor, locale.as_ref()).await?;
    let others = match locale {
        None => unshelved(&web, &shelves).await?,
        Some(_) => unshelved(&web, &web.desk.collections(&visitor, None).await?).await?,
    };
    let n_shelves = shelves.len() + usize::from(!others.is_empty());
    let n_titles = if n_shelves == 1 { TITLES_ON_ONLY_SHELF } else { TITLES_PER_SHELF };
    let mut shelves: Vec<Shelf> = shelves.into_iter().map(|shelf| Shelf::new(shelf, n_titles)).collect();
    if !others.is_empty() {
        shelves.push(Shelf::of_others(others, n_titles));
    }
    let about = "Search the articles, or ask. Every answer shows where it comes from.";
    Ok(HomePage { shell: Shell::new(&web, "What can we help you with?").indexed(about), shelves })
}

/// The articles that none of the site's shelves holds: those of a flat folder, of a corpus, or written without one.
pub(crate) async fn unshelved(web: &Web, shelves: &[CollectionShelf]) -> Result<Vec<ArticleLink>, Failure> {
    let shelved: HashSet<&str> =
        shelves.iter().flat_map(|shelf| &shelf.articles).map(|link| link.slug.as_str()).collect();
    let mut all = web.desk.sitemap().await?;
    all.retain(|link| !shelved.contains(link.slug.as_str()));
    Ok(all)
}
