//! Suggested replies and what became of them. For who may read tickets.

use domain::{Principal, Suggestion, SuggestionId, SuggestionOutcome, TicketId, Timestamp};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::sql,
    reader::TicketReader,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, ticket_id, rank, body, sources_json, why, outcome, created_at_ms";

impl Store {
    /// The drafts made for a ticket, the newest request first, then by rank; for who may read tickets.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_suggestions(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let select = format!(
            "SELECT {COLUMNS} FROM suggestions s WHERE s.ticket_id = $1 \
             AND EXISTS (SELECT 1 FROM tickets t WHERE t.id = s.ticket_id AND {})",
            reader.ticket(2)
        );
        let text = format!("{} ORDER BY created_at_ms DESC, rank, id", archive::everywhere(&select));
        let query = reader.bind(sqlx::query(sql(text)).bind(ticket_id.as_str()));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(suggestion).collect()
    }
}

impl WriteTx {
    /// A draft, for a ticket in the archive too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn suggestion(&mut self, id: &SuggestionId) -> Result<Option<Suggestion>, StoreError> {
        let text = archive::everywhere(&format!("SELECT {COLUMNS} FROM suggestions WHERE id = $1"));
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(suggestion).transpose()
    }

    /// Adds drafts.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one is already there, [`StoreError::NotFound`] without the ticket.
    pub async fn insert_suggestions(&mut self, suggestions: &[Suggestion]) -> Result<(), StoreError> {
        for suggestion in suggestions {
            let done = sqlx::query(
                "INSERT INTO suggestions (id, ticket_id, rank, body, sources_json, why, outcome, created_at_ms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            )
            .bind(suggestion.id.as_str())
            .bind(suggestion.ticket_id.as_str())
            .bind(i64::from(suggestion.rank))
            .bind(suggestion.body.as_str())
            .bind(row::to_json(&suggestion.sources)?)
            .bind(suggestion.why.as_str())
            .bind(suggestion.outcome.map(SuggestionOutcome::as_str))
            .bind(suggestion.created_at.0)
            .execute(self.connection())
            .await?;
            inserted(done.rows_affected(), "this suggestion is already there")?;
        }
        Ok(())
    }

    /// Records what became of a draft.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn set_suggestion_outcome(
        &mut self,
        id: &SuggestionId,
        outcome: SuggestionOutcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE suggestions SET outcome = $2, outcome_at_ms = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(outcome.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "suggestion")
    }
}

fn suggestion(row: &AnyRow) -> Result<Suggestion, StoreError> {
    let outcome = row::optional_text(row, "outcome")?;
    Ok(Suggestion {
        id: SuggestionId::new(row::text(row, "id")?),
        ticket_id: TicketId::new(row::text(row, "ticket_id")?),
        rank: row::number(row, "rank")?,
        body: row::text(row, "body")?,
        sources: row::json(row, "sources_json")?,
        why: row::text(row, "why")?,
        outcome: outcome.as_deref().and_then(SuggestionOutcome::parse),
        created_at: row::time(row, "created_at_ms")?,
    })
}
