//! What a visitor browses: collections, article pages, the list of addresses.

use domain::{Article, Collection, Locale, Passage, Principal, Version};

use crate::{Desk, DeskError};

/// An article's address and title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleLink {
    /// Its address.
    pub slug: String,
    /// Its title in the locale that was asked for.
    pub title: String,
}

/// A collection with its readable articles.
#[derive(Debug, Clone)]
pub struct CollectionShelf {
    /// The collection.
    pub collection: Collection,
    /// How many articles it has.
    pub n_articles: i64,
    /// All of them, in order.
    pub articles: Vec<ArticleLink>,
}

/// A published article as a page.
#[derive(Debug, Clone)]
pub struct ArticlePage {
    /// The article.
    pub article: Article,
    /// The version that readers see.
    pub version: Version,
    /// Its collection.
    pub collection: Option<Collection>,
    /// Its passages, whose anchors the page carries.
    pub passages: Vec<Passage>,
    /// The locales it is published in.
    pub locales: Vec<Locale>,
    /// The article before it in its collection.
    pub previous: Option<ArticleLink>,
    /// The article after it in its collection.
    pub next: Option<ArticleLink>,
}

/// What stands at an address.
#[derive(Debug, Clone)]
pub enum ArticleLookup {
    /// An article.
    Found(Box<ArticlePage>),
    /// It has moved to this address.
    Moved(String),
}

impl Desk {
    /// The article at an address, in the locale asked for or the nearest one it is published in.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is none that this principal may read.
    pub async fn article_page(
        &self,
        principal: &Principal,
        slug: &str,
        locale: Option<&Locale>,
    ) -> Result<ArticleLookup, DeskError> {
        let Some(article) = self.0.store.find_article_by_slug(principal, slug).await? else {
            let moved = self.0.store.find_redirect(principal, slug).await?;
            return moved.map(ArticleLookup::Moved).ok_or(DeskError::NotFound);
        };
        let locales = self.0.store.published_locales(principal, &article.id).await?;
        let locale = self.nearest_locale(&locales, locale).ok_or(DeskError::NotFound)?;
        let version = self
            .0
            .store
            .published_version(principal, &article.id, &locale)
            .await?
            .ok_or(DeskError::NotFound)?;
        let passages = self.0.store.passages_of(principal, &version.id).await?;
        let collection = self.collection_of(&article).await?;
        let siblings = match &collection {
            Some(collection) => self.links(principal, collection, &locale).await?,
            None => vec![],
        };
        let at = siblings.iter().position(|link| link.slug == article.slug);
        let previous = at.and_then(|at| at.checked_sub(1)).and_then(|at| siblings.get(at).cloned());
        let next = at.and_then(|at| siblings.get(at + 1).cloned());
        let page = ArticlePage { article, version, collection, passages, locales, previous, next };
        Ok(ArticleLookup::Found(Box::new(page)))
    }

    /// The collections that have something to read, with their articles.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn collections(
        &self,
        principal: &Principal,
        locale: Option<&Locale>,
    ) -> Result<Vec<CollectionShelf>, DeskError> {
        let locale = locale.unwrap_or(&self.site().default_locale);
        let mut shelves = Vec::new();
        for (collection, n_articles) in self.0.store.list_collections(principal).await? {
            if n_articles > 0 {
                let articles = self.links(principal, &collection, locale).await?;
                shelves.push(CollectionShelf { collection, n_articles, articles });
            }
        }
        Ok(shelves)
    }

    /// One collection with its articles.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when there is none, or nothing in it to read.
    pub async fn collection_page(
        &self,
        principal: &Principal,
        slug: &str,
        locale: Option<&Locale>,
    ) -> Result<CollectionShelf, DeskError> {
        let locale = locale.unwrap_or(&self.site().default_locale);
        let collection = self.0.store.find_collection_by_slug(slug).await?.ok_or(DeskError::NotFound)?;
        let articles = self.links(principal, &collection, locale).await?;
        if articles.is_empty() {
            return Err(DeskError::NotFound);
        }
        Ok(CollectionShelf {
            collection,
            n_articles: i64::try_from(articles.len()).unwrap_or(i64::MAX),
            articles,
        })
    }

    /// Every address that anybody may read.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn sitemap(&self) -> Result<Vec<ArticleLink>, DeskError> {
        let links =
            self.0.store.list_links(&Principal::anonymous(), None, &self.site().default_locale).await?;
        Ok(links.into_iter().map(|(slug, title)| ArticleLink { slug, title }).collect())
    }

    pub(crate) async fn collection_of(&self, article: &Article) -> Result<Option<Collection>, DeskError> {
        match &article.collection_id {
            Some(id) => Ok(self.0.store.find_collection(id).await?),
            None => Ok(None),
        }
    }

    /// The locale asked for; else the same language; else the site's; else the first there is.
    pub(crate) fn nearest_locale(&self, locales: &[Locale], wanted: Option<&Locale>) -> Option<Locale> {
        let default = &self.site().default_locale;
        let by = |wanted: &Locale| {
            locales
                .iter()
                .find(|locale| *locale == wanted)
                .or_else(|| locales.iter().find(|locale| locale.language() == wanted.language()))
        };
        wanted.and_then(by).or_else(|| by(default)).or_else(|| locales.first()).cloned()
    }

    async fn links(
        &self,
        principal: &Principal,
        collection: &Collection,
        locale: &Locale,
    ) -> Result<Vec<ArticleLink>, DeskError> {
        let links = self.0.store.list_links(principal, Some(&collection.id), locale).await?;
        Ok(links.into_iter().map(|(slug, title)| ArticleLink { slug, title }).collect())
    }
}
