//! Replies that wait to be sent. They are the team's: no other read of a ticket gives them.

use domain::{
    MessageId, Principal, StopReason, SuggestionId, TicketId, TicketStatus, Timestamp, WaitingReply, Writer,
};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::sql,
    reader::TicketReader,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "w.id AS id, w.ticket_id AS ticket_id, w.writer AS writer, w.writer_id AS writer_id, \
     w.writer_name AS writer_name, w.suggestion_id AS suggestion_id, w.then_status AS then_status, w.send_at_ms AS send_at_ms, \
     w.stopped AS stopped, w.customer_wrote_at_ms AS customer_wrote_at_ms, w.created_at_ms AS created_at_ms, \
     w.body AS body, w.html AS html";

impl Store {
    /// The replies that wait in a ticket, the next one first; none for who is not of the team.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_waiting_replies(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
    ) -> Result<Vec<WaitingReply>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let select = format!(
            "SELECT {COLUMNS} FROM waiting_replies w JOIN tickets t ON t.id = w.ticket_id \
             WHERE w.ticket_id = $1 AND {}",
            reader.ticket(2)
        );
        let text = format!("{} ORDER BY send_at_ms, id", archive::everywhere(&select));
        let query = reader.bind(sqlx::query(sql(text)).bind(ticket_id.as_str()));
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(waiting_reply).collect()
    }

    /// Replies whose time has come, the one that waits longest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_due_replies(&self, now: Timestamp, limit: i64) -> Result<Vec<MessageId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM waiting_replies WHERE stopped IS NULL AND send_at_ms <= $1 \
             ORDER BY send_at_ms, id LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|found| row::text(found, "id").map(MessageId::new)).collect()
    }
}

impl WriteTx {
    /// A reply that waits, whoever may see it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn waiting_reply(&mut self, id: &MessageId) -> Result<Option<WaitingReply>, StoreError> {
        let text = archive::everywhere(&format!("SELECT {COLUMNS} FROM waiting_replies w WHERE w.id = $1"));
        let found = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        found.as_ref().map(waiting_reply).transpose()
    }

    /// How many replies wait in a ticket, those that were stopped too.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_waiting_replies(&mut self, ticket_id: &TicketId) -> Result<usize, StoreError> {
        let found = sqlx::query("SELECT COUNT(*) AS n FROM waiting_replies WHERE ticket_id = $1")
            .bind(ticket_id.as_str())
            .fetch_one(self.connection())
            .await?;
        row::number(&found, "n")
    }

    /// Adds a reply that waits.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there, [`StoreError::NotFound`] without the ticket.
    pub async fn insert_waiting_reply(&mut self, reply: &WaitingReply) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO waiting_replies (id, ticket_id, writer, writer_id, writer_name, suggestion_id, \
             then_status, send_at_ms, stopped, customer_wrote_at_ms, created_at_ms, body, html) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
        )
        .bind(reply.id.as_str())
        .bind(reply.ticket_id.as_str())
        .bind(reply.writer.kind())
        .bind(reply.writer.id())
        .bind(reply.writer_name.as_str())
        .bind(reply.suggestion_id.as_ref().map(SuggestionId::as_str))
        .bind(reply.then.map(TicketStatus::as_str))
        .bind(reply.send_at.0)
        .bind(reply.stopped.map(StopReason::as_str))
        .bind(reply.customer_wrote_at.map(|at| at.0))
        .bind(reply.created_at.0)
        .bind(reply.body.as_str())
        .bind(reply.html.as_deref())
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this reply is already there")
    }

    /// Changes the words, the time and the state of a reply that waits.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_waiting_reply(&mut self, reply: &WaitingReply) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE waiting_replies SET send_at_ms = $2, stopped = $3, customer_wrote_at_ms = $4, body = $5, \
             html = $6 WHERE id = $1",
        )
        .bind(reply.id.as_str())
        .bind(reply.send_at.0)
        .bind(reply.stopped.map(StopReason::as_str))
        .bind(reply.customer_wrote_at.map(|at| at.0))
        .bind(reply.body.as_str())
        .bind(reply.html.as_deref())
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "waiting reply")
    }

    /// Marks the replies that wait in a ticket: its customer wrote.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mark_waiting_replies(
        &mut self,
        ticket_id: &TicketId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE waiting_replies SET customer_wrote_at_ms = $2 WHERE ticket_id = $1")
            .bind(ticket_id.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Lets the replies that wait in a ticket, those that were stopped too, wait in another one. Returns their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn move_waiting_replies(
        &mut self,
        from: &TicketId,
        to: &TicketId,
    ) -> Result<Vec<MessageId>, StoreError> {
        let rows = sqlx::query("UPDATE waiting_replies SET ticket_id = $2 WHERE ticket_id = $1 RETURNING id")
            .bind(from.as_str())
            .bind(to.as_str())
            .fetch_all(self.connection())
            .await?;
        let mut ids: Vec<MessageId> =
            rows.iter().map(|found| row::text(found, "id").map(MessageId::new)).collect::<Result<_, _>>()?;
        ids.sort();
        Ok(ids)
    }

    /// Lets a reply wait in another ticket. Says whether it still waits.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn move_waiting_reply(&mut self, id: &MessageId, to: &TicketId) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE waiting_replies SET ticket_id = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(to.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a reply away that waited: it was sent or taken back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_waiting_reply(&mut self, id: &MessageId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM waiting_replies WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "waiting reply")
    }

    /// Takes all replies away that wait in a ticket. Returns their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_waiting_replies_of(
        &mut self,
        ticket_id: &TicketId,
    ) -> Result<Vec<MessageId>, StoreError> {
        let rows = sqlx::query("DELETE FROM waiting_replies WHERE ticket_id = $1 RETURNING id")
            .bind(ticket_id.as_str())
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|found| row::text(found, "id").map(MessageId::new)).collect()
    }
}

fn waiting_reply(found: &AnyRow) -> Result<WaitingReply, StoreError> {
    let id = row::text(found, "writer_id")?;
    Ok(WaitingReply {
        id: MessageId::new(row::text(found, "id")?),
        ticket_id: TicketId::new(row::text(found, "ticket_id")?),
        writer: row::parsed(found, "writer", |kind| Writer::parse(kind, &id))?,
        writer_name: row::text(found, "writer_name")?,
        body: row::text(found, "body")?,
        html: row::optional_text(found, "html")?,
        suggestion_id: row::optional_text(found, "suggestion_id")?.map(SuggestionId::new),
        then: match row::optional_text(found, "then_status")? {
            Some(_) => Some(row::parsed(found, "then_status", TicketStatus::parse)?),
            None => None,
        },
        send_at: row::time(found, "send_at_ms")?,
        stopped: match row::optional_text(found, "stopped")? {
            Some(_) => Some(row::parsed(found, "stopped", StopReason::parse)?),
            None => None,
        },
        customer_wrote_at: row::optional_time(found, "customer_wrote_at_ms")?,
        created_at: row::time(found, "created_at_ms")?,
    })
}
