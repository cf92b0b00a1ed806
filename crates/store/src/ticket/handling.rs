//! How tickets are handled, as columns: statuses of a site's own, snoozes, merges, followers and copies.

use std::collections::BTreeSet;

use domain::{
    Checklist, Handling, MergeSight, Merged, MessageId, Principal, SlaStanding, SlaSummary, Ticket, TicketId,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::{self, Bound, sql},
    reader::TicketReader,
    row,
    tx::updated,
};

/// The columns of `tickets t`.
pub(super) const READ: &str = "t.custom_status AS custom_status, t.snoozed_until_ms AS snoozed_until_ms, \
     t.merged_into_id AS merged_into_id, t.merged_at_ms AS merged_at_ms, t.merge_sight AS merge_sight, \
     t.split_from_id AS split_from_id, t.closed_at_ms AS closed_at_ms, \
     t.first_replied_at_ms AS first_replied_at_ms, t.handling_json AS handling_json, \
     t.sla AS sla, t.due_at_ms AS sla_due_at_ms";

/// When nothing is due: behind everything that is, in the order of a list too.
pub(super) const NEVER_MS: i64 = i64::MAX;

/// Steps of merges that are followed: into a merged ticket nothing is merged any more, so there are few.
const STEPS_MAX: usize = domain::MERGED_MAX;

/// What no statement looks at.
#[derive(Debug, Serialize, Deserialize)]
struct Rest {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    followers: BTreeSet<UserId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    cc: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "is_none")]
    checklist: Checklist,
}

fn is_none(checklist: &Checklist) -> bool {
    *checklist == Checklist::default()
}

/// How the ticket of a row is handled.
pub(super) fn handling(row: &AnyRow) -> Result<Handling, StoreError> {
    let rest: Rest = row::json(row, "handling_json")?;
    let merged = match row::optional_text(row, "merged_into_id")? {
        None => None,
        Some(into) => Some(Merged {
            into: TicketId::new(into),
            at: row::time(row, "merged_at_ms")?,
            sight: row::parsed(row, "merge_sight", MergeSight::parse)?,
        }),
    };
    Ok(Handling {
        custom_status: row::optional_text(row, "custom_status")?,
        snoozed_until: row::optional_time(row, "snoozed_until_ms")?,
        merged,
        split_from: row::optional_text(row, "split_from_id")?.map(TicketId::new),
        closed_at: row::optional_time(row, "closed_at_ms")?,
        first_replied_at: row::optional_time(row, "first_replied_at_ms")?,
        followers: rest.followers,
        cc: rest.cc,
        checklist: rest.checklist,
        sla: summary(row)?,
    })
}

/// How the ticket of a row stands to what its customer is promised, by the columns `sla` and `sla_due_at_ms`.
pub(crate) fn summary(row: &AnyRow) -> Result<SlaSummary, StoreError> {
    let due_at = row::time(row, "sla_due_at_ms")?;
    Ok(SlaSummary {
        standing: row::parsed(row, "sla", SlaStanding::parse)?,
        due_at: (due_at.0 != NEVER_MS).then_some(due_at),
    })
}

/// When something is due, as it is stored.
pub(crate) fn due_at_ms(sla: &SlaSummary) -> i64 {
    sla.due_at.map_or(NEVER_MS, |at| at.0)
}

/// Binds the values of the columns, in the order of [`READ`], but for those that the clocks alone write.
pub(super) fn bind<'q>(query: Bound<'q>, handling: &'q Handling) -> Result<Bound<'q>, StoreError> {
    let merged = handling.merged.as_ref();
    let rest = Rest {
        followers: handling.followers.clone(),
        cc: handling.cc.clone(),
        checklist: handling.checklist.clone(),
    };
    Ok(query
        .bind(handling.custom_status.as_deref())
        .bind(handling.snoozed_until.map(|at| at.0))
        .bind(merged.map(|merged| merged.into.as_str()))
        .bind(merged.map(|merged| merged.at.0))
        .bind(merged.map(|merged| merged.sight.as_str()))
        .bind(handling.split_from.as_ref().map(TicketId::as_str))
        .bind(handling.closed_at.map(|at| at.0))
        .bind(handling.first_replied_at.map(|at| at.0))
        .bind(row::to_json(&rest)?))
}

