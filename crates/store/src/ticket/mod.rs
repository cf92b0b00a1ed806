//! Tickets: opening exactly one per conversation, reading as somebody, changing.

pub(crate) mod condition;
mod due;
mod field;
mod handling;
mod link;
mod list;
mod selection;
mod status;
mod text;

pub(crate) use handling::{due_at_ms, summary};
pub use list::{COUNT_MAX, TicketCount, TicketPlace, TicketQuery};
pub use text::TicketSaid;
pub(crate) use text::after_text;

use std::collections::HashMap;

use domain::{
    Channel, ConversationId, CustomerId, OrganisationId, Principal, Priority, Tag, Ticket, TicketId,
    TicketStatus, Timestamp, UserId,
};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, Within, WriteTx, archive,
    placeholders::{self, Bound, sql},
    reader::TicketReader,
    row,
    tx::{Counter, inserted, updated},
};

const BASIC: &str = "t.id AS id, t.number AS number, t.conversation_id AS conversation_id, \
     t.customer_id AS customer_id, t.organisation_id AS organisation_id, t.assignee_id AS assignee_id, \
     t.status AS status, t.priority AS priority, \
     t.team AS team, t.locale AS locale, t.subject AS subject, t.summary AS summary, \
     t.handoff_reason_json AS handoff_reason_json, t.created_at_ms AS created_at_ms, \
     t.updated_at_ms AS updated_at_ms, t.solved_at_ms AS solved_at_ms, t.revision AS revision, \
     t.fields_json AS fields_json, t.channel AS channel, t.archived_at_ms AS archived_at_ms";

/// The columns of `tickets t`.
fn columns() -> String {
    format!("{BASIC}, {}", handling::READ)
}

impl Store {
    /// A ticket, in the archive too: any for who may read tickets, the customer's own, the one of the visitor's conversation.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Option<Ticket>, StoreError> {
        let reader = TicketReader::of(principal);
        let text = one_text("t.id = $1", &reader.ticket(2));
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()));
        let mut connection = self.reader().await?;
        let row = query.fetch_optional(&mut *connection).await?;
        Ok(tickets(&mut connection, row.as_slice()).await?.pop())
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
        let reader = TicketReader::of(principal);
        let text = one_text("t.number = $1", &reader.ticket(2));
        let query = reader.bind(sqlx::query(sql(text)).bind(number));
        let mut connection = self.reader().await?;
        let row = query.fetch_optional(&mut *connection).await?;
        Ok(tickets(&mut connection, row.as_slice()).await?.pop())
    }
}

