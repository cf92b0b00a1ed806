//! The statuses that tickets can have.

use domain::{Status, StatusState, TicketStatus};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx, row,
    tx::{inserted, updated},
};

impl Store {
    /// Every status, by position, those that are retired too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_statuses(&self) -> Result<Vec<Status>, StoreError> {
        list(&mut *self.reader().await?).await
    }
}

impl WriteTx {
    /// Every status, by position, those that are retired too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn statuses(&mut self) -> Result<Vec<Status>, StoreError> {
        list(self.connection()).await
    }

    /// Adds a status.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its key is taken.
    pub async fn insert_status(&mut self, status: &Status) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO ticket_statuses (status_key, name, customer_name, category, position, state, next_json, \
             revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(status.key.as_str())
        .bind(status.name.as_str())
        .bind(status.customer_name.as_str())
        .bind(status.category.as_str())
        .bind(status.position)
        .bind(status.state.as_str())
        .bind(status.next.as_ref().map(row::to_json).transpose()?)
        .bind(status.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "there is a status with this key")
    }

    /// Changes a status; its key and its category stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_status(&mut self, status: &Status) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE ticket_statuses SET name = $2, customer_name = $3, position = $4, state = $5, next_json = $6, \
             revision = $7 WHERE status_key = $1",
        )
        .bind(status.key.as_str())
        .bind(status.name.as_str())
        .bind(status.customer_name.as_str())
        .bind(status.position)
        .bind(status.state.as_str())
        .bind(status.next.as_ref().map(row::to_json).transpose()?)
        .bind(status.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "status")
    }
}

async fn list(connection: &mut AnyConnection) -> Result<Vec<Status>, StoreError> {
    let rows = sqlx::query(
        "SELECT status_key, name, customer_name, category, position, state, next_json, revision \
         FROM ticket_statuses ORDER BY position, status_key",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(status).collect()
}

fn status(row: &AnyRow) -> Result<Status, StoreError> {
    Ok(Status {
        key: row::text(row, "status_key")?,
        name: row::text(row, "name")?,
        customer_name: row::text(row, "customer_name")?,
        category: row::parsed(row, "category", TicketStatus::parse)?,
        position: row::int(row, "position")?,
        state: row::parsed(row, "state", StatusState::parse)?,
        next: row::optional_json(row, "next_json")?,
        revision: row::int(row, "revision")?,
    })
}
