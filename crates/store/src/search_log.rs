//! What was searched, for finding what the help center lacks.

use domain::{ArticleId, Locale, Principal, Timestamp};

use crate::{Store, StoreError, WriteTx, reader::ArticleReader, row, tx::inserted};

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

/// A query that led to an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchClicks {
    /// What was searched, in lower case.
    pub query: String,
    /// In which locale.
    pub locale: Locale,
    /// What was opened first.
    pub article_id: ArticleId,
    /// How often.
    pub n_clicks: i64,
}

impl Store {
    /// Queries that led to an article since a time, most frequent first, for who sees drafts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_search_clicks(
        &self,
        principal: &Principal,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<SearchClicks>, StoreError> {
        if !ArticleReader::of(principal).sees_drafts() {
            return Ok(vec![]);
        }
        let rows = sqlx::query(
            "SELECT LOWER(query) AS asked, locale, clicked_article_id, COUNT(*) AS n_clicks FROM searches \
             WHERE clicked_article_id IS NOT NULL AND created_at_ms >= $1 \
             GROUP BY LOWER(query), locale, clicked_article_id \
             ORDER BY COUNT(*) DESC, LOWER(query), locale, clicked_article_id LIMIT $2",
        )
        .bind(since.0)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SearchClicks {
                    query: row::text(row, "asked")?,
                    locale: row::locale(row, "locale")?,
                    article_id: ArticleId::new(row::text(row, "clicked_article_id")?),
                    n_clicks: row::int(row, "n_clicks")?,
                })
            })
            .collect()
    }

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

    /// Remembers which hit was opened first. A search that is not known, or led somewhere before, stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the article.
    pub async fn set_search_click(&mut self, id: &str, article_id: &ArticleId) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE searches SET clicked_article_id = $2 WHERE id = $1 AND clicked_article_id IS NULL",
        )
        .bind(id)
        .bind(article_id.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
