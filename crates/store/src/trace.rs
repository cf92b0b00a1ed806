//! Traces: how bot turns came about. For who may read tickets.

use domain::{Principal, Scope, Trace, TraceId};

use crate::{Store, StoreError, WriteTx, row, tx::inserted};

impl Store {
    /// A trace, for who may read tickets: it names articles that the customer may not see.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_trace(&self, principal: &Principal, id: &TraceId) -> Result<Option<Trace>, StoreError> {
        if !principal.may(Scope::TicketsRead) {
            return Ok(None);
        }
        let row = sqlx::query("SELECT trace_json FROM traces WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.map(|row| row::json(&row, "trace_json")).transpose()
    }
}

impl WriteTx {
    /// Adds a trace.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there.
    pub async fn insert_trace(&mut self, trace: &Trace) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO traces (id, conversation_id, created_at_ms, trace_json) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(trace.id.as_str())
        .bind(trace.conversation_id.as_str())
        .bind(trace.created_at.0)
        .bind(row::to_json(trace)?)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this trace is already there")
    }
}
