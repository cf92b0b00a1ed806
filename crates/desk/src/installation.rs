//! The installation as a whole: whether it is new, and copying it while it runs.

use std::path::Path;

use domain::{Filter, Principal};

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
        Ok(self.count_tickets(&Principal::System, &Filter::everything()).await?.n == 0)
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
