//! Messages of tickets. Customers and visitors read replies; notes and events are the team's.

use domain::{Message, MessageId, MessageKind, Principal, TicketId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive, author, placeholders::sql, reader::TicketReader, row, tx::inserted,
};

/// The columns of `messages m`.
pub(crate) const COLUMNS: &str = "m.id AS id, m.ticket_id AS ticket_id, m.author AS author, \
     m.author_id AS author_id, m.author_name AS author_name, m.kind AS kind, m.body AS body, m.html AS html, \
     m.created_at_ms AS created_at_ms";

impl Store {
    /// The messages of a ticket that the principal may read, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_messages(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
    ) -> Result<Vec<Message>, StoreError> {
        let reader = TicketReader::of(principal);
        let kinds = if reader.is_team() { "" } else { "m.kind = 'reply' AND " };
        let select = format!(
            "SELECT {COLUMNS} FROM messages m JOIN tickets t ON t.id = m.ticket_id WHERE m.ticket_id = $1 AND {kinds}{}",
            reader.ticket(2)
        );
        let text = format!("{} ORDER BY created_at_ms, id", archive::everywhere(&select));
        let query = reader.bind(sqlx::query(sql(text)).bind(ticket_id.as_str()));
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(message).collect()
    }
}

impl WriteTx {
    /// How many messages of its customer a ticket has.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_messages_of_customer(&mut self, id: &TicketId) -> Result<i64, StoreError> {
        let row =
            sqlx::query("SELECT COUNT(*) AS n FROM messages WHERE ticket_id = $1 AND author = 'customer'")
                .bind(id.as_str())
                .fetch_one(self.connection())
                .await?;
        row::int(&row, "n")
    }

    /// Adds a message to a ticket.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there, [`StoreError::NotFound`] without the ticket.
    pub async fn insert_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let (author, id, name) = author::columns(&message.author);
        let done = sqlx::query(
            "INSERT INTO messages (id, ticket_id, author, author_id, author_name, kind, created_at_ms, body, html) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(message.id.as_str())
        .bind(message.ticket_id.as_str())
        .bind(author)
        .bind(id)
        .bind(name)
        .bind(message.kind.as_str())
        .bind(message.created_at.0)
        .bind(message.body.as_str())
        .bind(message.html.as_deref())
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this message is already there")
    }
}

pub(crate) fn message(row: &AnyRow) -> Result<Message, StoreError> {
    Ok(Message {
        id: MessageId::new(row::text(row, "id")?),
        ticket_id: TicketId::new(row::text(row, "ticket_id")?),
        author: author::of(row)?,
        kind: row::parsed(row, "kind", MessageKind::parse)?,
        body: row::text(row, "body")?,
        html: row::optional_text(row, "html")?,
        created_at: row::time(row, "created_at_ms")?,
    })
}
