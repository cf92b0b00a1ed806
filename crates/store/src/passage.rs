//! Passages of published versions. A replaced version keeps its body and loses its passages.

use domain::{Passage, PassageId, Principal, VersionId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, ROWS_PER_INSERT, sql},
    reader::ArticleReader,
    row,
};

/// The columns of `passages p`.
pub(crate) const COLUMNS: &str = "p.version_id AS p_version_id, p.ordinal AS p_ordinal, p.anchor AS p_anchor, \
     p.headings_json AS p_headings_json, p.start_byte AS p_start_byte, p.end_byte AS p_end_byte, \
     p.segments_json AS p_segments_json";

/// The passage in a row with [`COLUMNS`]. Its id is made of the version's and the ordinal, as the domain says.
pub(crate) fn passage(row: &AnyRow, version_id: &str) -> Result<Passage, StoreError> {
    let ordinal: u32 = row::number(row, "p_ordinal")?;
    Ok(Passage {
        id: PassageId::new(format!("{version_id}:{ordinal}")),
        ordinal,
        anchor: row::text(row, "p_anchor")?,
        headings: row::json(row, "p_headings_json")?,
        start: row::number(row, "p_start_byte")?,
        end: row::number(row, "p_end_byte")?,
        segments: row::json(row, "p_segments_json")?,
    })
}

impl Store {
    /// The passages of a published version, in reading order; none when the principal may not read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn passages_of(
        &self,
        principal: &Principal,
        version_id: &VersionId,
    ) -> Result<Vec<Passage>, StoreError> {
        let reader = ArticleReader::of(principal);
        let text = format!(
            "SELECT {COLUMNS} FROM translations t JOIN articles a ON a.id = t.article_id \
             JOIN passages p ON p.version_id = t.published_version_id \
             WHERE t.published_version_id = $1 AND {} ORDER BY p.ordinal",
            reader.condition(2)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(version_id.as_str()));
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| passage(row, version_id.as_str())).collect()
    }
}

impl WriteTx {
    pub(crate) async fn insert_passages(
        &mut self,
        version_id: &VersionId,
        passages: &[Passage],
    ) -> Result<(), StoreError> {
        let (groups, rest) = passages.as_chunks::<ROWS_PER_INSERT>();
        for group in groups {
            self.insert_passage_rows(version_id, group).await?;
        }
        for passage in rest {
            self.insert_passage_rows(version_id, std::slice::from_ref(passage)).await?;
        }
        Ok(())
    }

    pub(crate) async fn delete_passages(&mut self, version_id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM passages WHERE version_id = $1")
            .bind(version_id)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn insert_passage_rows(
        &mut self,
        version_id: &VersionId,
        passages: &[Passage],
    ) -> Result<(), StoreError> {
        let text = format!(
            "INSERT INTO passages (version_id, ordinal, anchor, headings_json, start_byte, end_byte, \
             segments_json) VALUES {}",
            placeholders::rows(passages.len(), 7)
        );
        let mut query = sqlx::query(sql(text));
        for passage in passages {
            query = query
                .bind(version_id.as_str())
                .bind(i64::from(passage.ordinal))
                .bind(passage.anchor.as_str())
                .bind(row::to_json(&passage.headings)?)
                .bind(row::to_int(passage.start))
                .bind(row::to_int(passage.end))
                .bind(row::to_json(&passage.segments)?);
        }
        query.execute(self.connection()).await?;
        Ok(())
    }
}
