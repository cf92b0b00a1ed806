//! Conversations and where they stand.

use domain::{Conversation, ConversationId, ConversationState, CustomerId, Principal, Timestamp};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    reader::TicketReader,
    row,
    tx::{inserted, updated},
};

/// The columns of `conversations c`.
const COLUMNS: &str = "c.id AS c_id, c.locale AS c_locale, c.customer_id AS c_customer_id, \
     c.state_json AS c_state_json, c.n_turns AS c_n_turns, c.created_at_ms AS c_created_at_ms, \
     c.updated_at_ms AS c_updated_at_ms";

impl Store {
    /// A conversation: the visitor's own, the customer's own, or any for who may read tickets.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_conversation(
        &self,
        principal: &Principal,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let reader = TicketReader::of_conversations(principal);
        let text =
            format!("SELECT {COLUMNS} FROM conversations c WHERE c.id = $1 AND {}", reader.conversation(2));
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(conversation).transpose()
    }

    /// The conversation whose token has this hash.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_conversation_by_token(
        &self,
        token_hash: &str,
    ) -> Result<Option<Conversation>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM conversations c WHERE c.token_hash = $1");
        let query = sqlx::query(sql(text)).bind(token_hash);
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(conversation).transpose()
    }

    /// Conversations in which something happened since a time, by id, after one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_conversations_since(
        &self,
        principal: &Principal,
        since: Timestamp,
        after: Option<&ConversationId>,
        limit: i64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let reader = TicketReader::of(principal);
        let text = format!(
            "SELECT {COLUMNS} FROM conversations c WHERE c.updated_at_ms >= $1 AND c.id > $2 AND {} \
             ORDER BY c.id LIMIT $3",
            reader.conversation(4)
        );
        let query = sqlx::query(sql(text))
            .bind(since.0)
            .bind(after.map(ConversationId::as_str).unwrap_or_default())
            .bind(limit);
        let query = reader.bind(query);
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(conversation).collect()
    }

    /// Conversations whose hand-over is past its deadline, longest overdue first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_overdue_handoffs(
        &self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM conversations WHERE deadline_at_ms IS NOT NULL AND deadline_at_ms <= $1 \
             ORDER BY deadline_at_ms, id LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|row| row::text(row, "id").map(ConversationId::new)).collect()
    }
}

impl WriteTx {
    /// A conversation, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn conversation(&mut self, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM conversations c WHERE c.id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(conversation).transpose()
    }

    /// Adds a conversation with the hash of its visitor's token.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or the token is taken.
    pub async fn insert_conversation(
        &mut self,
        conversation: &Conversation,
        token_hash: &str,
    ) -> Result<(), StoreError> {
        let (state, deadline) = indexed(&conversation.state);
        let done = sqlx::query(
            "INSERT INTO conversations (id, token_hash, locale, customer_id, state, deadline_at_ms, state_json, \
             n_turns, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT DO NOTHING",
        )
        .bind(conversation.id.as_str())
        .bind(token_hash)
        .bind(conversation.locale.as_str())
        .bind(conversation.customer_id.as_ref().map(CustomerId::as_str))
        .bind(state)
        .bind(deadline)
        .bind(row::to_json(&conversation.state)?)
        .bind(i64::from(conversation.n_turns))
        .bind(conversation.created_at.0)
        .bind(conversation.updated_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this conversation is already there")
    }

    /// Changes where a conversation stands, with whom it is and how many turns it has.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_conversation(&mut self, conversation: &Conversation) -> Result<(), StoreError> {
        let (state, deadline) = indexed(&conversation.state);
        let done = sqlx::query(
            "UPDATE conversations SET customer_id = $2, state = $3, deadline_at_ms = $4, state_json = $5, \
             n_turns = $6, updated_at_ms = $7 WHERE id = $1",
        )
        .bind(conversation.id.as_str())
        .bind(conversation.customer_id.as_ref().map(CustomerId::as_str))
        .bind(state)
        .bind(deadline)
        .bind(row::to_json(&conversation.state)?)
        .bind(i64::from(conversation.n_turns))
        .bind(conversation.updated_at.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "conversation")
    }
}

fn conversation(row: &AnyRow) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: ConversationId::new(row::text(row, "c_id")?),
        locale: row::locale(row, "c_locale")?,
        customer_id: row::optional_text(row, "c_customer_id")?.map(CustomerId::new),
        state: row::json(row, "c_state_json")?,
        n_turns: row::number(row, "c_n_turns")?,
        created_at: row::time(row, "c_created_at_ms")?,
        updated_at: row::time(row, "c_updated_at_ms")?,
    })
}

/// The parts of a state that have a column: its name, and the deadline the watchdog looks for.
fn indexed(state: &ConversationState) -> (&'static str, Option<i64>) {
    match state {
        ConversationState::Bot { .. } => ("bot", None),
        ConversationState::HandingOff { handoff } => ("handing_off", Some(handoff.deadline_at.0)),
        ConversationState::Ticketed { .. } => ("ticketed", None),
        ConversationState::Resolved => ("resolved", None),
    }
}
