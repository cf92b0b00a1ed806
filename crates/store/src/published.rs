//! What indexes follow: the change log, and published texts with all that an index keeps of them.
//!
//! Not filtered by a reader: an index keeps every audience and filters in its own queries.

use std::collections::HashMap;

use domain::{Article, ArticleId, Change, Collection, Locale, Passage, Version, VersionId};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{Store, StoreError, article, collection, passage, placeholders::sql, row, version};

/// A published text with all that an index keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedText {
    /// The article.
    pub article: Article,
    /// The published version.
    pub version: Version,
    /// Its passages, in reading order.
    pub passages: Vec<Passage>,
    /// The article's collection.
    pub collection: Option<Collection>,
}

impl Store {
    /// The sequence of the newest change; 0 before the first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_change_seq(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'change'")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row::int(&row, "value")
    }

    /// Changes after a sequence, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn changes_after(&self, seq: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, article_id, locale, at_ms FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Change {
                    seq: row::int(row, "seq")?,
                    article_id: ArticleId::new(row::text(row, "article_id")?),
                    locale: row::locale(row, "locale")?,
                    at: row::time(row, "at_ms")?,
                })
            })
            .collect()
    }

    /// What is published of an article in one locale.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn published(
        &self,
        article_id: &ArticleId,
        locale: &Locale,
    ) -> Result<Option<PublishedText>, StoreError> {
        let mut connection = self.reader().await?;
        let text = format!("{} WHERE t.article_id = $1 AND t.locale = $2", texts());
        let query = sqlx::query(sql(text)).bind(article_id.as_str()).bind(locale.as_str());
        let row = query.fetch_optional(&mut *connection).await?;
        Ok(with_passages(&mut connection, row.as_slice()).await?.pop())
    }

    /// Published texts by version id, after one. Pages of a few hundred keep memory flat.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_published(
        &self,
        after: Option<&VersionId>,
        limit: i64,
    ) -> Result<Vec<PublishedText>, StoreError> {
        let mut connection = self.reader().await?;
        let text =
            format!("{} WHERE t.published_version_id > $1 ORDER BY t.published_version_id LIMIT $2", texts());
        let query = sqlx::query(sql(text)).bind(after.map(VersionId::as_str).unwrap_or_default()).bind(limit);
        let rows = query.fetch_all(&mut *connection).await?;
        with_passages(&mut connection, &rows).await
    }
}

fn texts() -> String {
    format!(
        "SELECT {}, {}, {} FROM translations t JOIN versions v ON v.id = t.published_version_id \
         JOIN articles a ON a.id = t.article_id LEFT JOIN collections c ON c.id = a.collection_id",
        article::COLUMNS,
        version::COLUMNS,
        collection::COLUMNS
    )
}

/// Adds the passages of all rows, which are in order of version id. The table holds published versions only, so the
/// range between the first and the last version is little more than what is wanted.
async fn with_passages(
    connection: &mut AnyConnection,
    rows: &[AnyRow],
) -> Result<Vec<PublishedText>, StoreError> {
    let mut texts: Vec<PublishedText> = rows.iter().map(without_passages).collect::<Result<_, _>>()?;
    let (Some(first), Some(last)) = (texts.first(), texts.last()) else { return Ok(texts) };
    let text = format!(
        "SELECT {} FROM passages p WHERE p.version_id >= $1 AND p.version_id <= $2 \
         ORDER BY p.version_id, p.ordinal",
        passage::COLUMNS
    );
    let query = sqlx::query(sql(text)).bind(first.version.id.as_str()).bind(last.version.id.as_str());
    let rows = query.fetch_all(connection).await?;
    let mut at: HashMap<String, usize> = HashMap::with_capacity(texts.len());
    at.extend(texts.iter().enumerate().map(|(i, text)| (text.version.id.as_str().to_owned(), i)));
    for row in &rows {
        let version_id = row::text(row, "p_version_id")?;
        if let Some(text) = at.get(&version_id).and_then(|i| texts.get_mut(*i)) {
            text.passages.push(passage::passage(row, &version_id)?);
        }
    }
    Ok(texts)
}

fn without_passages(row: &AnyRow) -> Result<PublishedText, StoreError> {
    let in_collection = row::optional_text(row, "c_id")?.is_some();
    Ok(PublishedText {
        article: article::article(row)?,
        version: version::version(row)?,
        passages: vec![],
        collection: if in_collection { Some(collection::collection(row)?) } else { None },
    })
}
