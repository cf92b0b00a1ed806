//! Erasing a customer: what is theirs is found in parts, emptied or deleted, and cut off from them; at last they go themselves.

use domain::{ConversationId, CustomerId, Message, MessageId, SuggestionId, TicketId, Timestamp, Turn};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use crate::{
    Store, StoreError, Within, WriteTx, archive, message,
    placeholders::{self, sql},
    row,
    tx::updated,
};

/// Conditions of one `LIKE` statement: few enough for the expression depth of SQLite (1,000).
const NEEDLES: usize = 100;

/// What a customer was called, while what others wrote is searched for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedName {
    /// Their name; may be empty.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// What else they were called and known by: other addresses and numbers, and all of who was merged into them.
    #[serde(default)]
    pub others: Vec<String>,
}

impl ErasedName {
    /// All of their mail addresses.
    pub fn addresses(&self) -> impl Iterator<Item = &String> {
        self.email.iter().chain(self.others.iter().filter(|other| other.contains('@')))
    }
}

impl Store {
    /// Customers whose erasure has begun and has not ended, by id, after one of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn customers_being_erased(
        &self,
        after: Option<&CustomerId>,
        limit: i64,
    ) -> Result<Vec<CustomerId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM customers WHERE erasing_json IS NOT NULL AND id > $1 ORDER BY id LIMIT $2",
        )
        .bind(after.map_or("", CustomerId::as_str))
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|found| row::text(found, "id").map(CustomerId::new)).collect()
    }

    /// How many tickets and conversations are still a customer's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_of_customer(&self, id: &CustomerId) -> Result<i64, StoreError> {
        let found = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM tickets WHERE customer_id = $1) \
             + (SELECT COUNT(*) FROM archived_tickets WHERE customer_id = $1) \
             + (SELECT COUNT(*) FROM conversations WHERE customer_id = $1) AS n",
        )
        .bind(id.as_str())
        .fetch_one(&mut *self.reader().await?)
        .await?;
        row::int(&found, "n")
    }

    /// What an erased customer was known by; nothing once nothing is left of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_erased_name(&self, id: &CustomerId) -> Result<Option<ErasedName>, StoreError> {
        erased_name(&mut *self.reader().await?, id).await
    }

    /// Some of a customer's conversations, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn conversation_ids_of_customer(
        &self,
        id: &CustomerId,
        limit: i64,
    ) -> Result<Vec<ConversationId>, StoreError> {
        conversations_of(&mut *self.reader().await?, id, limit).await
    }

    /// The drafts that were made from these tickets, for whichever: which, and for which. It reads all drafts.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts_from(
        &self,
        tickets: &[TicketId],
    ) -> Result<Vec<(SuggestionId, TicketId)>, StoreError> {
        let mut found = vec![];
        for ids in tickets.chunks(NEEDLES) {
            let conditions: Vec<String> =
                (1..=ids.len()).map(|n| format!("sources_json LIKE ${n} ESCAPE '\\'")).collect();
            let select = format!("SELECT id, ticket_id FROM suggestions WHERE {}", conditions.join(" OR "));
            let text = archive::everywhere(&select);
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(like(id.as_str())));
            for row in query.fetch_all(&mut *self.reader().await?).await? {
                let ticket_id = TicketId::new(row::text(&row, "ticket_id")?);
                found.push((SuggestionId::new(row::text(&row, "id")?), ticket_id));
            }
        }
        Ok(found)
    }

    /// Empties the log into which SQLite writes first, so that nothing is left there of what was erased. On Postgres, and
    /// while others read, nothing happens.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn empty_log(&self) -> Result<(), StoreError> {
        self.checkpoint().await
    }
}

impl WriteTx {
    /// Begins an erasure: name, identities, notes and what else is known leave the customer and who was merged into them, so that who writes from that address is somebody new. Begun
    /// again, nothing changes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the customer.
    pub async fn begin_erasure(&mut self, id: &CustomerId) -> Result<(), StoreError> {
        let customer = self.customer(id).await?.ok_or(StoreError::NotFound("customer"))?;
        if self.erased_name(id).await?.is_some() {
            return Ok(());
        }
        let mut others: Vec<String> =
            self.identities(id).await?.into_iter().map(|identity| identity.value).collect();
        let mut merged = self.customers_merged_into(id).await?;
        while let Some(id) = merged.pop() {
            let other = self.customer(&id).await?;
            others.extend(other.map(|other| other.name).filter(|name| !name.trim().is_empty()));
            merged.extend(self.customers_merged_into(&id).await?);
            self.forget_customer(&id, None).await?;
        }
        let name = ErasedName { name: customer.name, email: customer.email, others };
        self.forget_customer(id, Some(&name)).await
    }

    /// Takes from a customer all that is known of them alone.
    async fn forget_customer(
        &mut self,
        id: &CustomerId,
        erasing: Option<&ErasedName>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE customers SET name = '', email = NULL, locale = NULL, organisation_id = NULL, tags_json = '[]', \
             fields_json = '{}', erasing_json = $2 WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(erasing.map(row::to_json).transpose()?)
        .execute(self.connection())
        .await?;
        self.delete_customer_values(id).await?;
        self.delete_identities(id).await?;
        for statement in [
            "DELETE FROM notes WHERE customer_id = $1",
            "DELETE FROM customer_merges WHERE kept_id = $1 OR merged_id = $1",
        ] {
            sqlx::query(statement).bind(id.as_str()).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// What a customer was called whose erasure has begun.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn erased_name(&mut self, id: &CustomerId) -> Result<Option<ErasedName>, StoreError> {
        erased_name(self.connection(), id).await
    }

    /// Some of a customer's tickets, of the desk and the archive.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_of_customer(
        &mut self,
        id: &CustomerId,
        limit: i64,
    ) -> Result<Vec<TicketId>, StoreError> {
        let text = archive::first("SELECT id FROM tickets WHERE customer_id = $1", "id", "$2");
        let rows = sqlx::query(sql(text)).bind(id.as_str()).bind(limit).fetch_all(self.connection()).await?;
        rows.iter().map(|found| row::text(found, "id").map(TicketId::new)).collect()
    }

