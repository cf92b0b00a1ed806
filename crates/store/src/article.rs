//! Articles: reading them as somebody, and changing what holds for all their translations.

use domain::{
    Article, ArticleId, Audience, CollectionId, Locale, Principal, PublicationState, Timestamp, Translation,
};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    reader::ArticleReader,
    row, translation,
    tx::{inserted, updated},
};

/// The columns of `articles a`.
pub(crate) const COLUMNS: &str = "a.id AS a_id, a.slug AS a_slug, a.collection_id AS a_collection_id, \
     a.audience AS a_audience, a.external_id AS a_external_id, a.position AS a_position, \
     a.created_at_ms AS a_created_at_ms, a.updated_at_ms AS a_updated_at_ms";

/// What a reader who sees no drafts needs besides the audience.
const IS_PUBLISHED: &str =
    "EXISTS (SELECT 1 FROM translations t WHERE t.article_id = a.id AND t.state = 'published')";

/// Which articles to list.
#[derive(Debug, Clone, Default)]
pub struct ArticleFilter {
    /// Only translations in this state.
    pub state: Option<PublicationState>,
    /// Only articles of this collection.
    pub collection: Option<CollectionId>,
    /// Only translations in this locale.
    pub locale: Option<Locale>,
    /// Only articles after this id.
    pub after: Option<String>,
    /// How many articles; each comes with all its translations that match.
    pub limit: usize,
}

/// An article with one of its translations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleRow {
    /// The article.
    pub article: Article,
    /// Its working text.
    pub translation: Translation,
}

/// The article in a row with [`COLUMNS`].
pub(crate) fn article(row: &AnyRow) -> Result<Article, StoreError> {
    Ok(Article {
        id: ArticleId::new(row::text(row, "a_id")?),
        slug: row::text(row, "a_slug")?,
        collection_id: row::optional_text(row, "a_collection_id")?.map(CollectionId::new),
        audience: row::parsed(row, "a_audience", |text| Audience::parse(text).ok())?,
        external_id: row::optional_text(row, "a_external_id")?,
        position: row::int(row, "a_position")?,
        created_at: row::time(row, "a_created_at_ms")?,
        updated_at: row::time(row, "a_updated_at_ms")?,
    })
}

impl Store {
    /// An article. Who sees no drafts finds it once a translation is published.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_article(
        &self,
        principal: &Principal,
        id: &ArticleId,
    ) -> Result<Option<Article>, StoreError> {
        self.find_readable(principal, "a.id", id.as_str()).await
    }

    /// An article by its address, on the same terms.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_article_by_slug(
        &self,
        principal: &Principal,
        slug: &str,
    ) -> Result<Option<Article>, StoreError> {
        self.find_readable(principal, "a.slug", slug).await
    }

    /// An article by its id in the system it came from, on the same terms.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_article_by_external_id(
        &self,
        principal: &Principal,
        external_id: &str,
    ) -> Result<Option<Article>, StoreError> {
        self.find_readable(principal, "a.external_id", external_id).await
    }

    /// Where an article has moved that once had this address, if the principal may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_redirect(
        &self,
        principal: &Principal,
        slug: &str,
    ) -> Result<Option<String>, StoreError> {
        let reader = ArticleReader::of(principal);
        let text = format!(
            "SELECT a.slug AS slug FROM redirects r JOIN articles a ON a.id = r.article_id \
             WHERE r.slug = $1 AND {}",
            readable(&reader, 2)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(slug));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| row::text(&row, "slug")).transpose()
    }

    /// Articles by id with their working texts. Who sees no drafts gets none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_articles(
        &self,
        principal: &Principal,
        filter: &ArticleFilter,
    ) -> Result<Vec<ArticleRow>, StoreError> {
        if !ArticleReader::of(principal).sees_drafts() {
            return Ok(vec![]);
        }
        const MATCHES: &str = "($1 IS NULL OR t.state = $1) AND ($2 IS NULL OR t.locale = $2) \
             AND ($3 IS NULL OR a.collection_id = $3)";
        let text = format!(
            "SELECT {COLUMNS}, {} FROM articles a JOIN translations t ON t.article_id = a.id WHERE {MATCHES} \
             AND a.id IN (SELECT a.id FROM articles a WHERE a.id > $4 AND EXISTS \
             (SELECT 1 FROM translations t WHERE t.article_id = a.id AND {MATCHES}) ORDER BY a.id LIMIT $5) \
             ORDER BY a.id, t.locale",
            translation::COLUMNS
        );
        let rows = sqlx::query(sql(text))
            .bind(filter.state.map(PublicationState::as_str))
            .bind(filter.locale.as_ref().map(Locale::as_str))
            .bind(filter.collection.as_ref().map(CollectionId::as_str))
            .bind(filter.after.as_deref().unwrap_or_default())
            .bind(row::to_int(filter.limit))
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter()
            .map(|row| Ok(ArticleRow { article: article(row)?, translation: translation::translation(row)? }))
            .collect()
    }

    /// Address and title of every published article in this locale that the principal may read, by position, title.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_links(
        &self,
        principal: &Principal,
        collection: Option<&CollectionId>,
        locale: &Locale,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let reader = ArticleReader::of(principal);
        let of_collection = if collection.is_some() { "a.collection_id = $2" } else { "$2 = ''" };
        let text = format!(
            "SELECT a.slug AS slug, v.title AS title FROM articles a \
             JOIN translations t ON t.article_id = a.id AND t.locale = $1 \
             JOIN versions v ON v.id = t.published_version_id \
             WHERE {of_collection} AND {} ORDER BY a.position, v.title, a.id",
            reader.condition(3)
        );
        let query = sqlx::query(sql(text))
            .bind(locale.as_str())
            .bind(collection.map(CollectionId::as_str).unwrap_or_default());
        let rows = reader.bind(query).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| Ok((row::text(row, "slug")?, row::text(row, "title")?))).collect()
    }

    async fn find_readable(
        &self,
        principal: &Principal,
        column: &'static str,
        value: &str,
    ) -> Result<Option<Article>, StoreError> {
        let reader = ArticleReader::of(principal);
        let text =
            format!("SELECT {COLUMNS} FROM articles a WHERE {column} = $1 AND {}", readable(&reader, 2));
        let query = reader.bind(sqlx::query(sql(text)).bind(value));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(article).transpose()
    }
}