impl WriteTx {
    /// A ticket that is not in the archive, whoever may read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket(&mut self, id: &TicketId) -> Result<Option<Ticket>, StoreError> {
        find(self.connection(), "t.id", id.as_str()).await
    }

    /// Opens a ticket and gives it the next number. When its conversation already has one, that one is returned, out of the
    /// archive if it was there.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken.
    pub async fn open_ticket(&mut self, mut ticket: Ticket) -> Result<Ticket, StoreError> {
        if let Some(id) = &ticket.conversation_id
            && let Some(open) = find(self.connection(), "t.conversation_id", id.as_str()).await?
        {
            return Ok(open);
        }
        if let Some(id) = &ticket.conversation_id
            && let Some(archived) = self.archived_ticket_of(id).await?
        {
            self.unarchive_tickets(std::slice::from_ref(&archived)).await?;
            return self.ticket(&archived).await?.ok_or(StoreError::NotFound("ticket"));
        }
        self.ensure_team(&ticket.team, ticket.created_at).await?;
        ticket.number = self.next(Counter::Ticket).await?;
        let text = format!(
            "INSERT INTO tickets ({INSERTED}) VALUES ({}) ON CONFLICT DO NOTHING",
            placeholders::list(1, N_INSERTED)
        );
        let done = bind(sqlx::query(sql(text)), &ticket)?.execute(self.connection()).await?;
        inserted(done.rows_affected(), "this ticket is already there")?;
        self.set_tags(&ticket).await?;
        self.set_people(&ticket).await?;
        self.set_field_values(&ticket).await?;
        Ok(ticket)
    }

    /// Notes when an agent first replied to a ticket, unless an earlier time is known. What was said elsewhere is no change of the
    /// ticket.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn note_first_reply(&mut self, id: &TicketId, at: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(at) = at else { return Ok(()) };
        sqlx::query(
            "UPDATE tickets SET first_replied_at_ms = $2 WHERE id = $1 \
             AND (first_replied_at_ms IS NULL OR first_replied_at_ms > $2)",
        )
        .bind(id.as_str())
        .bind(at.0)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Changes a ticket; its number and conversation stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_ticket(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        let query = sqlx::query(
            "UPDATE tickets SET customer_id = $2, assignee_id = $3, status = $4, priority = $5, team = $6, \
             locale = $7, subject = $8, summary = $9, updated_at_ms = $10, solved_at_ms = $11, revision = $12, is_unsolved = $13, \
             urgency = $14, fields_json = $15, organisation_id = $16, custom_status = $17, snoozed_until_ms = $18, \
             merged_into_id = $19, merged_at_ms = $20, merge_sight = $21, split_from_id = $22, closed_at_ms = $23, \
             first_replied_at_ms = $24, handling_json = $25 WHERE id = $1",
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
        .bind(i64::from(!ticket.status.is_done()))
        .bind(urgency(ticket.priority))
        .bind(row::to_json(&ticket.fields)?)
        .bind(ticket.organisation_id.as_ref().map(OrganisationId::as_str));
        let done = handling::bind(query, &ticket.handling)?.execute(self.connection()).await?;
        updated(done.rows_affected(), "ticket")?;
        self.set_people(ticket).await?;
        self.set_tags(ticket).await?;
        self.set_field_values(ticket).await
    }

    /// What filters compare of a ticket's own fields.
    async fn set_field_values(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM ticket_field_values WHERE ticket_id = $1")
            .bind(ticket.id.as_str())
            .execute(self.connection())
            .await?;
        let statement = "INSERT INTO ticket_field_values (ticket_id, field_key, text_value, millionths) \
                         VALUES ($1, $2, $3, $4)";
        self.insert_field_values(statement, ticket.id.as_str(), &ticket.fields).await
    }

    async fn set_tags(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM ticket_tags WHERE ticket_id = $1")
            .bind(ticket.id.as_str())
            .execute(self.connection())
            .await?;
        for tag in &ticket.tags {
            sqlx::query(
                "INSERT INTO ticket_tags (ticket_id, tag, created_at_ms, is_unsolved) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(ticket.id.as_str())
            .bind(tag.as_str())
            .bind(ticket.created_at.0)
            .bind(i64::from(!ticket.status.is_done()))
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}

/// The columns of a new ticket, in the order of [`bind`].
pub(crate) const INSERTED: &str = "id, number, conversation_id, customer_id, assignee_id, status, priority, team, \
     locale, subject, summary, handoff_reason_json, created_at_ms, updated_at_ms, solved_at_ms, revision, \
     is_unsolved, urgency, fields_json, channel, organisation_id, custom_status, snoozed_until_ms, merged_into_id, \
     merged_at_ms, merge_sight, split_from_id, closed_at_ms, first_replied_at_ms, handling_json, sla, due_at_ms";
pub(crate) const N_INSERTED: usize = 32;

/// Binds the values of [`INSERTED`].
pub(crate) fn bind<'q>(query: Bound<'q>, ticket: &'q Ticket) -> Result<Bound<'q>, StoreError> {
    let query = query
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
        .bind(i64::from(!ticket.status.is_done()))
        .bind(urgency(ticket.priority))
        .bind(row::to_json(&ticket.fields)?)
        .bind(ticket.channel.as_str())
        .bind(ticket.organisation_id.as_ref().map(OrganisationId::as_str));
    let sla = &ticket.handling.sla;
    Ok(handling::bind(query, &ticket.handling)?.bind(sla.standing.as_str()).bind(due_at_ms(sla)))
}

/// The priority as a number that sorts.
fn urgency(priority: Priority) -> i64 {
    match priority {
        Priority::Low => 0,
        Priority::Normal => 1,
        Priority::High => 2,
        Priority::Urgent => 3,
    }
}

/// The statement of one ticket that somebody may read, wherever it is.
pub(crate) fn one_text(which: &str, reader: &str) -> String {
    archive::everywhere(&format!("SELECT {} FROM tickets t WHERE {which} AND {reader}", columns()))
}

/// A ticket of one of the two places.
pub(crate) async fn find_within(
    connection: &mut AnyConnection,
    id: &TicketId,
    within: Within,
) -> Result<Option<Ticket>, StoreError> {
    let text = within.of(&format!("SELECT {} FROM tickets t WHERE t.id = $1", columns()));
    let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(&mut *connection).await?;
    Ok(tickets(connection, row.as_slice()).await?.pop())
}

async fn find(
    connection: &mut AnyConnection,
    column: &'static str,
    value: &str,
) -> Result<Option<Ticket>, StoreError> {
    let text = format!("SELECT {} FROM tickets t WHERE {column} = $1", columns());
    let row = sqlx::query(sql(text)).bind(value).fetch_optional(&mut *connection).await?;
    Ok(tickets(connection, row.as_slice()).await?.pop())
}

/// The tickets of these rows, with their tags.
async fn tickets(connection: &mut AnyConnection, rows: &[AnyRow]) -> Result<Vec<Ticket>, StoreError> {
    let mut tickets: Vec<Ticket> = rows.iter().map(ticket).collect::<Result<_, _>>()?;
    for tickets in tickets.chunks_mut(placeholders::LIST_MAX) {
        let ids = placeholders::padded(&tickets.iter().map(|ticket| ticket.id.as_str()).collect::<Vec<_>>());
        let list = placeholders::list(1, ids.len());
        let select = format!("SELECT ticket_id, tag FROM ticket_tags WHERE ticket_id IN ({list})");
        let text = format!("{} ORDER BY ticket_id, tag", archive::everywhere(&select));
        let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
        let mut tags: HashMap<String, Vec<Tag>> = HashMap::new();
        for row in query.fetch_all(&mut *connection).await? {
            tags.entry(row::text(&row, "ticket_id")?).or_default().push(row::parsed(
                &row,
                "tag",
                Tag::parse,
            )?);
        }
        for ticket in tickets {
            ticket.tags = tags.remove(ticket.id.as_str()).unwrap_or_default();
        }
    }
    Ok(tickets)
}

fn ticket(row: &AnyRow) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        id: TicketId::new(row::text(row, "id")?),
        number: row::int(row, "number")?,
        subject: row::text(row, "subject")?,
        status: row::parsed(row, "status", TicketStatus::parse)?,
        priority: row::parsed(row, "priority", Priority::parse)?,
        team: row::text(row, "team")?,
        tags: vec![],
        assignee_id: row::optional_text(row, "assignee_id")?.map(UserId::new),
        customer_id: row::optional_text(row, "customer_id")?.map(CustomerId::new),
        organisation_id: row::optional_text(row, "organisation_id")?.map(OrganisationId::new),
        conversation_id: row::optional_text(row, "conversation_id")?.map(ConversationId::new),
        handoff_reason: row::optional_json(row, "handoff_reason_json")?,
        locale: row::locale(row, "locale")?,
        summary: row::text(row, "summary")?,
        created_at: row::time(row, "created_at_ms")?,
        updated_at: row::time(row, "updated_at_ms")?,
        solved_at: row::optional_time(row, "solved_at_ms")?,
        archived_at: row::optional_time(row, "archived_at_ms")?,
        revision: row::int(row, "revision")?,
        fields: row::json(row, "fields_json")?,
        handling: handling::handling(row)?,
        channel: row::parsed(row, "channel", |key| Channel::parse(key).ok())?,
    })
}
