//! Writing articles: new ones, and changes to their working text.

use domain::{
    Article, ArticleId, Audience, AuditAction, BODY_BYTES_MAX, Collection, CollectionId, Locale, Principal,
    PublicationState, QUESTIONS_MAX, Scope, TITLE_CHARS_MAX, Translation, slugify,
};
use serde_json::{Value, json};
use store::{ArticleFilter, WriteTx};

use crate::{Desk, DeskError, audit::RecordedTx, input};

/// Longest alternative question or slug, in bytes.
const LINE_BYTES_MAX: usize = 1_000;
/// Most articles on one page.
pub const ARTICLES_PER_PAGE_MAX: usize = 100;
/// Numbers tried behind a slug that is taken.
const SLUG_TRIES: u32 = 1_000;

/// A new article.
#[derive(Debug, Clone)]
pub struct NewArticle {
    /// Its title.
    pub title: String,
    /// The locale it is written in.
    pub locale: Locale,
    /// Its text, Markdown.
    pub body: String,
    /// Its address; made from the title when absent.
    pub slug: Option<String>,
    /// Its collection, by slug or title; made when there is none.
    pub collection: Option<String>,
    /// Who may read it; everybody when absent.
    pub audience: Option<Audience>,
    /// Other ways in which people ask for it.
    pub questions: Vec<String>,
    /// Its id elsewhere.
    pub external_id: Option<String>,
}

/// What to change; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct ArticleChange {
    /// The new title.
    pub title: Option<String>,
    /// The new text.
    pub body: Option<String>,
    /// The new alternative questions.
    pub questions: Option<Vec<String>>,
    /// The new address; the old one redirects.
    pub slug: Option<String>,
    /// The new collection, or none.
    pub collection: Option<Option<String>>,
    /// Who may read it from now on.
    pub audience: Option<Audience>,
}

/// An article with its working text in one locale.
#[derive(Debug, Clone)]
pub struct ArticleView {
    /// The article.
    pub article: Article,
    /// Its working text.
    pub translation: Translation,
    /// Its collection.
    pub collection: Option<Collection>,
}

/// A page of articles.
#[derive(Debug, Clone)]
pub struct ArticleList {
    /// The articles, by id, each with every working text that was asked for.
    pub articles: Vec<ArticleView>,
    /// `after` of the next page, unless this is the last one.
    pub next: Option<String>,
}

/// Which articles to list.
#[derive(Debug, Clone, Default)]
pub struct ArticleQuery {
    /// Only those in this state.
    pub state: Option<PublicationState>,
    /// Only those of this collection, by slug.
    pub collection: Option<String>,
    /// Only this locale.
    pub locale: Option<Locale>,
    /// Only those after this article id, as listed.
    pub after: Option<String>,
    /// How many; at most [`ARTICLES_PER_PAGE_MAX`].
    pub limit: usize,
}

