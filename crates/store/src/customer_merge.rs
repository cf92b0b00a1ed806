//! Merges of customers, and what they move besides tickets.

use domain::{ConversationId, CustomerId, Merge, MergeId, ProposalId, TicketId, Timestamp};
use sqlx::any::AnyRow;

use crate::{Store, StoreError, WriteTx, placeholders::sql, row, tx::updated};

const COLUMNS: &str = "id, kept_id, merged_id, at_ms, ends_at_ms, undone_at_ms, moved_json";

impl Store {
    /// The merges in which a customer went on or was merged, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_merges(&self, id: &CustomerId, limit: usize) -> Result<Vec<Merge>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM customer_merges WHERE kept_id = $1 OR merged_id = $1 ORDER BY id DESC LIMIT $2"
        );
        let query = sqlx::query(sql(text)).bind(id.as_str()).bind(row::to_int(limit));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(merge).collect()
    }
}

impl WriteTx {
    /// A merge.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn merge(&mut self, id: &MergeId) -> Result<Option<Merge>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM customer_merges WHERE id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        query.fetch_optional(self.connection()).await?.as_ref().map(merge).transpose()
    }

    /// Keeps what a merge moved.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_merge(&mut self, merge: &Merge) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO customer_merges (id, kept_id, merged_id, at_ms, ends_at_ms, undone_at_ms, moved_json) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(merge.id.as_str())
        .bind(merge.kept_id.as_str())
        .bind(merge.merged_id.as_str())
        .bind(merge.at.0)
        .bind(merge.ends_at.0)
        .bind(merge.undone_at.map(|at| at.0))
        .bind(row::to_json(&merge.moved)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Marks a merge as undone.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn mark_merge_undone(&mut self, id: &MergeId, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE customer_merges SET undone_at_ms = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "merge")
    }

    /// Gives a conversation to a customer.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn move_conversation(
        &mut self,
        id: &ConversationId,
        to: &CustomerId,
    ) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE conversations SET customer_id = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(to.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "conversation")
    }

    /// A customer's remembered tickets.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn solved_of_customer(&mut self, id: &CustomerId) -> Result<Vec<TicketId>, StoreError> {
        let text = "SELECT ticket_id AS id FROM solved_tickets WHERE customer_id = $1 ORDER BY ticket_id";
        let rows = sqlx::query(text).bind(id.as_str()).fetch_all(self.connection()).await?;
        rows.iter().map(|found| row::text(found, "id").map(TicketId::new)).collect()
    }

    /// The questions proposed in a customer's words.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn proposals_of_customer(&mut self, id: &CustomerId) -> Result<Vec<ProposalId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM proposed_questions WHERE customer_id = $1 ORDER BY id")
            .bind(id.as_str())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|found| row::text(found, "id").map(ProposalId::new)).collect()
    }

    /// Says whose remembered tickets and proposed questions these are. What is forgotten meanwhile stays so.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn move_learned(
        &mut self,
        solved: &[TicketId],
        proposals: &[ProposalId],
        to: &CustomerId,
    ) -> Result<(), StoreError> {
        for id in solved {
            sqlx::query("UPDATE solved_tickets SET customer_id = $2 WHERE ticket_id = $1")
                .bind(id.as_str())
                .bind(to.as_str())
                .execute(self.connection())
                .await?;
        }
        for id in proposals {
            sqlx::query("UPDATE proposed_questions SET customer_id = $2 WHERE id = $1")
                .bind(id.as_str())
                .bind(to.as_str())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

fn merge(row: &AnyRow) -> Result<Merge, StoreError> {
    Ok(Merge {
        id: MergeId::new(row::text(row, "id")?),
        kept_id: CustomerId::new(row::text(row, "kept_id")?),
        merged_id: CustomerId::new(row::text(row, "merged_id")?),
        at: row::time(row, "at_ms")?,
        ends_at: row::time(row, "ends_at_ms")?,
        undone_at: row::optional_time(row, "undone_at_ms")?,
        moved: row::json(row, "moved_json")?,
    })
}
