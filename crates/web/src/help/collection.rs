//! A collection with all its articles, and the articles that are in none.

use askama::Template;
use axum::extract::{Path, Query, State};
use domain::Principal;

use super::{
    Lang,
    home::{Shelf, unshelved},
};
use crate::{
    failure::Failure,
    page::{Shell, pages},
    state::Web,
};

#[derive(Template)]
#[template(path = "help/collection.html")]
pub(crate) struct CollectionPage {
    shell: Shell,
    shelf: Shelf,
}

pages!(CollectionPage);

/// `GET /c/{collection}`
pub(crate) async fn collection(
    State(web): State<Web>,
    Path(slug): Path<String>,
    Query(lang): Query<Lang>,
) -> Result<CollectionPage, Failure> {
    let shelf = web.desk.collection_page(&Principal::anonymous(), &slug, lang.locale().as_ref()).await?;
    Ok(CollectionPage::new(&web, Shelf::new(shelf, usize::MAX)))
}

/// `GET /articles`: those that no collection holds.
pub(crate) async fn others(State(web): State<Web>) -> Result<CollectionPage, Failure> {
    let shelves = web.desk.collections(&Principal::anonymous(), None).await?;
    let articles = unshelved(&web, &shelves).await?;
    if articles.is_empty() {
        return Err(Failure::not_found());
    }
    Ok(CollectionPage::new(&web, Shelf::of_others(articles, usize::MAX)))
}

impl CollectionPage {
    fn new(web: &Web, shelf: Shelf) -> Self {
        Self { shell: Shell::new(web, shelf.title.clone()).indexed(&shelf.description), shelf }
    }
}