impl WriteTx {
    /// An article, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn article(&mut self, id: &ArticleId) -> Result<Option<Article>, StoreError> {
        find(self.connection(), "a.id", id.as_str()).await
    }

    /// An article by its address, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn article_by_slug(&mut self, slug: &str) -> Result<Option<Article>, StoreError> {
        find(self.connection(), "a.slug", slug).await
    }

    /// An article by its id in the system it came from, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn article_by_external_id(&mut self, external_id: &str) -> Result<Option<Article>, StoreError> {
        find(self.connection(), "a.external_id", external_id).await
    }

    /// Whether an article has this address. Retired addresses are free.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slug_exists(&mut self, slug: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM articles WHERE slug = $1").bind(slug);
        Ok(row.fetch_optional(self.connection()).await?.is_some())
    }

    /// Adds an article without texts. A redirect from its address ends.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its address or external id is taken.
    pub async fn insert_article(&mut self, article: &Article) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO articles (id, slug, collection_id, audience, external_id, position, created_at_ms, \
             updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(article.id.as_str())
        .bind(article.slug.as_str())
        .bind(article.collection_id.as_ref().map(CollectionId::as_str))
        .bind(article.audience.key())
        .bind(article.external_id.as_deref())
        .bind(article.position)
        .bind(article.created_at.0)
        .bind(article.updated_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "an article with this address or external id is already there")?;
        self.delete_redirect(&article.slug).await
    }

    /// Changes an article. What indexes keep of it follows with [`WriteTx::touch_published`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Conflict`] when its address or external id is
    /// another's.
    pub async fn update_article(&mut self, article: &Article) -> Result<(), StoreError> {
        let taken = sqlx::query("SELECT 1 FROM articles WHERE id <> $1 AND (slug = $2 OR external_id = $3)")
            .bind(article.id.as_str())
            .bind(article.slug.as_str())
            .bind(article.external_id.as_deref());
        if taken.fetch_optional(self.connection()).await?.is_some() {
            return Err(StoreError::Conflict("an article with this address or external id is already there"));
        }
        let done = sqlx::query(
            "UPDATE articles SET slug = $2, collection_id = $3, audience = $4, external_id = $5, position = $6, \
             updated_at_ms = $7 WHERE id = $1",
        )
        .bind(article.id.as_str())
        .bind(article.slug.as_str())
        .bind(article.collection_id.as_ref().map(CollectionId::as_str))
        .bind(article.audience.key())
        .bind(article.external_id.as_deref())
        .bind(article.position)
        .bind(article.updated_at.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "article")?;
        self.delete_redirect(&article.slug).await
    }

    /// Changes who may read an article, and tells the indexes of every published translation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn set_audience(
        &mut self,
        id: &ArticleId,
        audience: &Audience,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE articles SET audience = $2, updated_at_ms = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(audience.key())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "article")?;
        self.touch_published(id, now).await?;
        Ok(())
    }

    /// Leads a retired address to an article from now on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_redirect(&mut self, slug: &str, article_id: &ArticleId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO redirects (slug, article_id) VALUES ($1, $2) \
             ON CONFLICT (slug) DO UPDATE SET article_id = excluded.article_id",
        )
        .bind(slug)
        .bind(article_id.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    async fn delete_redirect(&mut self, slug: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM redirects WHERE slug = $1").bind(slug).execute(self.connection()).await?;
        Ok(())
    }
}

/// The condition under which a reader finds an article at all.
fn readable(reader: &ArticleReader, first: usize) -> String {
    let condition = reader.condition(first);
    if reader.sees_drafts() { condition } else { format!("{condition} AND {IS_PUBLISHED}") }
}

async fn find(
    connection: &mut AnyConnection,
    column: &'static str,
    value: &str,
) -> Result<Option<Article>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM articles a WHERE {column} = $1");
    let row = sqlx::query(sql(text)).bind(value).fetch_optional(connection).await?;
    row.as_ref().map(article).transpose()
}
