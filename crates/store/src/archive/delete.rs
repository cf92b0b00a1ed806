//! Deleting tickets for good, with all that is theirs alone: their parts, their links, the conversation they came from, and what
//! is remembered of them.

use domain::TicketId;

use super::Within;
use crate::{
    StoreError, WriteTx,
    placeholders::{self, sql},
    row,
};

impl WriteTx {
    /// Deletes tickets of one of the two places. Gives how many there were.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_tickets(&mut self, ids: &[TicketId], within: Within) -> Result<u64, StoreError> {
        let mut n_deleted = 0;
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(TicketId::as_str).collect::<Vec<_>>());
            let list = placeholders::list(1, ids.len());
            let text = within.of(&format!("SELECT conversation_id FROM tickets WHERE id IN ({list})"));
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            let mut conversations = vec![];
            for found in query.fetch_all(self.connection()).await? {
                conversations.extend(row::optional_text(&found, "conversation_id")?);
            }
            for table in ["ticket_links", "ticket_operations"] {
                let either =
                    format!("DELETE FROM {table} WHERE ticket_id IN ({list}) OR other_id IN ({list})");
                self.run_for(either, &ids).await?;
            }
            n_deleted += self.delete_rows(&ids, within).await?;
            self.run_for(format!("DELETE FROM solved_tickets WHERE ticket_id IN ({list})"), &ids).await?;
            self.delete_conversations(&conversations).await?;
        }
        Ok(n_deleted)
    }

    /// Deletes conversations whose ticket is gone, with what was said in them and how the bot came to it.
    async fn delete_conversations(&mut self, ids: &[String]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids = placeholders::padded(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        let list = placeholders::list(1, ids.len());
        for (table, column) in
            [("turns", "conversation_id"), ("traces", "conversation_id"), ("conversations", "id")]
        {
            self.run_for(format!("DELETE FROM {table} WHERE {column} IN ({list})"), &ids).await?;
        }
        Ok(())
    }
}
