//! Tickets: opening exactly one per conversation, reading as somebody, changing.

use domain::{
    ConversationId, CustomerId, HandoffReason, Principal, Priority, Ticket, TicketId, TicketStatus, UserId,
};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    reader::TicketReader,
    row,
    tx::{Counter, inserted, updated},
};

const COLUMNS: &str = "t.id AS id, t.number AS number, t.conversation_id AS conversation_id, \
     t.customer_id AS customer_id, t.assignee_id AS assignee_id, t.status AS status, t.priority AS priority, \
     t.team AS team, t.locale AS locale, t.subject AS subject, t.summary AS summary, \
     t.handoff_reason_json AS handoff_reason_json, t.created_at_ms AS created_at_ms, \
     t.updated_at_ms AS updated_at_ms, t.solved_at_ms AS solved_at_ms, t.revision AS revision";

/// After every id: where a list that shows the newest first begins. No ULID reaches it.
const LAST: &str = "~";

/// Which tickets to list.
#[derive(Debug, Clone, Default)]
pub struct TicketFilter {
    /// Only those with this status.
    pub status: Option<TicketStatus>,
    /// Only those older than the ticket with this id.
    pub after: Option<String>,
    /// How many.
    pub limit: usize,
}

impl Store {
    /// A ticket: any for who may read tickets, the customer's own, the one of the visitor's conversation.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Option<Ticket>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM tickets t \
             WHERE t.id = $1 AND ($2 = 1 OR t.customer_id = $3 OR t.conversation_id = $4)"
        );
        let query = TicketReader::of(principal).bind(sqlx::query(sql(text)).bind(id.as_str()));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(ticket).transpose()
    }

    /// A ticket by its number, on the same terms.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_ticket_by_number(
        &self,
        principal: &Principal,
        number: i64,
    ) -> Result<Option<Ticket>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM tickets t \
             WHERE t.number = $1 AND ($2 = 1 OR t.customer_id = $3 OR t.conversation_id = $4)"
        );
        let query = TicketReader::of(principal).bind(sqlx::query(sql(text)).bind(number));
        let row = query.fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(ticket).transpose()
    }

    /// Tickets, newest first, on the same terms.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_tickets(
        &self,
        principal: &Principal,
        filter: &TicketFilter,
    ) -> Result<Vec<Ticket>, StoreError> {
        // Two texts, so that each finds its index.
        let of_status = if filter.status.is_some() { "t.status = $3" } else { "$3 = ''" };
        let text = format!(
            "SELECT {COLUMNS} FROM tickets t WHERE t.id < $1 AND {of_status} \
             AND ($4 = 1 OR t.customer_id = $5 OR t.conversation_id = $6) ORDER BY t.id DESC LIMIT $2"
        );
        let query = sqlx::query(sql(text))
            .bind(filter.after.as_deref().unwrap_or(LAST))
            .bind(row::to_int(filter.limit))
            .bind(filter.status.map_or("", TicketStatus::as_str));
        let rows = TicketReader::of(principal).bind(query).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(ticket).collect()
    }
}

impl WriteTx {
    /// A ticket, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket(&mut self, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
        find(self.connection(), "t.id", id.as_str()).await
    }

    /// Opens a ticket and gives it the next number. When its conversation already has one, nothing changes and that
    /// one is returned.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken.
    pub async fn open_ticket(&mut self, mut ticket: Ticket) -> Result<Ticket, StoreError> {
        if let Some(id) = &ticket.conversation_id
            && let Some(open) = find(self.connection(), "t.conversation_id", id.as_str()).await?
        {
            return Ok(open);
        }
        ticket.number = self.next(Counter::Ticket).await?;
        let done = sqlx::query(
            "INSERT INTO tickets (id, number, conversation_id, customer_id, assignee_id, status, priority, team, \
             locale, subject, summary, handoff_reason_json, created_at_ms, updated_at_ms, solved_at_ms, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING",
        )
        .bind(ticket.id.as_str())
        .bind(ticket.number)
        .bind(ticket.conversation_id.as_ref().map(ConversationId::as_str))
        .bind(ticket.customer_id.as_ref().map(CustomerId::as_str))
        .bind(ticket.assignee_id.as_ref().map(UserId::as_str))
        .bind(ticket.status.as_str())
        .bind(ticket.priority.as_str())
        .bind(ticket.team.as_str())
        .bind(ticket.locale.as_str())
        .bind(ticket.subject.as_str())
        .bind(ticket.summary.as_str())
        .bind(ticket.handoff_reason.as_ref().map(row::to_json).transpose()?)
        .bind(ticket.created_at.0)
        .bind(ticket.updated_at.0)
        .bind(ticket.solved_at.map(|at| at.0))
        .bind(ticket.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this ticket is already there")?;
        Ok(ticket)
    }

    /// Changes a ticket; its number and conversation stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_ticket(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE tickets SET customer_id = $2, assignee_id = $3, status = $4, priority = $5, team = $6, \
             locale = $7, subject = $8, summary = $9, updated_at_ms = $10, solved_at_ms = $11, revision = $12 WHERE id = $1",
        )
        .bind(ticket.id.as_str())
        .bind(ticket.customer_id.as_ref().map(CustomerId::as_str))
        .bind(ticket.assignee_id.as_ref().map(UserId::as_str))
        .bind(ticket.status.as_str())
        .bind(ticket.priority.as_str())
        .bind(ticket.team.as_str())
        .bind(ticket.locale.as_str())
        .bind(ticket.subject.as_str())
        .bind(ticket.summary.as_str())
        .bind(ticket.updated_at.0)
        .bind(ticket.solved_at.map(|at| at.0))
        .bind(ticket.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "ticket")
    }
}

async fn find(
    connection: &mut AnyConnection,
    column: &'static str,
    value: &str,
) -> Result<Option<Ticket>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM tickets t WHERE {column} = $1");
    let row = sqlx::query(sql(text)).bind(value).fetch_optional(connection).await?;
    row.as_ref().map(ticket).transpose()
}

fn ticket(row: &AnyRow) -> Result<Ticket, StoreError> {
    let has_reason = row::optional_text(row, "handoff_reason_json")?.is_some();
    Ok(Ticket {
        id: TicketId::new(row::text(row, "id")?),
        number: row::int(row, "number")?,
        subject: row::text(row, "subject")?,
        status: row::parsed(row, "status", TicketStatus::parse)?,
        priority: row::parsed(row, "priority", Priority::parse)?,
        team: row::text(row, "team")?,
        assignee_id: row::optional_text(row, "assignee_id")?.map(UserId::new),
        customer_id: row::optional_text(row, "customer_id")?.map(CustomerId::new),
        conversation_id: row::optional_text(row, "conversation_id")?.map(ConversationId::new),
        handoff_reason: if has_reason {
            Some(row::json::<HandoffReason>(row, "handoff_reason_json")?)
        } else {
            None
        },
        locale: row::locale(row, "locale")?,
        summary: row::text(row, "summary")?,
        created_at: row::time(row, "created_at_ms")?,
        updated_at: row::time(row, "updated_at_ms")?,
        solved_at: row::optional_time(row, "solved_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}
