//! What indexes follow: the change log, and published texts with all that an index keeps of them.
//!
//! Not filtered by a reader: an index keeps every audience and filters in its own queries.

use std::collections::HashMap;

use domain::{Article, ArticleId, Change, Collection, Locale, Passage, Version, VersionId};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, article, collection, passage,
    placeholders::{self, sql},
    row, version,
};

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
    /// Old addresses that lead to it, at most 20.
    pub redirects: Vec<String>,
    /// Alternative questions that were accepted for it, surest first, at most 20.
    pub accepted: Vec<String>,
}

/// Other names of an article that an index keeps, of each kind: each costs a vector.
const PHRASINGS_MAX: usize = 20;

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
        Ok(completed(&mut connection, row.as_slice()).await?.pop())
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
        completed(&mut connection, &rows).await
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

async fn completed(
    connection: &mut AnyConnection,
    rows: &[AnyRow],
) -> Result<Vec<PublishedText>, StoreError> {
    let mut texts = with_passages(connection, rows).await?;
    for texts in texts.chunks_mut(placeholders::LIST_MAX) {
        add_phrasings(connection, texts).await?;
    }
    Ok(texts)
}

/// Adds old addresses and accepted questions.
async fn add_phrasings(
    connection: &mut AnyConnection,
    texts: &mut [PublishedText],
) -> Result<(), StoreError> {
    let ids: Vec<String> = texts.iter().map(|text| text.article.id.as_str().to_owned()).collect();
    let ids = placeholders::padded(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let text = format!(
        "SELECT article_id, slug FROM redirects WHERE article_id IN ({}) ORDER BY article_id, slug",
        placeholders::list(1, ids.len())
    );
    let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
    let mut redirects: HashMap<String, Vec<String>> = HashMap::new();
    for row in query.fetch_all(&mut *connection).await? {
        redirects.entry(row::text(&row, "article_id")?).or_default().push(row::text(&row, "slug")?);
    }
    let text = format!(
        "SELECT article_id, locale, question FROM proposed_questions \
         WHERE state = 'accepted' AND article_id IN ({}) ORDER BY article_id, confidence DESC, id",
        placeholders::list(1, ids.len())
    );
    let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
    let mut accepted: HashMap<(String, Locale), Vec<String>> = HashMap::new();
    for row in query.fetch_all(&mut *connection).await? {
        let of = (row::text(&row, "article_id")?, row::locale(&row, "locale")?);
        accepted.entry(of).or_default().push(row::text(&row, "question")?);
    }
    for text in texts {
        let id = text.article.id.as_str().to_owned();
        // An article has them once for each of its locales.
        text.redirects = redirects.get(&id).cloned().unwrap_or_default();
        text.accepted = accepted.remove(&(id, text.version.locale.clone())).unwrap_or_default();
        text.redirects.truncate(PHRASINGS_MAX);
        text.accepted.truncate(PHRASINGS_MAX);
    }
    Ok(())
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
        redirects: vec![],
        accepted: vec![],
    })
}
