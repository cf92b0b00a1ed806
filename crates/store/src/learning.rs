//! Solved tickets as they are remembered, and the versions of what was learned from them.
//!
//! Not filtered by a reader: what was learned is filtered where it is used. Nothing here is shown to customers.

use domain::{CustomerId, LearnedVersion, Principal, SolvedTicket, TicketId, Timestamp};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::{self, sql},
    reader::TicketReader,
    row,
    tx::{Counter, updated},
};

const COLUMNS: &str = "s.ticket_id AS ticket_id, t.number AS number, t.subject AS subject, t.team AS team, s.seq AS seq, s.solved_at_ms AS solved_at_ms, \
                       s.customer_id AS customer_id, s.locale AS locale, s.audiences_json AS audiences_json, \
                       s.links_json AS links_json, s.offered AS offered, s.topic AS topic, s.question AS question, s.reply AS reply";

impl Store {
    /// Tickets that are solved and not remembered as they were solved last, those solved first before the others.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_tickets_to_remember(
        &self,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<TicketId>, StoreError> {
        let text = archive::first(
            "SELECT t.id AS id, t.solved_at_ms AS solved_at_ms FROM tickets t \
             LEFT JOIN solved_tickets s ON s.ticket_id = t.id \
             WHERE t.solved_at_ms >= $1 AND t.status NOT IN ('new', 'open', 'pending', 'on_hold') \
             AND (s.ticket_id IS NULL OR s.solved_at_ms < t.solved_at_ms) AND t.erased_at_ms IS NULL",
            "solved_at_ms, id",
            "$2",
        );
        let query = sqlx::query(sql(text)).bind(since.0).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| row::text(row, "id").map(TicketId::new)).collect()
    }

    /// Remembered tickets after a place and up to another, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_solved_tickets(
        &self,
        after_seq: i64,
        last_seq: i64,
        limit: i64,
    ) -> Result<Vec<SolvedTicket>, StoreError> {
        let select = format!(
            "SELECT {COLUMNS} FROM solved_tickets s JOIN tickets t ON t.id = s.ticket_id \
             WHERE s.seq > $1 AND s.seq <= $2 AND s.question <> ''"
        );
        let text = archive::first(&select, "seq", "$3");
        let query = sqlx::query(sql(text)).bind(after_seq).bind(last_seq).bind(limit);
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(solved).collect()
    }

    /// How many tickets are remembered up to a place.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_solved_tickets(&self, last_seq: i64) -> Result<usize, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM solved_tickets WHERE seq <= $1 AND question <> ''")
            .bind(last_seq)
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row::number(&row, "n")
    }

    /// These remembered tickets, in no order, for who may read tickets.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn solved_tickets_of(
        &self,
        principal: &Principal,
        ids: &[TicketId],
    ) -> Result<Vec<SolvedTicket>, StoreError> {
        let reader = TicketReader::of(principal);
        if !reader.is_team() {
            return Ok(vec![]);
        }
        let mut found = Vec::with_capacity(ids.len());
        let mut connection = self.reader().await?;
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(TicketId::as_str).collect::<Vec<_>>());
            let select = format!(
                "SELECT {COLUMNS} FROM solved_tickets s JOIN tickets t ON t.id = s.ticket_id \
                 WHERE s.ticket_id IN ({}) AND {}",
                placeholders::list(1, ids.len()),
                reader.ticket(ids.len() + 1)
            );
            let text = archive::everywhere(&select);
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in reader.bind(query).fetch_all(&mut *connection).await? {
                found.push(solved(&row)?);
            }
        }
        Ok(found)
    }

    /// Every version, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_learned_versions(&self, limit: i64) -> Result<Vec<LearnedVersion>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, in_use, created_at_ms, last_seq, report_json FROM learned_versions \
             ORDER BY number DESC LIMIT $1",
        )
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(version).collect()
    }

    /// One version.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_learned_version(&self, number: i64) -> Result<Option<LearnedVersion>, StoreError> {
        let row = sqlx::query(
            "SELECT number, in_use, created_at_ms, last_seq, report_json FROM learned_versions WHERE number = $1",
        )
        .bind(number)
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.as_ref().map(version).transpose()
    }

    /// The version that searches use, if any.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn learned_version_in_use(&self) -> Result<Option<LearnedVersion>, StoreError> {
        let row = sqlx::query(
            "SELECT number, in_use, created_at_ms, last_seq, report_json FROM learned_versions WHERE in_use = 1",
        )
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.as_ref().map(version).transpose()
    }
}

