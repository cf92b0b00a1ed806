//! Saved lists of tickets.

use std::collections::BTreeSet;

use domain::{Filter, TicketGroup, TicketSort, UserId, View, ViewId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    row,
    sharing::{self, Had},
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, name, filter, sort, group_by, columns_json, sharing, owner_id, team_key, position, \
     created_at_ms, updated_at_ms, revision";

impl Store {
    /// The views that somebody has: everybody's, those of their teams, their own; by position.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_views(
        &self,
        me: Option<&UserId>,
        teams: &BTreeSet<String>,
        limit: usize,
    ) -> Result<Vec<View>, StoreError> {
        let had = Had::by(me, teams);
        let condition = had.condition(3);
        let text = format!("SELECT {COLUMNS} FROM views WHERE {condition} ORDER BY position, id LIMIT $2");
        let query = had.bind_teams(sqlx::query(sql(text)).bind(had.me()).bind(row::to_int(limit)));
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(view).collect()
    }

    /// A view, whoever has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_view(&self, id: &ViewId) -> Result<Option<View>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM views WHERE id = $1");
        let query = sqlx::query(sql(text)).bind(id.as_str());
        query.fetch_optional(&mut *self.reader().await?).await?.as_ref().map(view).transpose()
    }
}

impl WriteTx {
    /// A view, whoever has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn view(&mut self, id: &ViewId) -> Result<Option<View>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM views WHERE id = $1");
        let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(view).transpose()
    }

    /// Adds a view.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is already there, [`StoreError::NotFound`] without its owner or team.
    pub async fn insert_view(&mut self, view: &View) -> Result<(), StoreError> {
        let (sharing, owner_id, team_key) = sharing::columns(&view.sharing);
        let done = sqlx::query(
            "INSERT INTO views (id, name, filter, sort, group_by, columns_json, sharing, owner_id, team_key, \
             position, created_at_ms, updated_at_ms, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
        )
        .bind(view.id.as_str())
        .bind(view.name.as_str())
        .bind(view.filter.to_string())
        .bind(view.sort.as_str())
        .bind(view.group_by.map(TicketGroup::as_str))
        .bind(row::to_json(&view.columns)?)
        .bind(sharing)
        .bind(owner_id)
        .bind(team_key)
        .bind(view.position)
        .bind(view.created_at.0)
        .bind(view.updated_at.0)
        .bind(view.revision)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this view is already there")
    }

    /// Changes a view.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it, its owner or its team is not there.
    pub async fn update_view(&mut self, view: &View) -> Result<(), StoreError> {
        let (sharing, owner_id, team_key) = sharing::columns(&view.sharing);
        let done = sqlx::query(
            "UPDATE views SET name = $2, filter = $3, sort = $4, group_by = $5, columns_json = $6, sharing = $7, \
             owner_id = $8, team_key = $9, position = $10, updated_at_ms = $11, revision = $12 WHERE id = $1",
        )
        .bind(view.id.as_str())
        .bind(view.name.as_str())
        .bind(view.filter.to_string())
        .bind(view.sort.as_str())
        .bind(view.group_by.map(TicketGroup::as_str))
        .bind(row::to_json(&view.columns)?)
        .bind(sharing)
        .bind(owner_id)
        .bind(team_key)
        .bind(view.position)
        .bind(view.updated_at.0)
        .bind(view.revision)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "view")
    }

    /// Deletes a view.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_view(&mut self, id: &ViewId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM views WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "view")
    }
}

fn view(row: &AnyRow) -> Result<View, StoreError> {
    let group_by = match row::optional_text(row, "group_by")? {
        None => None,
        Some(_) => Some(row::parsed(row, "group_by", TicketGroup::parse)?),
    };
    Ok(View {
        id: ViewId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        filter: row::parsed(row, "filter", |text| text.parse::<Filter>().ok())?,
        sort: row::parsed(row, "sort", TicketSort::parse)?,
        group_by,
        columns: row::json(row, "columns_json")?,
        sharing: sharing::of(row)?,
        position: row::int(row, "position")?,
        created_at: row::time(row, "created_at_ms")?,
        updated_at: row::time(row, "updated_at_ms")?,
        revision: row::int(row, "revision")?,
    })
}
