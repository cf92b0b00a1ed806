//! The audit log. Entries are added; nothing here changes one, and only those that are too old are deleted, oldest first.

use domain::{Actor, ActorKind, AuditAction, AuditAnchor, AuditEntry, AuditOrigin, Door, Timestamp};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx,
    placeholders::{self, sql},
    row,
    tx::Counter,
};

const COLUMNS: &str = "seq, at_ms, actor, actor_id, actor_name, door, network, action, subject_id, details_json, \
     prev_hash, hash";
const N_COLUMNS: usize = 12;

/// Which entries to read. What is absent is not asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By whom, by id.
    pub actor_id: Option<String>,
    /// Any of these actions; all when empty.
    pub actions: Vec<AuditAction>,
    /// To what, by id or key.
    pub subject_id: Option<String>,
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Beyond this sequence, in the order that is asked for.
    pub after: Option<i64>,
    /// In which order.
    pub order: AuditOrder,
    /// How many.
    pub limit: usize,
}

/// In which order entries are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AuditOrder {
    /// As people read them.
    #[default]
    NewestFirst,
    /// As they were written.
    OldestFirst,
}

/// Where the next entry comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEnd {
    /// The first of the sequences that were taken.
    pub seq: i64,
    /// The hash of the entry before it.
    pub prev_hash: String,
    /// The time of the entry before it.
    pub prev_at: Timestamp,
}

impl Store {
    /// Entries, as a filter asks for them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_audit(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let mut reader = self.reader().await?;
        let Some(range) = range(&mut reader, filter).await? else { return Ok(vec![]) };
        // Each action has its own run in the index: merged they are in order, and no other entries are read.
        let is_by_action = filter.actor_id.is_none() && filter.subject_id.is_none();
        let runs: Vec<&[AuditAction]> = if is_by_action && !filter.actions.is_empty() {
            filter.actions.chunks(1).collect()
        } else {
            vec![&filter.actions]
        };
        let mut entries = vec![];
        for actions in runs {
            let text = statement(filter, actions, self.dialect().unindexed());
            let mut query =
                sqlx::query(sql(text)).bind(range.0).bind(range.1).bind(row::to_int(filter.limit));
            for id in filter.subject_id.iter().chain(&filter.actor_id) {
                query = query.bind(id.as_str());
            }
            for action in actions {
                query = query.bind(action.as_str());
            }
            for found in query.fetch_all(&mut *reader).await? {
                entries.push(entry(&found)?);
            }
        }
        entries.sort_by_key(|entry| match filter.order {
            AuditOrder::NewestFirst => -entry.seq,
            AuditOrder::OldestFirst => entry.seq,
        });
        entries.truncate(filter.limit);
        Ok(entries)
    }

    /// Where the chain begins.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn audit_anchor(&self) -> Result<AuditAnchor, StoreError> {
        anchor(&mut *self.reader().await?).await
    }

    /// The sequence of the newest entry; 0 before the first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn last_audit_seq(&self) -> Result<i64, StoreError> {
        let found = sqlx::query("SELECT value FROM counters WHERE name = 'audit'")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row::int(&found, "value")
    }
}

impl WriteTx {
    /// What a person or a key is called.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn actor_name(&mut self, actor: &Actor) -> Result<Option<String>, StoreError> {
        let text = match actor.kind {
            ActorKind::Person => "SELECT name FROM users WHERE id = $1",
            ActorKind::Key => "SELECT name FROM api_keys WHERE id = $1",
            ActorKind::Customer | ActorKind::Visitor | ActorKind::System => return Ok(None),
        };
        let found = sqlx::query(text).bind(actor.id.as_deref()).fetch_optional(self.connection()).await?;
        found.map(|found| row::text(&found, "name")).transpose()
    }

    /// Takes the next so many places of the log.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn next_audit(&mut self, n: usize) -> Result<AuditEnd, StoreError> {
        let seq = self.next_many(Counter::Audit, n).await?;
        let last = sqlx::query("SELECT hash, at_ms FROM audit WHERE seq = $1")
            .bind(seq - 1)
            .fetch_optional(self.connection())
            .await?;
        match last {
            Some(last) => Ok(AuditEnd {
                seq,
                prev_hash: row::text(&last, "hash")?,
                prev_at: row::time(&last, "at_ms")?,
            }),
            // All that was there is deleted, or nothing was there yet.
            None => {
                let anchor = anchor(self.connection()).await?;
                Ok(AuditEnd { seq, prev_hash: anchor.hash, prev_at: Timestamp(i64::MIN) })
            }
        }
    }

    /// Adds entries, whose places were taken.
    ///
    /// # Errors
    /// Those of the database; a place that is taken fails the whole.
    pub async fn insert_audit(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        for entries in entries.chunks(placeholders::rows_per_insert(N_COLUMNS)) {
            let rows = placeholders::rows(entries.len(), N_COLUMNS);
            let text = format!("INSERT INTO audit ({COLUMNS}) VALUES {rows}");
            let mut query = sqlx::query(sql(text));
            for entry in entries {
                query = query
                    .bind(entry.seq)
                    .bind(entry.at.0)
                    .bind(entry.actor.kind.as_str())
                    .bind(entry.actor.id.as_deref())
                    .bind(entry.actor.name.as_deref())
                    .bind(entry.origin.door.as_str())
                    .bind(entry.origin.network.as_deref())
                    .bind(entry.action.as_str())
                    .bind(entry.subject_id.as_deref())
                    .bind(row::to_json(&entry.details)?)
                    .bind(entry.prev_hash.as_str())
                    .bind(entry.hash.as_str());
            }
            query.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Deletes the oldest entries from before a time, at most `limit`, and moves the beginning of the chain behind them.
    /// Returns how many; nothing when none is that old.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn trim_audit(&mut self, before: Timestamp, limit: i64) -> Result<Option<u64>, StoreError> {
        let last = sqlx::query(
            "SELECT seq, hash FROM (SELECT seq, hash, at_ms FROM audit ORDER BY seq LIMIT $1) AS oldest \
             WHERE at_ms < $2 ORDER BY seq DESC LIMIT 1",
        )
        .bind(limit)
        .bind(before.0)
        .fetch_optional(self.connection())
        .await?;
        let Some(last) = last else { return Ok(None) };
        let seq = row::int(&last, "seq")?;
        sqlx::query("UPDATE audit_anchor SET seq = $1, hash = $2 WHERE name = 'audit'")
            .bind(seq)
            .bind(row::text(&last, "hash")?)
            .execute(self.connection())
            .await?;
        let done =
            sqlx::query("DELETE FROM audit WHERE seq <= $1").bind(seq).execute(self.connection()).await?;
        Ok(Some(done.rows_affected()))
    }
}

