//! "Was this helpful?" under an article.

use domain::{ArticleId, Feedback, Principal, VersionId};

use crate::{Desk, DeskError, audit::Unrecorded, input};

/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 2_000;

impl Desk {
    /// Stores what a reader says about an article, with a reason if they give one.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is not this principal's to read, [`DeskError::TooLarge`] for a long reason.
    pub async fn vote(
        &self,
        principal: &Principal,
        article_id: &ArticleId,
        version_id: &VersionId,
        feedback: Feedback,
        reason: Option<&str>,
    ) -> Result<(), DeskError> {
        let reason = input::optional("reason", reason, REASON_BYTES_MAX)?;
        let version = self.0.store.find_version(principal, version_id).await?.ok_or(DeskError::NotFound)?;
        if version.article_id != *article_id {
            return Err(DeskError::NotFound);
        }
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        tx.insert_vote(&self.id(), version_id, feedback, reason, self.now()).await?;
        tx.commit().await
    }
}
