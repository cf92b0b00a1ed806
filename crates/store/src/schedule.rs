//! Schedules: when teams and agents work.

use domain::{Holidays, Schedule, ScheduleId, Timestamp, WeekHours, Zone};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx,
    placeholders::sql,
    row,
    tx::{inserted, updated},
};

const COLUMNS: &str = "id, name, zone, hours_json, holidays_json, revision";

/// Who works by a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingBy {
    /// The teams, by key.
    pub teams: Vec<String>,
    /// How many agents have it for themselves, and SLA policies count by it.
    pub n_others: i64,
}

impl Store {
    /// Every schedule, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_schedules(&self) -> Result<Vec<Schedule>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM schedules ORDER BY name, id");
        sqlx::query(sql(text)).fetch_all(&mut *self.reader().await?).await?.iter().map(schedule).collect()
    }

    /// A schedule.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_schedule(&self, id: &ScheduleId) -> Result<Option<Schedule>, StoreError> {
        find(&mut *self.reader().await?, id).await
    }
}

impl WriteTx {
    /// A schedule.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn schedule(&mut self, id: &ScheduleId) -> Result<Option<Schedule>, StoreError> {
        find(self.connection(), id).await
    }

    /// How many schedules there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count_schedules(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM schedules").fetch_one(self.connection()).await?;
        row::int(&row, "n")
    }

    /// Adds a schedule.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken.
    pub async fn insert_schedule(&mut self, schedule: &Schedule, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO schedules (id, name, zone, hours_json, holidays_json, revision, created_at_ms, \
             updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(schedule.id.as_str())
        .bind(schedule.name.as_str())
        .bind(schedule.zone.as_str())
        .bind(row::to_json(&schedule.hours)?)
        .bind(row::to_json(&schedule.holidays)?)
        .bind(schedule.revision)
        .bind(now.0)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this schedule is already there")
    }

    /// Changes a schedule.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn update_schedule(&mut self, schedule: &Schedule, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE schedules SET name = $2, zone = $3, hours_json = $4, holidays_json = $5, revision = $6, \
             updated_at_ms = $7 WHERE id = $1",
        )
        .bind(schedule.id.as_str())
        .bind(schedule.name.as_str())
        .bind(schedule.zone.as_str())
        .bind(row::to_json(&schedule.hours)?)
        .bind(row::to_json(&schedule.holidays)?)
        .bind(schedule.revision)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "schedule")
    }

    /// Who works by a schedule.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn who_works_by(&mut self, id: &ScheduleId) -> Result<WorkingBy, StoreError> {
        let teams = sqlx::query("SELECT team_key FROM team_routing WHERE schedule_id = $1 ORDER BY team_key")
            .bind(id.as_str())
            .fetch_all(self.connection())
            .await?;
        let others = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM agents WHERE schedule_id = $1) \
             + (SELECT COUNT(*) FROM sla_policies WHERE schedule_id = $1) AS n",
        )
        .bind(id.as_str())
        .fetch_one(self.connection())
        .await?;
        let teams = teams.iter().map(|found| row::text(found, "team_key")).collect::<Result<_, _>>()?;
        Ok(WorkingBy { teams, n_others: row::int(&others, "n")? })
    }

    /// Deletes a schedule that nobody works by.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there, [`StoreError::Conflict`] while an agent, a team or a policy has it.
    pub async fn delete_schedule(&mut self, id: &ScheduleId) -> Result<(), StoreError> {
        // Asked before, because on Postgres a refused statement ends the transaction.
        for (used, conflict) in [
            ("SELECT 1 AS n FROM agents WHERE schedule_id = $1 LIMIT 1", "an agent works by this schedule"),
            (
                "SELECT 1 AS n FROM team_routing WHERE schedule_id = $1 LIMIT 1",
                "a team works by this schedule",
            ),
            (
                "SELECT 1 AS n FROM sla_policies WHERE schedule_id = $1 LIMIT 1",
                "an SLA policy counts by this schedule",
            ),
        ] {
            let user = sqlx::query(used).bind(id.as_str()).fetch_optional(self.connection()).await?;
            if user.is_some() {
                return Err(StoreError::Conflict(conflict));
            }
        }
        let done = sqlx::query("DELETE FROM schedules WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "schedule")
    }
}

async fn find(connection: &mut AnyConnection, id: &ScheduleId) -> Result<Option<Schedule>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM schedules WHERE id = $1");
    let row = sqlx::query(sql(text)).bind(id.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(schedule).transpose()
}

pub(crate) fn schedule(row: &AnyRow) -> Result<Schedule, StoreError> {
    Ok(Schedule {
        id: ScheduleId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        zone: row::parsed(row, "zone", |name| Zone::parse(name).ok())?,
        hours: row::json::<WeekHours>(row, "hours_json")?,
        holidays: row::json::<Holidays>(row, "holidays_json")?,
        revision: row::int(row, "revision")?,
    })
}
