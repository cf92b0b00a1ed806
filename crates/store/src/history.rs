//! The history of tickets. For who may read tickets.

use domain::{HistoryEntry, HistoryId, Principal, TicketField, TicketId};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, archive, author, placeholders::sql, reader::TicketReader, row};

impl Store {
    /// What was changed of a ticket, newest first, for who may read tickets: at most `limit`, all of them before the entry that
    /// is named.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_ticket_history(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
        before: Option<&HistoryId>,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let text = of_ticket(&reader.ticket(4));
        // Ids are of ASCII, and none is behind this one.
        let before = before.map_or("~", HistoryId::as_str);
        let query = sqlx::query(sql(text)).bind(ticket_id.as_str()).bind(before).bind(row::to_int(limit));
        let rows = reader.bind(query).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(entry).collect()
    }

    /// What was changed of all tickets, in the order of the entries' ids, for who may read tickets: at most `limit`, all of them
    /// after the entry that is named. Those of the archive stand among the others, so that a ticket may go there between two
    /// pages.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn history_after(
        &self,
        principal: &Principal,
        after: Option<&HistoryId>,
        limit: usize,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let text = of_all(&reader.ticket(3));
        let after = after.map_or("", HistoryId::as_str);
        let query = sqlx::query(sql(text)).bind(after).bind(row::to_int(limit));
        let rows = reader.bind(query).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(entry).collect()
    }
}

const COLUMNS: &str = "h.id AS id, h.ticket_id AS ticket_id, h.at_ms AS at_ms, h.author AS author, h.author_id AS author_id, \
     h.author_name AS author_name, h.field AS field, h.old_value AS old_value, h.new_value AS new_value";

/// The statement of a page of a ticket's history: the ticket, the entry before which it is, how many, and the reader's values.
pub(crate) fn of_ticket(reader: &str) -> String {
    let select = format!(
        "SELECT {COLUMNS} FROM ticket_history h WHERE h.ticket_id = $1 AND h.id < $2 \
         AND EXISTS (SELECT 1 FROM tickets t WHERE t.id = h.ticket_id AND {reader})"
    );
    archive::first(&select, "id DESC", "$3")
}

/// The statement of a page of the history of all tickets: the entry after which it is, how many, and the reader's values.
pub(crate) fn of_all(reader: &str) -> String {
    let select = format!(
        "SELECT {COLUMNS} FROM ticket_history h WHERE h.id > $1 \
         AND EXISTS (SELECT 1 FROM tickets t WHERE t.id = h.ticket_id AND {reader})"
    );
    archive::first(&select, "id", "$2")
}

impl WriteTx {
    /// Whether somebody has left an entry with this field and new value before.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn has_history(&mut self, entry: &HistoryEntry) -> Result<bool, StoreError> {
        let (_, author_id, _) = author::columns(&entry.by);
        let row = sqlx::query(
            "SELECT id FROM ticket_history WHERE ticket_id = $1 AND field = $2 AND author_id = $3 AND new_value = $4 \
             LIMIT 1",
        )
        .bind(entry.ticket_id.as_str())
        .bind(entry.field.key().into_owned())
        .bind(author_id)
        .bind(entry.to.as_deref())
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }

    /// Records a change of a ticket.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the ticket.
    pub async fn insert_history(&mut self, entry: &HistoryEntry) -> Result<(), StoreError> {
        let (author, author_id, author_name) = author::columns(&entry.by);
        sqlx::query(
            "INSERT INTO ticket_history (id, ticket_id, at_ms, author, author_id, author_name, field, old_value, \
             new_value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(entry.id.as_str())
        .bind(entry.ticket_id.as_str())
        .bind(entry.at.0)
        .bind(author)
        .bind(author_id)
        .bind(author_name)
        .bind(entry.field.key().into_owned())
        .bind(entry.from.as_deref())
        .bind(entry.to.as_deref())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn entry(row: &AnyRow) -> Result<HistoryEntry, StoreError> {
    Ok(HistoryEntry {
        id: HistoryId::new(row::text(row, "id")?),
        ticket_id: TicketId::new(row::text(row, "ticket_id")?),
        at: row::time(row, "at_ms")?,
        by: author::of(row)?,
        field: row::parsed(row, "field", TicketField::parse)?,
        from: row::optional_text(row, "old_value")?,
        to: row::optional_text(row, "new_value")?,
    })
}
