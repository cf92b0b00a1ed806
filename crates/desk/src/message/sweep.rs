//! Taking files away: those that belong to nothing for a day, and those of customers who were erased.

use domain::{ATTACHMENT_FREE_MS, AttachmentId, Principal, Timestamp};

use super::attachment::failed;
use crate::{Desk, DeskError, audit::Unrecorded};

/// Files that one round takes away.
const FILES_PER_ROUND: i64 = 100;

impl Desk {
    /// Takes away the files that were deleted, and those that have belonged to nothing for a day. Gives how many.
    ///
    /// # Errors
    /// Those of the database and of the place where files are kept. One that cannot be taken away does not keep the others; the
    /// first error is returned once all of a round were tried.
    pub async fn remove_free_files(&self) -> Result<usize, DeskError> {
        let free_since = Timestamp(self.now().0 - ATTACHMENT_FREE_MS);
        let mut n_removed = 0;
        loop {
            let ids = self.0.store.list_attachments_to_remove(free_since, FILES_PER_ROUND).await?;
            let is_last = i64::try_from(ids.len()).unwrap_or(i64::MAX) < FILES_PER_ROUND;
            n_removed += ids.len();
            self.remove_files(&ids).await?;
            if is_last {
                return Ok(n_removed);
            }
        }
    }

    /// Takes these files away, as far as they belong to nothing. First nobody reads them, then they go, then their rows.
    pub(crate) async fn remove_files(&self, ids: &[AttachmentId]) -> Result<(), DeskError> {
        let mut refused = None;
        for id in ids {
            if let Err(error) = self.remove_file(id).await {
                refused = refused.or(Some(error));
            }
        }
        refused.map_or(Ok(()), Err)
    }

    async fn remove_file(&self, id: &AttachmentId) -> Result<(), DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        if !tx.delete_free_attachment(id).await? {
            return tx.rollback().await;
        }
        tx.commit().await?;
        self.0.files.blobs.delete(id.as_str()).await.map_err(failed)?;
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        tx.remove_attachment(id).await?;
        tx.commit().await
    }

    /// Takes an upload away that was refused. What goes wrong here is done again by the sweep.
    pub(crate) async fn forget_upload(&self, id: &AttachmentId) {
        if let Err(error) = self.remove_file(id).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot take a refused upload away");
        }
    }
}
