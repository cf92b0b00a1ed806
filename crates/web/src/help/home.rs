//! The home page: search, and the shelves.

use askama::Template;
use axum::extract::{Query, State};
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

impl From<desk::ArticleLink> for Link {
    fn from(link: desk::ArticleLink) -> Self {
        Self { href: address::article(&link.slug), title: link.title }
    }
}

impl Shelf {
    pub(crate) fn new(shelf: desk::CollectionShelf, n_titles: usize) -> Self {
        Self {
            href: address::collection(&shelf.collection.slug),
            title: shelf.collection.title,
            description: shelf.collection.description,
            n_articles: shelf.n_articles,
            articles: shelf.articles.into_iter().take(n_titles).map(Link::from).collect(),
        }
    }
}

pages!(HomePage);

/// `GET /`
pub(crate) async fn home(State(web): State<Web>, Query(lang): Query<Lang>) -> Result<HomePage, Failure> {
    let shelves = web.desk.collections(&Principal::anonymous(), lang.locale().as_ref()).await?;
    let shelves = shelves.into_iter().map(|shelf| Shelf::new(shelf, TITLES_PER_SHELF)).collect();
    Ok(HomePage { shell: Shell::new(&web, "What can we help you with?").indexed(), shelves })
}
