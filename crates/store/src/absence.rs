//! Absences: when agents are away.

use domain::{Absence, AbsenceId, Timestamp, UserId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, row,
    tx::{inserted, updated},
};

impl Store {
    /// The absences of a person that have not ended by a time, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_absences(
        &self,
        user_id: &UserId,
        after: Timestamp,
        limit: usize,
    ) -> Result<Vec<Absence>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, user_id, starts_at_ms, ends_at_ms, reason FROM absences \
             WHERE user_id = $1 AND ends_at_ms > $2 ORDER BY ends_at_ms, id LIMIT $3",
        )
        .bind(user_id.as_str())
        .bind(after.0)
        .bind(row::to_int(limit))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(absence).collect()
    }
}

impl WriteTx {
    /// How many absences of a person have not ended by a time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_absences(&mut self, user_id: &UserId, after: Timestamp) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM absences WHERE user_id = $1 AND ends_at_ms > $2")
            .bind(user_id.as_str())
            .bind(after.0)
            .fetch_one(self.connection())
            .await?;
        row::int(&row, "n")
    }

    /// Adds an absence.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken, [`StoreError::NotFound`] without the person.
    pub async fn insert_absence(&mut self, absence: &Absence) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO absences (id, user_id, starts_at_ms, ends_at_ms, reason) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(absence.id.as_str())
        .bind(absence.user_id.as_str())
        .bind(absence.from.0)
        .bind(absence.to.0)
        .bind(absence.reason.as_str())
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this absence is already there")
    }

    /// Deletes an absence of a person.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, or somebody else's.
    pub async fn delete_absence(&mut self, user_id: &UserId, id: &AbsenceId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM absences WHERE id = $1 AND user_id = $2")
            .bind(id.as_str())
            .bind(user_id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "absence")
    }
}

/// The absence of a row with all columns.
pub(crate) fn absence(row: &AnyRow) -> Result<Absence, StoreError> {
    Ok(Absence {
        id: AbsenceId::new(row::text(row, "id")?),
        user_id: UserId::new(row::text(row, "user_id")?),
        from: row::time(row, "starts_at_ms")?,
        to: row::time(row, "ends_at_ms")?,
        reason: row::text(row, "reason")?,
    })
}