/// The sequences between which a filter looks, both included; nothing when no entry is of its time.
async fn range(
    connection: &mut AnyConnection,
    filter: &AuditFilter,
) -> Result<Option<(i64, i64)>, StoreError> {
    let (mut first, mut last) = (1, i64::MAX);
    // Times follow the sequence, so that a time is a place.
    for (time, text) in [
        (filter.from, "SELECT seq FROM audit WHERE at_ms >= $1 ORDER BY at_ms, seq LIMIT 1"),
        (filter.to, "SELECT seq FROM audit WHERE at_ms < $1 ORDER BY at_ms DESC, seq DESC LIMIT 1"),
    ] {
        let Some(time) = time else { continue };
        let found = sqlx::query(text).bind(time.0).fetch_optional(&mut *connection).await?;
        let Some(found) = found else { return Ok(None) };
        let seq = row::int(&found, "seq")?;
        if text.contains("DESC") {
            last = last.min(seq);
        } else {
            first = first.max(seq);
        }
    }
    match (filter.after, filter.order) {
        (Some(after), AuditOrder::NewestFirst) => last = last.min(after.saturating_sub(1)),
        (Some(after), AuditOrder::OldestFirst) => first = first.max(after.saturating_add(1)),
        (None, _) => {}
    }
    Ok((first <= last).then_some((first, last)))
}

/// Reads by the subject where there is one, else by the actor, else by the action, else by the sequence. The other conditions
/// are checked on what is read.
fn statement(filter: &AuditFilter, actions: &[AuditAction], unindexed: &str) -> String {
    let mut conditions = vec!["seq >= $1 AND seq <= $2".to_owned()];
    let mut n = 4;
    let mut plus = "";
    for (column, value) in [("subject_id", &filter.subject_id), ("actor_id", &filter.actor_id)] {
        if value.is_some() {
            conditions.push(format!("{plus}{column} = ${n}"));
            plus = unindexed;
            n += 1;
        }
    }
    if !actions.is_empty() {
        conditions.push(format!("{plus}action IN ({})", placeholders::list(n, actions.len())));
    }
    let direction = match filter.order {
        AuditOrder::NewestFirst => "DESC",
        AuditOrder::OldestFirst => "ASC",
    };
    let conditions = conditions.join(" AND ");
    format!("SELECT {COLUMNS} FROM audit WHERE {conditions} ORDER BY seq {direction} LIMIT $3")
}

async fn anchor(connection: &mut AnyConnection) -> Result<AuditAnchor, StoreError> {
    let found =
        sqlx::query("SELECT seq, hash FROM audit_anchor WHERE name = 'audit'").fetch_one(connection).await?;
    Ok(AuditAnchor { seq: row::int(&found, "seq")?, hash: row::text(&found, "hash")? })
}

fn entry(found: &AnyRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        seq: row::int(found, "seq")?,
        at: row::time(found, "at_ms")?,
        actor: Actor {
            kind: row::parsed(found, "actor", ActorKind::parse)?,
            id: row::optional_text(found, "actor_id")?,
            name: row::optional_text(found, "actor_name")?,
        },
        origin: AuditOrigin {
            door: row::parsed(found, "door", Door::parse)?,
            network: row::optional_text(found, "network")?,
        },
        action: row::parsed(found, "action", AuditAction::parse)?,
        subject_id: row::optional_text(found, "subject_id")?,
        details: row::json(found, "details_json")?,
        prev_hash: row::text(found, "prev_hash")?,
        hash: row::text(found, "hash")?,
    })
}
