//! Macros.

use std::collections::BTreeSet;

use domain::{Actions, ActionsOf, MacroId, TicketMacro, Timestamp, UserId};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    canned_reply::usage,
    placeholders::sql,
    row,
    sharing::{self, Had},
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, name, actions_json, sharing, owner_id, team_key, position, n_used, last_used_at_ms, \
     created_at_ms, updated_at_ms, revision";

impl Store {
    /// The macros that somebody has: everybody's, those of their teams, their own; by position.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_macros(
        &self,
        me: Option<&UserId>,
        teams: &BTreeSet<String>,
        limit: usize,
    ) -> Result<Vec<TicketMacro>, StoreError> {
        let had = Had::by(me, teams);
        let condition = had.condition(3);
        let text = format!("SELECT {COLUMNS} FROM macros WHERE {condition} ORDER BY position, id LIMIT $2");
        let query = had.bind_teams(sqlx::query(sql(text)).bind(had.me()).bind(row::to_int(limit)));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(ticket_macro).collect()
    }

    /// A macro, whoever has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_macro(&self, id: &MacroId) -> Result<Option<TicketMacro>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM macros WHERE id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        query.fetch_optional(&mut *self.reader().await?).await?.as_ref().map(ticket_macro).transpose()
    }
}

impl WriteTx {
    /// A macro, whoever has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ticket_macro(&mut self, id: &MacroId) -> Result<Option<TicketMacro>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM macros WHERE id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(ticket_macro).transpose()
    }

    /// Adds a macro.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there, [`StoreError::NotFound`] without its owner or team.
    pub async fn insert_macro(&mut self, new: &TicketMacro) -> Result<(), StoreError> {
        let (sharing, owner_id, team_key) = sharing::columns(&new.sharing);
        let done = sqlx::query(
            "INSERT INTO macros (id, name, actions_json, sharing, owner_id, team_key, position, n_used, \
             last_used_at_ms, created_at_ms, updated_at_ms, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
        )
        .bind(new.id.as_str())
        .bind(new.name.as_str())
        .bind(row::to_json(&new.actions.to_json())?)
        .bind(sharing)
        .bind(owner_id)
        .bind(team_key)
        .bind(new.position)
        .bind(new.usage.n)
        .bind(new.usage.last_at.map(|at| at.0))
        .bind(new.created_at.0)
        .bind(new.updated_at.0)
        .bind(new.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this macro is already there")
    }

    /// Changes a macro; how often it was run stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it, its owner or its team is not there.
    pub async fn update_macro(&mut self, changed: &TicketMacro) -> Result<(), StoreError> {
        let (sharing, owner_id, team_key) = sharing::columns(&changed.sharing);
        let done = sqlx::query(
            "UPDATE macros SET name = $2, actions_json = $3, sharing = $4, owner_id = $5, team_key = $6, \
             position = $7, updated_at_ms = $8, revision = $9 WHERE id = $1",
        )
        .bind(changed.id.as_str())
        .bind(changed.name.as_str())
        .bind(row::to_json(&changed.actions.to_json())?)
        .bind(sharing)
        .bind(owner_id)
        .bind(team_key)
        .bind(changed.position)
        .bind(changed.updated_at.0)
        .bind(changed.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "macro")
    }

    /// Counts that a macro was run.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn count_macro(&mut self, id: &MacroId, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE macros SET n_used = n_used + 1, last_used_at_ms = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(now.0)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "macro")
    }

    /// Deletes a macro.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_macro(&mut self, id: &MacroId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM macros WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "macro")
    }
}

fn ticket_macro(row: &AnyRow) -> Result<TicketMacro, StoreError> {
    Ok(TicketMacro {
        id: MacroId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        actions: actions(row, ActionsOf::Macro)?,
        sharing: sharing::of(row)?,
        position: row::int(row, "position")?,
        usage: usage(row)?,
        created_at: row::time(row, "created_at_ms")?,
        updated_at: row::time(row, "updated_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}

/// The column `actions_json`.
pub(crate) fn actions(row: &AnyRow, of: ActionsOf) -> Result<Actions, StoreError> {
    row::parsed(row, "actions_json", |text| {
        let list: Vec<Value> = serde_json::from_str(text).ok()?;
        Actions::parse(&list, of).ok()
    })
}