impl Store {
    /// The tickets that were merged into one that the principal may read, over all steps, those merged first before the
    /// others. Who reads the one reads them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_merged_into(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Vec<Ticket>, StoreError> {
        let reader = TicketReader::of(principal);
        let seen = format!("EXISTS (SELECT 1 FROM tickets t WHERE t.id = $1 AND {})", reader.ticket(2));
        let text = format!(
            "SELECT m.id AS id FROM ({}) m WHERE {}",
            archive::everywhere("SELECT s.id AS id FROM tickets s WHERE s.merged_into_id = $1"),
            archive::either(&seen)
        );
        let query = reader.bind(sqlx::query(sql(text)).bind(id.as_str()));
        let mut connection = self.reader().await?;
        if query.fetch_optional(&mut *connection).await?.is_none() {
            return Ok(vec![]);
        }
        let ids = merged_ids(&mut connection, id).await?;
        drop(connection);
        let mut tickets = self.tickets_of(&Principal::System, &ids).await?;
        tickets
            .sort_by_key(|ticket| (ticket.handling.merged.as_ref().map(|merged| merged.at), ticket.number));
        Ok(tickets)
    }

    /// Tickets whose snooze has ended, those that ended first before the others.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_due_snoozes(&self, now: Timestamp, limit: i64) -> Result<Vec<TicketId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM tickets WHERE snoozed_until_ms IS NOT NULL AND snoozed_until_ms <= $1 \
             ORDER BY snoozed_until_ms, id LIMIT $2",
        )
        .bind(now.0)
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|found| row::text(found, "id").map(TicketId::new)).collect()
    }
}

impl WriteTx {
    /// The tickets that were merged into this one, over all steps, whoever may read them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn merged_into(&mut self, id: &TicketId) -> Result<Vec<TicketId>, StoreError> {
        merged_ids(self.connection(), id).await
    }

    /// Moves messages of one ticket to another one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the first one that is not there.
    pub async fn move_messages(
        &mut self,
        ids: &[MessageId],
        from: &TicketId,
        to: &TicketId,
    ) -> Result<(), StoreError> {
        for id in ids {
            let done = sqlx::query("UPDATE messages SET ticket_id = $3 WHERE id = $1 AND ticket_id = $2")
                .bind(id.as_str())
                .bind(from.as_str())
                .bind(to.as_str())
                .execute(self.connection())
                .await?;
            updated(done.rows_affected(), "message")?;
        }
        Ok(())
    }

    /// Some of the tickets with this address in copy.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets_in_copy(&mut self, address: &str, limit: i64) -> Result<Vec<TicketId>, StoreError> {
        let select = "SELECT ticket_id FROM ticket_copies WHERE address = $1";
        let text = archive::first(select, "ticket_id", "$2");
        let rows = sqlx::query(sql(text)).bind(address).bind(limit).fetch_all(self.connection()).await?;
        rows.iter().map(|found| row::text(found, "ticket_id").map(TicketId::new)).collect()
    }

    /// Lets the history of a ticket tell no more which addresses were in copy.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_copies(&mut self, id: &TicketId) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE ticket_history SET old_value = NULL, new_value = NULL WHERE ticket_id = $1 AND field = 'cc'",
        )
        .bind(id.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What is looked up of who else has to do with a ticket.
    pub(super) async fn set_people(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM ticket_followers WHERE ticket_id = $1",
            "DELETE FROM ticket_copies WHERE ticket_id = $1",
        ] {
            sqlx::query(statement).bind(ticket.id.as_str()).execute(self.connection()).await?;
        }
        for user_id in &ticket.handling.followers {
            sqlx::query("INSERT INTO ticket_followers (ticket_id, user_id) VALUES ($1, $2)")
                .bind(ticket.id.as_str())
                .bind(user_id.as_str())
                .execute(self.connection())
                .await?;
        }
        for address in &ticket.handling.cc {
            sqlx::query("INSERT INTO ticket_copies (ticket_id, address) VALUES ($1, $2)")
                .bind(ticket.id.as_str())
                .bind(address.as_str())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

/// What was merged into a ticket, and into that, step by step.
async fn merged_ids(connection: &mut AnyConnection, id: &TicketId) -> Result<Vec<TicketId>, StoreError> {
    let mut found: Vec<TicketId> = vec![];
    let mut step = vec![id.to_string()];
    for _ in 0..STEPS_MAX {
        if step.is_empty() {
            break;
        }
        let mut next = vec![];
        for ids in step.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(&ids.iter().map(String::as_str).collect::<Vec<_>>());
            let list = placeholders::list(1, ids.len());
            let select = format!("SELECT id FROM tickets WHERE merged_into_id IN ({list})");
            let text = format!("{} ORDER BY id", archive::everywhere(&select));
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for row in query.fetch_all(&mut *connection).await? {
                next.push(row::text(&row, "id")?);
            }
        }
        found.extend(next.iter().map(TicketId::new));
        step = next;
    }
    Ok(found)
}