    /// Some of a customer's conversations.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn conversations_of_customer(
        &mut self,
        id: &CustomerId,
        limit: i64,
    ) -> Result<Vec<ConversationId>, StoreError> {
        conversations_of(self.connection(), id, limit).await
    }

    /// The messages of a ticket, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn messages(&mut self, id: &TicketId) -> Result<Vec<Message>, StoreError> {
        let text = format!(
            "SELECT {} FROM messages m WHERE m.ticket_id = $1 ORDER BY m.created_at_ms, m.id",
            message::COLUMNS
        );
        let rows = sqlx::query(sql(text)).bind(id.as_str()).fetch_all(self.connection()).await?;
        rows.iter().map(message::message).collect()
    }

    /// Puts other words in place of a message's, without what was written as HTML.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn replace_message(&mut self, id: &MessageId, body: &str) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE messages SET body = $2, html = NULL WHERE id = $1")
            .bind(id.as_str())
            .bind(body)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "message")
    }

    /// Puts other words in place of a turn's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn replace_turn(&mut self, turn: &Turn) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE turns SET content_json = $2 WHERE id = $1")
            .bind(turn.id.as_str())
            .bind(row::to_json(&turn.content)?)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "turn")
    }

    /// Deletes how the bot's turns of a conversation came about: questions and queries stand there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_traces_of(&mut self, id: &ConversationId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM traces WHERE conversation_id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Deletes the drafts made for these tickets. Returns their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_suggestions_of(&mut self, ids: &[TicketId]) -> Result<Vec<String>, StoreError> {
        let mut deleted = vec![];
        for id in ids {
            let rows = sqlx::query("DELETE FROM suggestions WHERE ticket_id = $1 RETURNING id")
                .bind(id.as_str())
                .fetch_all(self.connection())
                .await?;
            for found in &rows {
                deleted.push(row::text(found, "id")?);
            }
        }
        Ok(deleted)
    }

    /// Deletes drafts, on the desk and in the archive. What is gone already is passed over.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_suggestions(&mut self, ids: &[SuggestionId]) -> Result<(), StoreError> {
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(SuggestionId::as_str).collect::<Vec<_>>());
            let list = placeholders::list(1, ids.len());
            for within in Within::ALL {
                self.run_for(within.of(&format!("DELETE FROM suggestions WHERE id IN ({list})")), &ids)
                    .await?;
            }
        }
        Ok(())
    }

    /// Marks a ticket as one whose customer was erased: nothing is learned from it, and its history does not tell the values of
    /// custom fields, the addresses in copy and the items of its checklist, which may be words.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn mark_erased(&mut self, id: &TicketId, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE tickets SET erased_at_ms = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "ticket")?;
        sqlx::query(
            "UPDATE ticket_history SET old_value = NULL, new_value = NULL WHERE ticket_id = $1 AND (field LIKE 'field.%' \
             OR field IN ('cc', 'checklist'))",
        )
        .bind(id.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Cuts a conversation off from its customer.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn release_conversation(&mut self, id: &ConversationId) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE conversations SET customer_id = NULL WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "conversation")
    }

    /// Deletes a customer of whom nothing is left, with those who were merged into them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when they are not there, or anything still refers to them.
    pub async fn delete_customer(&mut self, id: &CustomerId) -> Result<(), StoreError> {
        let mut all = vec![id.clone()];
        let mut n_looked_at = 0;
        while let Some(next) = all.get(n_looked_at).cloned() {
            all.extend(self.customers_merged_into(&next).await?);
            n_looked_at += 1;
        }
        // Who was imported is remembered as one who was erased, and not made again.
        for id in &all {
            self.forget_imported_customer(id).await?;
        }
        // Who was merged refers to who goes on.
        for merged in all.iter().skip(1).rev() {
            sqlx::query("DELETE FROM customers WHERE id = $1")
                .bind(merged.as_str())
                .execute(self.connection())
                .await?;
        }
        let done = sqlx::query("DELETE FROM customers WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "customer")
    }

    /// Runs a statement for the rows in whose column any of these texts stands.
    pub(crate) async fn where_found(
        &mut self,
        statement: &'static str,
        column: &'static str,
        needles: &[String],
    ) -> Result<(), StoreError> {
        for needles in needles.chunks(NEEDLES) {
            let conditions: Vec<String> =
                (1..=needles.len()).map(|n| format!("{column} LIKE ${n} ESCAPE '\\'")).collect();
            let text = format!("{statement} {}", conditions.join(" OR "));
            let query = needles.iter().fold(sqlx::query(sql(text)), |query, needle| query.bind(like(needle)));
            query.execute(self.connection()).await?;
        }
        Ok(())
    }
}

async fn erased_name(
    connection: &mut AnyConnection,
    id: &CustomerId,
) -> Result<Option<ErasedName>, StoreError> {
    let found = sqlx::query("SELECT erasing_json FROM customers WHERE id = $1 AND erasing_json IS NOT NULL")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    found.as_ref().map(|found| row::json(found, "erasing_json")).transpose()
}

async fn conversations_of(
    connection: &mut AnyConnection,
    id: &CustomerId,
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    let rows = sqlx::query("SELECT id FROM conversations WHERE customer_id = $1 ORDER BY id LIMIT $2")
        .bind(id.as_str())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|found| row::text(found, "id").map(ConversationId::new)).collect()
}

/// A pattern of everything that holds a text.
fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
