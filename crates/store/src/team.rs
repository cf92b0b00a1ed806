//! Teams and who is in them.

use std::collections::BTreeSet;

use domain::{Team, Timestamp, UserId};
use sqlx::any::AnyRow;

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::sql,
    row,
    tx::{inserted, updated},
};

/// What is shared with a team and keeps it, and how that is said.
const SHARED: [(&str, &str); 3] = [
    (
        "SELECT id FROM views WHERE team_key = $1 LIMIT 1",
        "the team has views; delete them or share them otherwise first",
    ),
    (
        "SELECT id FROM canned_replies WHERE team_key = $1 LIMIT 1",
        "the team has canned replies; delete them or share them otherwise first",
    ),
    (
        "SELECT id FROM macros WHERE team_key = $1 LIMIT 1",
        "the team has macros; delete them or share them otherwise first",
    ),
];

impl Store {
    /// Every team, by key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_teams(&self) -> Result<Vec<Team>, StoreError> {
        let query = sqlx::query("SELECT team_key, name, created_at_ms FROM teams ORDER BY team_key");
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(team).collect()
    }

    /// Who is in which team: pairs of a team's key and a person, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_team_members(&self) -> Result<Vec<(String, UserId)>, StoreError> {
        let query = sqlx::query("SELECT team_key, user_id FROM team_members ORDER BY team_key, user_id");
        let rows = query.fetch_all(&mut *self.reader().await?).await?;
        rows.iter()
            .map(|row| Ok((row::text(row, "team_key")?, UserId::new(row::text(row, "user_id")?))))
            .collect()
    }

    /// The teams a person is in, by key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn teams_of(&self, user_id: &UserId) -> Result<BTreeSet<String>, StoreError> {
        let rows = sqlx::query("SELECT team_key FROM team_members WHERE user_id = $1 ORDER BY team_key")
            .bind(user_id.as_str())
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|row| row::text(row, "team_key")).collect()
    }
}

impl WriteTx {
    /// A team.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn team(&mut self, key: &str) -> Result<Option<Team>, StoreError> {
        let row = sqlx::query("SELECT team_key, name, created_at_ms FROM teams WHERE team_key = $1")
            .bind(key)
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(team).transpose()
    }

    /// The team that was made first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn oldest_team(&mut self) -> Result<Option<Team>, StoreError> {
        let text = "SELECT team_key, name, created_at_ms FROM teams ORDER BY created_at_ms, team_key LIMIT 1";
        sqlx::query(text).fetch_optional(self.connection()).await?.as_ref().map(team).transpose()
    }

    /// How many teams there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_teams(&mut self) -> Result<i64, StoreError> {
        let query = sqlx::query("SELECT COUNT(*) AS n FROM teams");
        row::int(&query.fetch_one(self.connection()).await?, "n")
    }

    /// Adds a team.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its key is taken.
    pub async fn insert_team(&mut self, team: &Team) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO teams (team_key, name, created_at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(team.key.as_str())
        .bind(team.name.as_str())
        .bind(team.created_at.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "there is a team with this key")
    }

    /// Makes sure that a ticket's team is there, under its key as a name: hand-overs name teams from the configuration.
    pub(crate) async fn ensure_team(&mut self, key: &str, now: Timestamp) -> Result<(), StoreError> {
        let known = Team { key: key.to_owned(), name: key.to_owned(), created_at: now };
        match self.insert_team(&known).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives a team another name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn rename_team(&mut self, key: &str, name: &str) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE teams SET name = $2 WHERE team_key = $1")
            .bind(key)
            .bind(name)
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "team")
    }

    /// Deletes a team, its memberships and its settings.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Conflict`] while it has tickets, views, canned replies or
    /// macros.
    pub async fn delete_team(&mut self, key: &str) -> Result<(), StoreError> {
        let text = format!("{} LIMIT 1", archive::everywhere("SELECT id FROM tickets WHERE team = $1"));
        let ticket = sqlx::query(sql(text)).bind(key).fetch_optional(self.connection()).await?;
        if ticket.is_some() {
            return Err(StoreError::Conflict(
                "the team has tickets, perhaps in the archive; move them to another one first",
            ));
        }
        for (shared, refusal) in SHARED {
            let found = sqlx::query(shared).bind(key).fetch_optional(self.connection()).await?;
            if found.is_some() {
                return Err(StoreError::Conflict(refusal));
            }
        }
        sqlx::query("DELETE FROM team_members WHERE team_key = $1")
            .bind(key)
            .execute(self.connection())
            .await?;
        sqlx::query("DELETE FROM team_routing WHERE team_key = $1")
            .bind(key)
            .execute(self.connection())
            .await?;
        let done =
            sqlx::query("DELETE FROM teams WHERE team_key = $1").bind(key).execute(self.connection()).await?;
        updated(done.rows_affected(), "team")
    }

    /// Puts a person into a team; who is in it stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the team or the person.
    pub async fn add_team_member(&mut self, key: &str, user_id: &UserId) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO team_members (team_key, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(user_id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Takes a person out of a team; who is not in it stays out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remove_team_member(&mut self, key: &str, user_id: &UserId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM team_members WHERE team_key = $1 AND user_id = $2")
            .bind(key)
            .bind(user_id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn team(row: &AnyRow) -> Result<Team, StoreError> {
    Ok(Team {
        key: row::text(row, "team_key")?,
        name: row::text(row, "name")?,
        created_at: row::time(row, "created_at_ms")?,
    })
}