impl WriteTx {
    /// Remembers a solved ticket, in place of what was remembered of it before, at the end of the order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remember(&mut self, ticket: &SolvedTicket) -> Result<(), StoreError> {
        let seq = self.next(Counter::SolvedTicket).await?;
        self.forget_solved_ticket(&ticket.ticket_id).await?;
        sqlx::query(
            "INSERT INTO solved_tickets (ticket_id, seq, solved_at_ms, customer_id, locale, audiences_json, \
             links_json, offered, topic, question, reply) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(ticket.ticket_id.as_str())
        .bind(seq)
        .bind(ticket.solved_at.0)
        .bind(ticket.customer_id.as_ref().map(CustomerId::as_str))
        .bind(ticket.locale.as_str())
        .bind(row::to_json(&ticket.audiences)?)
        .bind(row::to_json(&ticket.links)?)
        .bind(i64::from(ticket.is_reply_offered))
        .bind(ticket.topic.as_str())
        .bind(ticket.question.as_str())
        .bind(ticket.reply.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets a ticket.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_solved_ticket(&mut self, id: &TicketId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM solved_tickets WHERE ticket_id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Forgets what was solved before a time. Returns how many tickets.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_solved_before(&mut self, time: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM solved_tickets WHERE solved_at_ms < $1")
            .bind(time.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets all tickets of a customer, so that they are not remembered again either unless they are solved again. Returns
    /// their questions and replies.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_solved_of(
        &mut self,
        customer: &CustomerId,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query("SELECT question, reply FROM solved_tickets WHERE customer_id = $1")
            .bind(customer.as_str())
            .fetch_all(self.connection())
            .await?;
        sqlx::query(
            "UPDATE solved_tickets SET topic = '', question = '', reply = '', links_json = '[]', audiences_json = '[]', \
             offered = 0, customer_id = NULL WHERE customer_id = $1",
        )
        .bind(customer.as_str())
        .execute(self.connection())
        .await?;
        rows.iter().map(|row| Ok((row::text(row, "question")?, row::text(row, "reply")?))).collect()
    }

    /// Stores a version, not in use, under the next number, which is returned.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_learned_version(
        &mut self,
        last_seq: i64,
        report_json: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let number = self.next(Counter::LearnedVersion).await?;
        sqlx::query(
            "INSERT INTO learned_versions (number, in_use, created_at_ms, last_seq, report_json) \
             VALUES ($1, 0, $2, $3, $4)",
        )
        .bind(number)
        .bind(now.0)
        .bind(last_seq)
        .bind(report_json)
        .execute(self.connection())
        .await?;
        Ok(number)
    }

    /// Lets searches use this version, or none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such version.
    pub async fn use_learned_version(&mut self, number: Option<i64>) -> Result<(), StoreError> {
        sqlx::query("UPDATE learned_versions SET in_use = 0 WHERE in_use = 1")
            .execute(self.connection())
            .await?;
        if let Some(number) = number {
            let done = sqlx::query("UPDATE learned_versions SET in_use = 1 WHERE number = $1")
                .bind(number)
                .execute(self.connection())
                .await?;
            updated(done.rows_affected(), "learned version")?;
        }
        Ok(())
    }
}

fn solved(row: &AnyRow) -> Result<SolvedTicket, StoreError> {
    Ok(SolvedTicket {
        ticket_id: TicketId::new(row::text(row, "ticket_id")?),
        number: row::int(row, "number")?,
        subject: row::text(row, "subject")?,
        team: row::text(row, "team")?,
        seq: row::int(row, "seq")?,
        solved_at: row::time(row, "solved_at_ms")?,
        customer_id: row::optional_text(row, "customer_id")?.map(CustomerId::new),
        locale: row::locale(row, "locale")?,
        audiences: row::json(row, "audiences_json")?,
        links: row::json(row, "links_json")?,
        topic: row::text(row, "topic")?,
        question: row::text(row, "question")?,
        reply: row::text(row, "reply")?,
        is_reply_offered: row::int(row, "offered")? != 0,
    })
}

fn version(row: &AnyRow) -> Result<LearnedVersion, StoreError> {
    Ok(LearnedVersion {
        number: row::int(row, "number")?,
        in_use: row::int(row, "in_use")? != 0,
        created_at: row::time(row, "created_at_ms")?,
        last_seq: row::int(row, "last_seq")?,
        report_json: row::text(row, "report_json")?,
    })
}
