//! The archive: tickets that were closed long ago, with all their parts, in tables of their own.
//!
//! Each table with parts of tickets has a twin with the same columns. Rows go there and come back whole, in one transaction;
//! what reads a ticket reads both with the same statement. What has to do with several tickets, or outlives one, refers to
//! none and stays.

mod delete;
mod rows;
#[cfg(test)]
mod tests;

use domain::{ConversationId, Ticket, TicketId, Timestamp};

use crate::{Store, StoreError, WriteTx, dialect::replace_words, placeholders::sql, row, ticket};

/// A table with parts of tickets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// The table of tickets that are not in the archive.
    pub(crate) table: &'static str,
    /// Its twin.
    pub(crate) twin: &'static str,
    /// Which rows are those of some tickets, whose ids stand in place of `{ids}`. It may name tables that stand before this
    /// one, so that what belongs to a message goes with its ticket.
    pub(crate) rows: &'static str,
}

const OF_TICKET: &str = "ticket_id IN ({ids})";
const OF_MESSAGES: &str = "message_id IN (SELECT id FROM messages WHERE ticket_id IN ({ids}))";

/// Every table with parts of tickets, in an order in which rows may be added. A new one is added here, with its twin in its
/// migration; a test fails as long as it is not.
pub(crate) const PARTS: [Part; 15] = [
    Part { table: "tickets", twin: "archived_tickets", rows: "id IN ({ids})" },
    Part { table: "messages", twin: "archived_messages", rows: OF_TICKET },
    Part { table: "mentions", twin: "archived_mentions", rows: OF_MESSAGES },
    Part { table: "waiting_replies", twin: "archived_waiting_replies", rows: OF_TICKET },
    Part { table: "suggestions", twin: "archived_suggestions", rows: OF_TICKET },
    Part { table: "ticket_history", twin: "archived_ticket_history", rows: OF_TICKET },
    Part { table: "ticket_tags", twin: "archived_ticket_tags", rows: OF_TICKET },
    Part { table: "ticket_field_values", twin: "archived_ticket_field_values", rows: OF_TICKET },
    Part { table: "ticket_followers", twin: "archived_ticket_followers", rows: OF_TICKET },
    Part { table: "ticket_copies", twin: "archived_ticket_copies", rows: OF_TICKET },
    Part { table: "sla_clocks", twin: "archived_sla_clocks", rows: OF_TICKET },
    Part { table: "ticket_sla", twin: "archived_ticket_sla", rows: OF_TICKET },
    Part { table: "sla_outcomes", twin: "archived_sla_outcomes", rows: OF_TICKET },
    Part { table: "ticket_routing", twin: "archived_ticket_routing", rows: OF_TICKET },
    Part { table: "assignments", twin: "archived_assignments", rows: OF_TICKET },
];

/// Where a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Within {
    /// Among those that are worked on.
    Desk,
    /// In the archive.
    Archive,
}

impl Within {
    /// Both places.
    pub const ALL: [Self; 2] = [Self::Desk, Self::Archive];

    /// A statement about the tables of [`Within::Desk`], about those of this place.
    pub(crate) fn of(self, text: &str) -> String {
        match self {
            Self::Desk => text.to_owned(),
            Self::Archive => archived(text),
        }
    }
}

/// A statement about tickets, over the archive instead.
pub(crate) fn archived(text: &str) -> String {
    replace_words(text, |word| PARTS.iter().find(|part| part.table == word).map(|part| part.twin))
}

/// A query of tickets, over the archive too. Both halves take the same values; order and limit come after it, by the names of
/// what is selected.
pub(crate) fn everywhere(select: &str) -> String {
    format!("{select} UNION ALL {}", archived(select))
}

/// The first of both places in an order, by the names of what is selected. Each half ends at the limit: a database that puts both
/// together first would sort all that there is.
pub(crate) fn first(select: &str, order: &str, limit: &str) -> String {
    let half = |select: &str| format!("SELECT * FROM ({select} ORDER BY {order} LIMIT {limit}) AS half");
    format!("{} UNION ALL {} ORDER BY {order} LIMIT {limit}", half(select), half(&archived(select)))
}

/// A condition that is true of one of the two places, within a statement about neither.
pub(crate) fn either(condition: &str) -> String {
    format!("({condition} OR {})", archived(condition))
}

/// The statement of the tickets that go to the archive, those untouched for longest first. A reply that is still to be sent keeps
/// its ticket.
pub(crate) const TO_ARCHIVE: &str = "SELECT t.id AS id FROM tickets t WHERE t.status = 'closed' \
     AND t.updated_at_ms < $1 AND NOT EXISTS (SELECT 1 FROM waiting_replies w WHERE w.ticket_id = t.id \
     AND w.stopped IS NULL) ORDER BY t.updated_at_ms, t.id LIMIT $2";

/// The statement of the tickets that are to be closed: solved before a time, in the order of their last change.
pub(crate) const TO_CLOSE: &str = "SELECT id FROM tickets WHERE status = 'solved' \
     AND COALESCE(solved_at_ms, updated_at_ms) < $1 ORDER BY updated_at_ms, id LIMIT $2";

impl Store {
    /// Tickets that were solved before a time and are not closed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_tickets_to_close(
        &self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<TicketId>, StoreError> {
        let query = sqlx::query(TO_CLOSE).bind(before.0).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|found| row::text(found, "id").map(TicketId::new)).collect()
    }

    /// How many tickets would go to the archive: closed, and untouched since before a time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_tickets_to_archive(&self, before: Timestamp) -> Result<i64, StoreError> {
        let found =
            sqlx::query("SELECT COUNT(*) AS n FROM tickets WHERE status = 'closed' AND updated_at_ms < $1")
                .bind(before.0)
                .fetch_one(&mut *self.reader().await?)
                .await?;
        row::int(&found, "n")
    }
}

impl WriteTx {
    /// Tickets that go to the archive: closed, and untouched since before a time, for longest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_to_archive(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<TicketId>, StoreError> {
        let rows = sqlx::query(TO_ARCHIVE).bind(before.0).bind(limit).fetch_all(self.connection()).await?;
        rows.iter().map(|found| row::text(found, "id").map(TicketId::new)).collect()
    }

    /// A ticket of one of the two places, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket_within(
        &mut self,
        id: &TicketId,
        within: Within,
    ) -> Result<Option<Ticket>, StoreError> {
        ticket::find_within(self.connection(), id, within).await
    }

    /// Puts tickets with all their parts into the archive. Gives how many there were: those that are there already stay as they
    /// are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn archive_tickets(&mut self, ids: &[TicketId], now: Timestamp) -> Result<u64, StoreError> {
        self.move_rows(ids, Within::Desk, Some(now)).await
    }

    /// Takes tickets with all their parts out of the archive, as they were. Gives how many there were.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unarchive_tickets(&mut self, ids: &[TicketId]) -> Result<u64, StoreError> {
        self.move_rows(ids, Within::Archive, None).await
    }

    /// The ticket of a conversation, where it is in the archive.
    pub(crate) async fn archived_ticket_of(
        &mut self,
        conversation: &ConversationId,
    ) -> Result<Option<TicketId>, StoreError> {
        let text = archived("SELECT id FROM tickets WHERE conversation_id = $1");
        let found =
            sqlx::query(sql(text)).bind(conversation.as_str()).fetch_optional(self.connection()).await?;
        found.as_ref().map(|found| row::text(found, "id").map(TicketId::new)).transpose()
    }
}
