//! A collection with all its articles.

use askama::Template;
use axum::extract::{Path, Query, State};
use domain::Principal;

use super::{Lang, home::Shelf};
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
    let shelf = Shelf::new(shelf, usize::MAX);
    Ok(CollectionPage { shell: Shell::new(&web, shelf.title.clone()).indexed(), shelf })
}
