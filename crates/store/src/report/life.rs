//! What happened to tickets and conversations, as far as reports notice, many at a time. For Askwell itself.

use std::collections::HashMap;

use domain::{
    ConversationEnd, ConversationFacts, Feedback, Judged, LIFE_CHANGES_MAX, LIFE_MARKS_MAX, LIFE_REPLIES_MAX,
    LifeChange, LifeDraft, LifePromise, LifeReply, PromiseOutcome, Schedule, SlaMetric, SuggestionOutcome,
    Ticket, TicketField, TicketLife, Timestamp,
};
use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, archive,
    placeholders::{self, sql},
    row, schedule,
};

impl Store {
    /// The lives of these tickets, in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket_lives(&self, tickets: Vec<Ticket>) -> Result<Vec<TicketLife>, StoreError> {
        let mut lives: Vec<TicketLife> = tickets.into_iter().map(born).collect();
        let places: HashMap<String, usize> =
            lives.iter().enumerate().map(|(at, life)| (life.ticket.id.to_string(), at)).collect();
        let all: Vec<String> = lives.iter().map(|life| life.ticket.id.to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let mut connection = self.reader().await?;
        for ids in all.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let ids = (ids.as_slice(), &places);
            let changes = archive::everywhere(
                "SELECT ticket_id AS subject_id, id, at_ms, field, old_value, new_value FROM ticket_history \
                 WHERE field IN ('status', 'priority', 'team', 'assignee') AND ticket_id IN ({ids})",
            );
            read(&mut connection, (&changes, "subject_id, id"), ids, |at, row| {
                push(&mut lives[at].changes, LIFE_CHANGES_MAX, change(row)?);
                Ok(())
            })
            .await?;
            let replies = archive::everywhere(
                "SELECT ticket_id AS subject_id, id, created_at_ms AS at_ms, author_id FROM messages \
                 WHERE kind = 'reply' AND author = 'agent' AND ticket_id IN ({ids})",
            );
            read(&mut connection, (&replies, "subject_id, at_ms, id"), ids, |at, row| {
                let reply =
                    LifeReply { at: row::time(row, "at_ms")?, by: row::optional_text(row, "author_id")? };
                push(&mut lives[at].replies, LIFE_REPLIES_MAX, reply);
                Ok(())
            })
            .await?;
            let drafts = archive::everywhere(
                "SELECT ticket_id AS subject_id, id, rank, created_at_ms AS at_ms, outcome, outcome_at_ms \
                 FROM suggestions WHERE ticket_id IN ({ids})",
            );
            read(&mut connection, (&drafts, "subject_id, at_ms, rank, id"), ids, |at, row| {
                push(&mut lives[at].drafts, LIFE_MARKS_MAX, draft(row)?);
                Ok(())
            })
            .await?;
            let promises = archive::everywhere(
                "SELECT ticket_id AS subject_id, metric, cycle, outcome, at_ms FROM sla_outcomes \
                 WHERE ticket_id IN ({ids})",
            );
            read(&mut connection, (&promises, "subject_id, metric, cycle"), ids, |at, row| {
                push(&mut lives[at].promises, LIFE_MARKS_MAX, promise(row)?);
                Ok(())
            })
            .await?;
        }
        Ok(lives)
    }

    /// What is known of these conversations; those in which the customer said nothing are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn conversation_facts(
        &self,
        ids: &[&str],
    ) -> Result<Vec<(String, ConversationFacts)>, StoreError> {
        let mut known = Vec::with_capacity(ids.len());
        let mut connection = self.reader().await?;
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let mut said: Vec<(bool, Vec<Judged>)> = vec![(false, vec![]); ids.len()];
            let places = ids.iter().enumerate().map(|(at, id)| ((*id).to_owned(), at)).collect();
            let ids_padded = placeholders::padded(ids);
            let turns = "SELECT conversation_id AS subject_id, speaker, feedback, created_at_ms AS at_ms FROM turns \
                 WHERE conversation_id IN ({ids})";
            let by = (turns, "conversation_id, ordinal");
            read(&mut connection, by, (&ids_padded, &places), |at, row| {
                let (has_spoken, judged) = &mut said[at];
                *has_spoken |= row::text(row, "speaker")? == "customer";
                if let Some(feedback) = row::optional_text(row, "feedback")? {
                    let feedback =
                        if feedback == "helpful" { Feedback::Helpful } else { Feedback::Unhelpful };
                    push(judged, LIFE_MARKS_MAX, Judged(row::time(row, "at_ms")?, feedback));
                }
                Ok(())
            })
            .await?;
            let conversations = format!(
                "SELECT c.id AS subject_id, c.created_at_ms AS at_ms, c.locale AS locale, c.state AS state, \
                 CASE WHEN {} THEN 1 ELSE 0 END AS has_ticket FROM conversations c WHERE c.id IN ({{ids}})",
                archive::either("EXISTS (SELECT 1 FROM tickets t WHERE t.conversation_id = c.id)")
            );
            read(&mut connection, (&conversations, "c.id"), (&ids_padded, &places), |at, row| {
                let (has_spoken, judged) = std::mem::take(&mut said[at]);
                let has_ticket = row::int(row, "has_ticket")? == 1;
                if has_spoken || has_ticket {
                    let facts = conversation(row, has_ticket, judged)?;
                    known.push((row::text(row, "subject_id")?, facts));
                }
                Ok(())
            })
            .await?;
        }
        Ok(known)
    }

    /// When teams work, by key; those without a schedule are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn team_schedules(&self) -> Result<HashMap<String, Schedule>, StoreError> {
        let rows = sqlx::query(
            "SELECT r.team_key AS team_key, s.id AS id, s.name AS name, s.zone AS zone, s.hours_json AS hours_json, \
             s.holidays_json AS holidays_json, s.revision AS revision FROM team_routing r \
             JOIN schedules s ON s.id = r.schedule_id",
        )
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|found| Ok((row::text(found, "team_key")?, schedule::schedule(found)?))).collect()
    }

    /// What people and keys are called, by id, as far as they are there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn agent_names(&self, ids: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        let mut names = HashMap::new();
        for ids in ids.chunks(placeholders::LIST_MAX) {
            let ids = placeholders::padded(ids);
            let list = placeholders::list(1, ids.len());
            let text = format!(
                "SELECT id, name FROM users WHERE id IN ({list}) \
                 UNION ALL SELECT id, name FROM api_keys WHERE id IN ({list})"
            );
            let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
            for found in query.fetch_all(&mut *self.reader().await?).await? {
                names.insert(row::text(&found, "id")?, row::text(&found, "name")?);
            }
        }
        Ok(names)
    }

    /// The ids of conversations, in order, after one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn conversation_ids_after(&self, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT id FROM conversations WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|found| row::text(found, "id")).collect()
    }
}

