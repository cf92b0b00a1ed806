//! "Was this helpful?" under articles.

use domain::{ArticleId, Feedback, Principal, Timestamp, VersionId};

use crate::{Store, StoreError, WriteTx, reader::ArticleReader, row, turn::feedback_key, tx::inserted};

/// What readers said about an article, in all versions and locales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VoteCounts {
    /// It helped.
    pub n_helpful: i64,
    /// It did not.
    pub n_unhelpful: i64,
}

impl Store {
    /// Counts what readers said about an article, for who sees drafts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_votes(
        &self,
        principal: &Principal,
        article_id: &ArticleId,
    ) -> Result<VoteCounts, StoreError> {
        if !ArticleReader::of(principal).sees_drafts() {
            return Ok(VoteCounts::default());
        }
        let rows = sqlx::query(
            "SELECT o.feedback AS feedback, COUNT(*) AS n_votes FROM versions v \
             JOIN votes o ON o.version_id = v.id WHERE v.article_id = $1 GROUP BY o.feedback",
        )
        .bind(article_id.as_str())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let mut counts = VoteCounts::default();
        for row in &rows {
            let n_votes = row::int(row, "n_votes")?;
            if row::text(row, "feedback")? == feedback_key(Feedback::Helpful) {
                counts.n_helpful = n_votes;
            } else {
                counts.n_unhelpful = n_votes;
            }
        }
        Ok(counts)
    }
}

impl WriteTx {
    /// Stores what a reader says about a version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken, [`StoreError::NotFound`] without the version.
    pub async fn insert_vote(
        &mut self,
        id: &str,
        version_id: &VersionId,
        feedback: Feedback,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO votes (id, version_id, feedback, reason, created_at_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(version_id.as_str())
        .bind(feedback_key(feedback))
        .bind(reason)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this vote is already there")
    }
}
