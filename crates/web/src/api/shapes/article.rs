//! Articles and collections.

use desk::{ArticleView, CollectionShelf};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{address, dates::iso};

/// An article with its working text in one locale.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticleJson {
    id: String,
    slug: String,
    /// Its address in the help center, once it is published.
    url: String,
    title: String,
    locale: String,
    /// Markdown.
    body: String,
    /// Other ways in which people ask for it.
    questions: Vec<String>,
    collection: Option<CollectionJson>,
    /// `public`, `signed_in`, `agents` or `segment:<key>`.
    audience: String,
    /// `draft`, `published` or `archived`.
    state: &'static str,
    /// The version readers see; the working text may be ahead of it.
    published_version: Option<String>,
    /// Counts changes of the working text; the `ETag`.
    revision: i64,
    /// Its id in the system it comes from.
    external_id: Option<String>,
    created_at: String,
    updated_at: String,
}

/// A page of articles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticlesJson {
    pub(crate) articles: Vec<ArticleJson>,
    /// `after` of the next page; null on the last one.
    pub(crate) next: Option<String>,
}

/// A collection's address and title.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionJson {
    slug: String,
    title: String,
}

/// The collections.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionsJson {
    pub(crate) collections: Vec<CollectionShelfJson>,
}

/// A collection with its articles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionShelfJson {
    slug: String,
    title: String,
    description: String,
    url: String,
    n_articles: i64,
    articles: Vec<ArticleLinkJson>,
}

/// An article's address and title.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticleLinkJson {
    slug: String,
    title: String,
    url: String,
}

impl From<ArticleView> for ArticleJson {
    fn from(view: ArticleView) -> Self {
        let ArticleView { article, translation, collection } = view;
        Self {
            id: article.id.to_string(),
            url: address::article(&article.slug),
            slug: article.slug,
            title: translation.title,
            locale: translation.locale.to_string(),
            body: translation.body,
            questions: translation.questions,
            collection: collection.map(|c| CollectionJson { slug: c.slug, title: c.title }),
            audience: article.audience.key(),
            state: translation.state.as_str(),
            published_version: translation.published_version.map(|id| id.to_string()),
            revision: translation.revision,
            external_id: article.external_id,
            created_at: iso(article.created_at),
            updated_at: iso(translation.updated_at.max(article.updated_at)),
        }
    }
}

impl From<CollectionShelf> for CollectionShelfJson {
    fn from(shelf: CollectionShelf) -> Self {
        let articles = shelf.articles.into_iter().map(|link| ArticleLinkJson {
            url: address::article(&link.slug),
            slug: link.slug,
            title: link.title,
        });
        Self {
            url: address::collection(&shelf.collection.slug),
            slug: shelf.collection.slug,
            title: shelf.collection.title,
            description: shelf.collection.description,
            n_articles: shelf.n_articles,
            articles: articles.collect(),
        }
    }
}