fn born(ticket: Ticket) -> TicketLife {
    TicketLife { ticket, changes: vec![], replies: vec![], drafts: vec![], promises: vec![] }
}

/// Reads what a statement finds for these subjects, whose ids stand in place of `{ids}`, row by row, in an order; each row with the place of its subject.
async fn read(
    connection: &mut AnyConnection,
    (statement, order): (&str, &'static str),
    (ids, places): (&[&str], &HashMap<String, usize>),
    mut each: impl FnMut(usize, &AnyRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let statement = statement.replace("{ids}", &placeholders::list(1, ids.len()));
    let text = format!("{statement} ORDER BY {order}");
    let query = ids.iter().fold(sqlx::query(sql(text)), |query, id| query.bind(*id));
    let mut rows = query.fetch(connection);
    while let Some(found) = rows.try_next().await? {
        if let Some(at) = places.get(&row::text(&found, "subject_id")?) {
            each(*at, &found)?;
        }
    }
    Ok(())
}

fn push<T>(list: &mut Vec<T>, max: usize, item: T) {
    if list.len() < max {
        list.push(item);
    }
}

fn change(row: &AnyRow) -> Result<LifeChange, StoreError> {
    Ok(LifeChange {
        at: row::time(row, "at_ms")?,
        field: row::parsed(row, "field", TicketField::parse)?,
        from: row::optional_text(row, "old_value")?,
        to: row::optional_text(row, "new_value")?,
    })
}

fn draft(row: &AnyRow) -> Result<LifeDraft, StoreError> {
    let outcome = row::optional_text(row, "outcome")?.as_deref().and_then(SuggestionOutcome::parse);
    let outcome_at: Option<Timestamp> = row::optional_time(row, "outcome_at_ms")?;
    Ok(LifeDraft { at: row::time(row, "at_ms")?, outcome: outcome.zip(outcome_at) })
}

fn promise(row: &AnyRow) -> Result<LifePromise, StoreError> {
    Ok(LifePromise {
        metric: row::parsed(row, "metric", SlaMetric::parse)?,
        outcome: row::parsed(row, "outcome", PromiseOutcome::parse)?,
        at: row::time(row, "at_ms")?,
    })
}

fn conversation(
    row: &AnyRow,
    has_ticket: bool,
    judged: Vec<Judged>,
) -> Result<ConversationFacts, StoreError> {
    let end = match row::text(row, "state")?.as_str() {
        _ if has_ticket => ConversationEnd::HandedOver,
        "resolved" => ConversationEnd::Resolved,
        _ => ConversationEnd::Open,
    };
    Ok(ConversationFacts::new(row::time(row, "at_ms")?, row::text(row, "locale")?, end, judged))
}
