//! Traces: how bot turns came about. For who may read tickets.

use domain::{Principal, Trace, TraceId};

use crate::{Store, StoreError, WriteTx, placeholders::sql, reader::TicketReader, row, tx::inserted};

impl Store {
    /// A trace, for who may read tickets: it names articles that the customer may not see.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_trace(&self, principal: &Principal, id: &TraceId) -> Result<Option<Trace>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(None);
        }
        let text = format!(
            "SELECT r.trace_json AS trace_json FROM traces r JOIN conversations c ON c.id = r.conversation_id \
             WHERE r.id = $1 AND {}",
            reader.conversation(2)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
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
