//! Versions: published texts, which never change. Who sees no drafts reads the one that is published now.

use std::collections::HashSet;

use domain::{ArticleId, Locale, Principal, Version, VersionId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, sql},
    reader::ArticleReader,
    row,
};

/// The columns of `versions v`.
pub(crate) const COLUMNS: &str = "v.id AS v_id, v.article_id AS v_article_id, v.locale AS v_locale, \
     v.number AS v_number, v.title AS v_title, v.body AS v_body, v.questions_json AS v_questions_json, \
     v.created_at_ms AS v_created_at_ms";

/// The version in a row with [`COLUMNS`].
pub(crate) fn version(row: &AnyRow) -> Result<Version, StoreError> {
    Ok(Version {
        id: VersionId::new(row::text(row, "v_id")?),
        article_id: ArticleId::new(row::text(row, "v_article_id")?),
        locale: row::locale(row, "v_locale")?,
        number: row::int(row, "v_number")?,
        title: row::text(row, "v_title")?,
        body: row::text(row, "v_body")?,
        questions: row::json(row, "v_questions_json")?,
        created_at: row::time(row, "v_created_at_ms")?,
    })
}

impl Store {
    /// A version. Who sees no drafts finds it while it is the published one of an article they may read.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_version(
        &self,
        principal: &Principal,
        id: &VersionId,
    ) -> Result<Option<Version>, StoreError> {
        let reader = ArticleReader::of(principal);
        let text = if reader.sees_drafts() {
            format!("SELECT {COLUMNS} FROM versions v WHERE v.id = $1")
        } else {
            format!(
                "SELECT {COLUMNS} FROM versions v JOIN translations t ON t.published_version_id = v.id \
                 JOIN articles a ON a.id = t.article_id WHERE v.id = $1 AND {}",
                reader.condition(2)
            )
        };
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(version).transpose()
    }

    /// What readers of an article see in one locale.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn published_version(
        &self,
        principal: &Principal,
        article_id: &ArticleId,
        locale: &Locale,
    ) -> Result<Option<Version>, StoreError> {
        let reader = ArticleReader::of(principal);
        let text = format!(
            "SELECT {COLUMNS} FROM translations t JOIN versions v ON v.id = t.published_version_id \
             JOIN articles a ON a.id = t.article_id WHERE t.article_id = $1 AND t.locale = $2 AND {}",
            reader.condition(3)
        );
        let query = sqlx::query(sql(text)).bind(article_id.as_str()).bind(locale.as_str());
        let row = reader.bind(query).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(version).transpose()
    }

    /// Every version of a translation, newest first. Who sees no drafts gets none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_versions(
        &self,
        principal: &Principal,
        article_id: &ArticleId,
        locale: &Locale,
    ) -> Result<Vec<Version>, StoreError> {
        if !ArticleReader::of(principal).sees_drafts() {
            return Ok(vec![]);
        }
        let text = format!(
            "SELECT {COLUMNS} FROM versions v WHERE v.article_id = $1 AND v.locale = $2 ORDER BY v.number DESC"
        );
        let query = sqlx::query(sql(text)).bind(article_id.as_str()).bind(locale.as_str());
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(version).collect()
    }

    /// Which of these versions are published now, of articles the principal may read. Hits are checked with it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn readable_versions(
        &self,
        principal: &Principal,
        ids: &[VersionId],
    ) -> Result<HashSet<VersionId>, StoreError> {
        let reader = ArticleReader::of(principal);
        let mut readable = HashSet::with_capacity(ids.len());
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(VersionId::as_str).collect::<Vec<_>>());
            let text = format!(
                "SELECT t.published_version_id AS id FROM translations t JOIN articles a ON a.id = t.article_id \
                 WHERE t.published_version_id IN ({}) AND {}",
                placeholders::list(1, ids.len()),
                reader.condition(ids.len() + 1)
            );
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in reader.bind(query).fetch_all(&mut *self.reader().await?).await? {
                readable.insert(VersionId::new(row::text(&row, "id")?));
            }
        }
        Ok(readable)
    }
}

impl WriteTx {
    /// The newest version of a translation, whether or not it is still published.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn latest_version(
        &mut self,
        article_id: &ArticleId,
        locale: &Locale,
    ) -> Result<Option<Version>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM versions v WHERE v.article_id = $1 AND v.locale = $2 \
             ORDER BY v.number DESC LIMIT 1"
        );
        let query = sqlx::query(sql(text)).bind(article_id.as_str()).bind(locale.as_str());
        let row = query.fetch_optional(self.connection()).await?;
        row.as_ref().map(version).transpose()
    }
}