impl Desk {
    /// Writes a new article as a draft.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:write`, [`DeskError::Invalid`] or [`DeskError::TooLarge`] for its parts,
    /// [`DeskError::Conflict`] when its address or external id is taken.
    pub async fn create_article(
        &self,
        principal: &Principal,
        new: NewArticle,
    ) -> Result<ArticleView, DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        let title = title(&new.title)?;
        let body = body(&new.body)?;
        let questions = questions(new.questions)?;
        let external_id = input::optional("external_id", new.external_id.as_deref(), LINE_BYTES_MAX)?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let audience = new.audience.unwrap_or(Audience::Public);
        check_audience(&mut tx, &audience).await?;
        let slug = match new.slug.as_deref() {
            Some(slug) => valid_slug(slug)?,
            None => free_slug(&mut tx, &title).await?,
        };
        let collection_id = match new.collection.as_deref() {
            Some(name) => Some(self.collection_named(&mut tx, name).await?),
            None => None,
        };
        let article = Article {
            id: ArticleId::new(self.id()),
            slug,
            collection_id,
            audience,
            external_id: external_id.map(str::to_owned),
            position: 0,
            created_at: now,
            updated_at: now,
        };
        let translation = Translation {
            article_id: article.id.clone(),
            locale: new.locale,
            title,
            body,
            questions,
            state: PublicationState::Draft,
            published_version: None,
            revision: 1,
            source_hash: None,
            updated_at: now,
        };
        tx.insert_article(&article).await?;
        tx.insert_translation(&translation).await?;
        let details = json!({ "locale": translation.locale, "audience": article.audience.key() });
        tx.record(AuditAction::ArticleCreated, &article.id, details);
        tx.commit().await?;
        let collection = self.collection_of(&article).await?;
        Ok(ArticleView { article, translation, collection })
    }

    /// An article with its working text.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:read`, [`DeskError::NotFound`].
    pub async fn article(
        &self,
        principal: &Principal,
        id: &ArticleId,
        locale: Option<&Locale>,
    ) -> Result<ArticleView, DeskError> {
        Self::require(principal, Scope::KbRead)?;
        self.article_view(principal, id, locale).await
    }

    /// Articles with their working texts, by id.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `kb:read`.
    pub async fn list_articles(
        &self,
        principal: &Principal,
        query: ArticleQuery,
    ) -> Result<ArticleList, DeskError> {
        Self::require(principal, Scope::KbRead)?;
        let collection = match query.collection.as_deref() {
            None => None,
            Some(slug) => {
                Some(self.0.store.find_collection_by_slug(slug).await?.ok_or(DeskError::NotFound)?.id)
            }
        };
        let filter = ArticleFilter {
            state: query.state,
            collection,
            locale: query.locale,
            after: query.after,
            limit: query.limit.clamp(1, ARTICLES_PER_PAGE_MAX),
        };
        let mut articles: Vec<ArticleView> = Vec::new();
        for row in self.0.store.list_articles(principal, &filter).await? {
            let collection = self.collection_of(&row.article).await?;
            articles.push(ArticleView { article: row.article, translation: row.translation, collection });
        }
        // The limit counts articles, of which one may come with several texts.
        let n_articles = articles.chunk_by(|a, b| a.article.id == b.article.id).count();
        let next = articles.last().filter(|_| n_articles == filter.limit);
        Ok(ArticleList { next: next.map(|view| view.article.id.to_string()), articles })
    }

    /// Changes an article. Its text is the working text: readers see it once it is published. Its audience, address
    /// and collection hold from the next request on.
    ///
    /// # Errors
    /// As [`Desk::create_article`], and [`DeskError::Stale`] when `expected_revision` is not its revision.
    pub async fn change_article(
        &self,
        principal: &Principal,
        id: &ArticleId,
        locale: Option<&Locale>,
        change: ArticleChange,
        expected_revision: Option<i64>,
    ) -> Result<ArticleView, DeskError> {
        Self::require(principal, Scope::KbWrite)?;
        let found = self.article_view(&Principal::System, id, locale).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let mut article = tx.article(id).await?.ok_or(DeskError::NotFound)?;
        let mut translation =
            tx.translation(id, &found.translation.locale).await?.ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, translation.revision)?;
        let old_text = translation.clone();
        if let Some(new) = &change.title {
            translation.title = title(new)?;
        }
        if let Some(new) = &change.body {
            translation.body = body(new)?;
        }
        if let Some(new) = change.questions {
            translation.questions = questions(new)?;
        }
        translation.revision += 1;
        translation.updated_at = now;
        let before = article.clone();
        if let Some(new) = &change.slug {
            article.slug = valid_slug(new)?;
        }
        if let Some(new) = &change.collection {
            article.collection_id = match new {
                Some(name) => Some(self.collection_named(&mut tx, name).await?),
                None => None,
            };
        }
        article.audience = change.audience.unwrap_or(article.audience);
        if article.audience != before.audience {
            check_audience(&mut tx, &article.audience).await?;
        }
        article.updated_at = now;
        tx.update_translation(&translation).await?;
        if article.slug != before.slug {
            tx.insert_redirect(&before.slug, &article.id).await?;
        }
        tx.update_article(&article).await?;
        // What the index keeps of an article changes with it.
        let indexed_changed = (&article.slug, &article.audience, &article.collection_id)
            != (&before.slug, &before.audience, &before.collection_id);
        if indexed_changed {
            tx.touch_published(&article.id, now).await?;
        }
        let details = changed(&(&before, &old_text), &(&article, &translation));
        tx.record(AuditAction::ArticleChanged, id, details);
        tx.commit().await?;
        if indexed_changed {
            self.catch_up().await?;
        }
        let collection = self.collection_of(&article).await?;
        Ok(ArticleView { article, translation, collection })
    }

    pub(crate) async fn article_view(
        &self,
        principal: &Principal,
        id: &ArticleId,
        locale: Option<&Locale>,
    ) -> Result<ArticleView, DeskError> {
        let article = self.0.store.find_article(principal, id).await?.ok_or(DeskError::NotFound)?;
        let translations = self.0.store.list_translations(principal, id).await?;
        let locales: Vec<Locale> =
            translations.iter().map(|translation| translation.locale.clone()).collect();
        let chosen = match locale {
            Some(locale) => locales.contains(locale).then(|| locale.clone()),
            None => self.nearest_locale(&locales, None),
        };
        let chosen = chosen.ok_or(DeskError::NotFound)?;
        let translation = translations
            .into_iter()
            .find(|translation| translation.locale == chosen)
            .ok_or(DeskError::NotFound)?;
        let collection = self.collection_of(&article).await?;
        Ok(ArticleView { article, translation, collection })
    }

    /// The collection with this slug or title, made when there is none.
    pub(crate) async fn collection_named(
        &self,
        tx: &mut RecordedTx,
        name: &str,
    ) -> Result<CollectionId, DeskError> {
        let name = input::text("collection", name, LINE_BYTES_MAX)?;
        let slug = slugify(name);
        if slug.is_empty() {
            return Err(DeskError::invalid("collection", "write a name with letters or digits"));
        }
        if let Some(collection) = tx.collection_by_slug(&slug).await? {
            return Ok(collection.id);
        }
        let collection = Collection {
            id: CollectionId::new(self.id()),
            title: collection_title(name, &slug),
            slug,
            description: String::new(),
            position: 0,
        };
        tx.insert_collection(&collection).await?;
        tx.record(AuditAction::CollectionCreated, &collection.id, json!({}));
        Ok(collection.id)
    }
}

