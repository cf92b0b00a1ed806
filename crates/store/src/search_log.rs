//! What was searched, for finding what the help center lacks.

use domain::{ArticleId, Locale, Principal, Timestamp};

use crate::{Store, StoreError, WriteTx, reader::ArticleReader, row, tx::inserted};

/// Clicks from which a query is one of an article's phrasings: one visitor's odd choice is not.
pub const PHRASING_CLICKS_MIN: i64 = 3;

/// A query that found nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchGap {
    /// What was searched.
    pub query: String,
    /// In which locale.
    pub locale: Locale,
    /// How often.
    pub n_searches: i64,
}

impl Store {
    /// Queries that found nothing since a time, most frequent first, for who sees drafts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_search_gaps(
        &self,
        principal: &Principal,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<SearchGap>, StoreError> {
        if !ArticleReader::of(principal).sees_drafts() {
            return Ok(vec![]);
        }
        let rows = sqlx::query(
            "SELECT query, locale, COUNT(*) AS n_searches FROM searches WHERE n_hits = 0 AND created_at_ms >= $1 \
             GROUP BY query, locale ORDER BY COUNT(*) DESC, query, locale LIMIT $2",
        )
        .bind(since.0)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SearchGap {
                    query: row::text(row, "query")?,
                    locale: row::locale(row, "locale")?,
                    n_searches: row::int(row, "n_searches")?,
                })
            })
            .collect()
    }
}

impl WriteTx {
    /// Remembers a search.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn insert_search(
        &mut self,
        id: &str,
        query: &str,
        locale: &Locale,
        n_hits: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO searches (id, query, locale, n_hits, created_at_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(query)
        .bind(locale.as_str())
        .bind(row::to_int(n_hits))
        .bind(now.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this search is already there")
    }

    /// Remembers which hit was opened first. Returns how often this query has led to this article, or nothing when there
    /// is no such search or a hit of it was opened before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the article.
    pub async fn set_search_click(
        &mut self,
        id: &str,
        article_id: &ArticleId,
    ) -> Result<Option<i64>, StoreError> {
        let done = sqlx::query(
            "UPDATE searches SET clicked_article_id = $2 WHERE id = $1 AND clicked_article_id IS NULL",
        )
        .bind(id)
        .bind(article_id.as_str())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT COUNT(*) AS n FROM searches s JOIN searches own ON own.id = $1 \
             WHERE s.clicked_article_id = $2 AND s.locale = own.locale AND LOWER(s.query) = LOWER(own.query)",
        )
        .bind(id)
        .bind(article_id.as_str())
        .fetch_one(self.connection())
        .await?;
        row::int(&row, "n").map(Some)
    }
}
