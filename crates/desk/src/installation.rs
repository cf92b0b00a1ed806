//! The installation as a whole: whether it is new, and copying it while it runs.

use std::path::Path;

use domain::Principal;

use crate::{Desk, DeskError};

impl Desk {
    /// Whether nobody has been added yet.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn has_no_users(&self) -> Result<bool, DeskError> {
        Ok(self.0.store.list_users().await?.is_empty())
    }

    /// Whether no ticket has been opened yet.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn has_no_tickets(&self) -> Result<bool, DeskError> {
        let filter = store::TicketFilter { limit: 1, ..store::TicketFilter::default() };
        Ok(self.0.store.list_tickets(&Principal::System, &filter).await?.is_empty())
    }

    /// Copies the database into a new file while it is in use.
    ///
    /// # Errors
    /// [`DeskError::Conflict`] on Postgres, which has tools of its own; those of the database otherwise.
    pub async fn backup_to(&self, file: &Path) -> Result<(), DeskError> {
        Ok(self.0.store.backup_to(file).await?)
    }

    /// The change-log sequence the index has reached.
    pub fn index_seq(&self) -> i64 {
        self.0.engine.seq()
    }
}