/// Which fields differ, and the audiences where they do.
fn changed(before: &(&Article, &Translation), after: &(&Article, &Translation)) -> Value {
    let fields = [
        ("title", before.1.title != after.1.title),
        ("body", before.1.body != after.1.body),
        ("questions", before.1.questions != after.1.questions),
        ("slug", before.0.slug != after.0.slug),
        ("collection", before.0.collection_id != after.0.collection_id),
        ("audience", before.0.audience != after.0.audience),
    ];
    let names: Vec<&str> = fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
    let mut details = json!({ "locale": after.1.locale, "changed": names });
    if before.0.audience != after.0.audience {
        details["audience"] = json!([before.0.audience.key(), after.0.audience.key()]);
    }
    details
}

/// A slug given as the name becomes a title that reads well: `first-steps` becomes `First steps`.
fn collection_title(name: &str, slug: &str) -> String {
    if name != slug {
        return name.to_owned();
    }
    let words = name.replace('-', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The title's slug, with a number behind it when it is taken.
pub(crate) async fn free_slug(tx: &mut WriteTx, title: &str) -> Result<String, DeskError> {
    let base = match slugify(title) {
        slug if slug.is_empty() => "article".to_owned(),
        slug => slug,
    };
    for slug in numbered(&base) {
        if !tx.slug_exists(&slug).await? {
            return Ok(slug);
        }
    }
    Err(DeskError::Conflict(format!("every address like {base} is taken; give one")))
}

/// A slug, then the same with numbers behind it.
pub(crate) fn numbered(base: &str) -> impl Iterator<Item = String> {
    std::iter::once(base.to_owned()).chain((2..=SLUG_TRIES).map(move |n| format!("{base}-{n}")))
}

pub(crate) fn title(value: &str) -> Result<String, DeskError> {
    let title = input::text("title", value, TITLE_CHARS_MAX * 4)?;
    if title.chars().count() > TITLE_CHARS_MAX {
        return Err(DeskError::invalid("title", format!("use at most {TITLE_CHARS_MAX} characters")));
    }
    Ok(input::one_line(title))
}

pub(crate) fn body(value: &str) -> Result<String, DeskError> {
    if value.len() > BODY_BYTES_MAX {
        return Err(DeskError::TooLarge { field: "body", bytes_max: BODY_BYTES_MAX });
    }
    if value.contains('\0') {
        return Err(DeskError::invalid("body", "this is not text"));
    }
    Ok(value.to_owned())
}

fn questions(values: Vec<String>) -> Result<Vec<String>, DeskError> {
    if values.len() > QUESTIONS_MAX {
        return Err(DeskError::invalid("questions", format!("use at most {QUESTIONS_MAX}")));
    }
    values
        .iter()
        .map(|question| input::text("questions", question, LINE_BYTES_MAX).map(str::to_owned))
        .collect()
}

/// Refuses an audience of customers whom nobody has described: only the team would ever read the article.
async fn check_audience(tx: &mut WriteTx, audience: &Audience) -> Result<(), DeskError> {
    match audience {
        Audience::Segment(key) if tx.segment(key).await?.is_none() => {
            Err(DeskError::invalid("audience", format!("there is no segment {key:?}")))
        }
        _ => Ok(()),
    }
}

fn valid_slug(value: &str) -> Result<String, DeskError> {
    let slug = slugify(value);
    if slug.is_empty() || slug != value {
        let message = format!("use lower-case letters, digits and hyphens, such as {slug:?}");
        return Err(DeskError::invalid("slug", message));
    }
    Ok(slug)
}
