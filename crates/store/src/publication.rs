//! Publishing and withdrawing, with the change log and the outbox in the same transaction.

use domain::{ArticleId, Event, Locale, Passage, PublicationState, Timestamp, Version};

use crate::{
    StoreError, WriteTx, row,
    tx::{Counter, inserted, updated},
};

impl WriteTx {
    /// Makes a version what readers see, in place of the one they saw before. Returns the change's sequence.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without a translation to publish, [`StoreError::Conflict`] when the version's id or
    /// number is taken.
    pub async fn publish(
        &mut self,
        version: &Version,
        passages: &[Passage],
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let (article_id, locale) = (&version.article_id, &version.locale);
        let done = sqlx::query(
            "INSERT INTO versions (id, article_id, locale, number, title, body, questions_json, created_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(version.id.as_str())
        .bind(article_id.as_str())
        .bind(locale.as_str())
        .bind(version.number)
        .bind(version.title.as_str())
        .bind(version.body.as_str())
        .bind(row::to_json(&version.questions)?)
        .bind(version.created_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this version is already there")?;
        self.insert_passages(&version.id, passages).await?;
        self.set_state(article_id, locale, PublicationState::Published, Some(version.id.as_str()), now)
            .await?;
        let event = Event::ArticlePublished { article_id: article_id.clone(), locale: locale.clone() };
        self.emit(&event, now).await?;
        self.change(article_id, locale, now).await
    }

    /// Withdraws a translation: a draft again. Returns the change's sequence, or nothing when it was not published.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such translation.
    pub async fn unpublish(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let was = self.state(article_id, locale).await?;
        if was != PublicationState::Published {
            return Ok(None);
        }
        self.withdraw(article_id, locale, PublicationState::Draft, now).await.map(Some)
    }

    /// Withdraws a translation for good. Returns the change's sequence, or nothing when readers did not see it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such translation.
    pub async fn archive(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        match self.state(article_id, locale).await? {
            PublicationState::Archived => Ok(None),
            PublicationState::Draft => {
                self.set_state(article_id, locale, PublicationState::Archived, None, now).await?;
                Ok(None)
            }
            PublicationState::Published => {
                self.withdraw(article_id, locale, PublicationState::Archived, now).await.map(Some)
            }
        }
    }

    /// Tells the indexes that something they keep of an article has changed: its audience, address or collection.
    /// Returns the number of published translations.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn touch_published(
        &mut self,
        article_id: &ArticleId,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let rows = sqlx::query(
            "SELECT locale FROM translations WHERE article_id = $1 AND state = 'published' ORDER BY locale",
        )
        .bind(article_id.as_str())
        .fetch_all(self.connection())
        .await?;
        for row in &rows {
            self.change(article_id, &row::locale(row, "locale")?, now).await?;
        }
        Ok(rows.len())
    }

    async fn withdraw(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
        state: PublicationState,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        self.set_state(article_id, locale, state, None, now).await?;
        let event = Event::ArticleUnpublished { article_id: article_id.clone(), locale: locale.clone() };
        self.emit(&event, now).await?;
        self.change(article_id, locale, now).await
    }

    /// Changes what readers see and drops the passages they saw before.
    async fn set_state(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
        state: PublicationState,
        version_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = sqlx::query(
            "SELECT published_version_id FROM translations WHERE article_id = $1 AND locale = $2",
        )
        .bind(article_id.as_str())
        .bind(locale.as_str())
        .fetch_optional(self.connection())
        .await?
        .ok_or(StoreError::NotFound("translation"))?;
        if let Some(replaced) = row::optional_text(&before, "published_version_id")? {
            self.delete_passages(&replaced).await?;
        }
        sqlx::query(
            "UPDATE translations SET state = $3, published_version_id = $4 WHERE article_id = $1 AND locale = $2",
        )
        .bind(article_id.as_str())
        .bind(locale.as_str())
        .bind(state.as_str())
        .bind(version_id)
        .execute(self.connection())
        .await?;
        let done = sqlx::query("UPDATE articles SET updated_at_ms = $2 WHERE id = $1")
            .bind(article_id.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "article")
    }

    async fn state(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
    ) -> Result<PublicationState, StoreError> {
        let row = sqlx::query("SELECT state FROM translations WHERE article_id = $1 AND locale = $2")
            .bind(article_id.as_str())
            .bind(locale.as_str())
            .fetch_optional(self.connection())
            .await?
            .ok_or(StoreError::NotFound("translation"))?;
        row::parsed(&row, "state", PublicationState::parse)
    }

    /// Adds an entry to the change log.
    async fn change(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let seq = self.next(Counter::Change).await?;
        sqlx::query("INSERT INTO changes (seq, article_id, locale, at_ms) VALUES ($1, $2, $3, $4)")
            .bind(seq)
            .bind(article_id.as_str())
            .bind(locale.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        Ok(seq)
    }
}
