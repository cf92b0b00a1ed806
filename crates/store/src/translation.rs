//! Translations: the working texts of articles. Only who sees drafts reads them.

use domain::{ArticleId, Locale, Principal, PublicationState, Translation, VersionId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    reader::ArticleReader,
    row,
    tx::{inserted, updated},
};

/// The columns of `translations t`.
pub(crate) const COLUMNS: &str = "t.article_id AS t_article_id, t.locale AS t_locale, t.title AS t_title, \
     t.body AS t_body, t.questions_json AS t_questions_json, t.state AS t_state, \
     t.published_version_id AS t_published_version_id, t.revision AS t_revision, \
     t.source_hash AS t_source_hash, t.updated_at_ms AS t_updated_at_ms";

/// The translation in a row with [`COLUMNS`].
pub(crate) fn translation(row: &AnyRow) -> Result<Translation, StoreError> {
    Ok(Translation {
        article_id: ArticleId::new(row::text(row, "t_article_id")?),
        locale: row::locale(row, "t_locale")?,
        title: row::text(row, "t_title")?,
        body: row::text(row, "t_body")?,
        questions: row::json(row, "t_questions_json")?,
        state: row::parsed(row, "t_state", PublicationState::parse)?,
        published_version: row::optional_text(row, "t_published_version_id")?.map(VersionId::new),
        revision: row::int(row, "t_revision")?,
        source_hash: row::optional_text(row, "t_source_hash")?,
        updated_at: row::time(row, "t_updated_at_ms")?,
    })
}

impl Store {
    /// The working text of an article in one locale.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_translation(
        &self,
        principal: &Principal,
        article_id: &ArticleId,
        locale: &Locale,
    ) -> Result<Option<Translation>, StoreError> {
        let all = self.list_translations(principal, article_id).await?;
        Ok(all.into_iter().find(|translation| translation.locale == *locale))
    }

    /// The working texts of an article, by locale. Who sees no drafts gets none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_translations(
        &self,
        principal: &Principal,
        article_id: &ArticleId,
    ) -> Result<Vec<Translation>, StoreError> {
        if !ArticleReader::of(principal).sees_drafts() {
            return Ok(vec![]);
        }
        let text = format!("SELECT {COLUMNS} FROM translations t WHERE t.article_id = $1 ORDER BY t.locale");
        let query = sqlx::query(sql(text)).bind(article_id.as_str());
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(translation).collect()
    }

    /// The locales in which an article is published for the principal, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn published_locales(
        &self,
        principal: &Principal,
        article_id: &ArticleId,
    ) -> Result<Vec<Locale>, StoreError> {
        let reader = ArticleReader::of(principal);
        let text = format!(
            "SELECT t.locale AS locale FROM translations t JOIN articles a ON a.id = t.article_id \
             WHERE t.article_id = $1 AND t.state = 'published' AND {} ORDER BY t.locale",
            reader.condition(2)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(article_id.as_str()));
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| row::locale(row, "locale")).collect()
    }
}

impl WriteTx {
    /// The working text of an article in one locale.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn translation(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
    ) -> Result<Option<Translation>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM translations t WHERE t.article_id = $1 AND t.locale = $2");
        let query = sqlx::query(sql(text)).bind(article_id.as_str()).bind(locale.as_str());
        let row = query.fetch_optional(self.connection()).await?;
        row.as_ref().map(translation).transpose()
    }

    /// Adds a working text: a draft, or one that is archived from the start. [`WriteTx::publish`] publishes it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the article has one in this locale.
    pub async fn insert_translation(&mut self, translation: &Translation) -> Result<(), StoreError> {
        let state = match translation.state {
            PublicationState::Archived => PublicationState::Archived,
            PublicationState::Draft | PublicationState::Published => PublicationState::Draft,
        };
        let done = sqlx::query(
            "INSERT INTO translations (article_id, locale, title, body, questions_json, state, revision, \
             source_hash, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(translation.article_id.as_str())
        .bind(translation.locale.as_str())
        .bind(translation.title.as_str())
        .bind(translation.body.as_str())
        .bind(row::to_json(&translation.questions)?)
        .bind(state.as_str())
        .bind(translation.revision)
        .bind(translation.source_hash.as_deref())
        .bind(translation.updated_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this article already has a text in this locale")
    }

    /// Changes a working text. What readers see, its state and published version, stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_translation(&mut self, translation: &Translation) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE translations SET title = $3, body = $4, questions_json = $5, revision = $6, source_hash = $7, \
             updated_at_ms = $8 WHERE article_id = $1 AND locale = $2",
        )
        .bind(translation.article_id.as_str())
        .bind(translation.locale.as_str())
        .bind(translation.title.as_str())
        .bind(translation.body.as_str())
        .bind(row::to_json(&translation.questions)?)
        .bind(translation.revision)
        .bind(translation.source_hash.as_deref())
        .bind(translation.updated_at.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "translation")
    }
}
