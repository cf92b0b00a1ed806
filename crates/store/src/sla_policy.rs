//! SLA policies, in their order.

use domain::{PriorityTargets, ScheduleId, SlaHours, SlaPolicy, SlaPolicyId, Timestamp, WarnPercent};
use sqlx::{AnyConnection, any::AnyRow};

use crate::{
    Store, StoreError, WriteTx, archive,
    placeholders::sql,
    row,
    tx::{inserted, updated},
};

impl Store {
    /// Every policy, in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list_sla_policies(&self) -> Result<Vec<SlaPolicy>, StoreError> {
        list(&mut *self.reader().await?).await
    }
}

impl WriteTx {
    /// Every policy, in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sla_policies(&mut self) -> Result<Vec<SlaPolicy>, StoreError> {
        list(self.connection()).await
    }

    /// Adds a policy.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id is taken, [`StoreError::NotFound`] without its schedule.
    pub async fn insert_sla_policy(&mut self, policy: &SlaPolicy, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO sla_policies (id, name, position, condition, targets_json, schedule_id, warn_percent, \
             revision, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT DO NOTHING",
        )
        .bind(policy.id.as_str())
        .bind(policy.name.as_str())
        .bind(policy.position)
        .bind(policy.condition.to_string())
        .bind(row::to_json(&policy.targets)?)
        .bind(schedule_id(&policy.hours))
        .bind(i64::from(policy.warn_percent.percent()))
        .bind(policy.revision)
        .bind(now.0)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        inserted(done.rows_affected(), "this policy is already there")
    }

    /// Changes a policy.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it, or its schedule, is not there.
    pub async fn update_sla_policy(&mut self, policy: &SlaPolicy, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE sla_policies SET name = $2, position = $3, condition = $4, targets_json = $5, \
             schedule_id = $6, warn_percent = $7, revision = $8, updated_at_ms = $9 WHERE id = $1",
        )
        .bind(policy.id.as_str())
        .bind(policy.name.as_str())
        .bind(policy.position)
        .bind(policy.condition.to_string())
        .bind(row::to_json(&policy.targets)?)
        .bind(schedule_id(&policy.hours))
        .bind(i64::from(policy.warn_percent.percent()))
        .bind(policy.revision)
        .bind(now.0)
        .execute(self.connection())
        .await?;
        updated(done.rows_affected(), "policy")
    }

    /// Deletes a policy. Clocks that were read by it are looked at again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not there.
    pub async fn delete_sla_policy(&mut self, id: &SlaPolicyId) -> Result<(), StoreError> {
        self.recheck_sla_clocks_of_policy(id).await?;
        let release = "UPDATE sla_clocks SET policy_id = NULL WHERE policy_id = $1";
        for text in [release.to_owned(), archive::archived(release)] {
            sqlx::query(sql(text)).bind(id.as_str()).execute(self.connection()).await?;
        }
        let done = sqlx::query("DELETE FROM sla_policies WHERE id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        updated(done.rows_affected(), "policy")
    }

    /// Lets the worker look at the clocks of unsolved tickets for which a policy holds.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn recheck_sla_clocks_of_policy(&mut self, id: &SlaPolicyId) -> Result<(), StoreError> {
        sqlx::query("UPDATE sla_clocks SET next_at_ms = 0 WHERE policy_id = $1 AND is_open = 1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Lets the worker look at the clocks of unsolved tickets that are counted by a schedule.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn recheck_sla_clocks_of_schedule(&mut self, id: &ScheduleId) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sla_clocks SET next_at_ms = 0 \
             WHERE policy_id IN (SELECT id FROM sla_policies WHERE schedule_id = $1) AND is_open = 1",
        )
        .bind(id.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn schedule_id(hours: &SlaHours) -> Option<&str> {
    match hours {
        SlaHours::WallTime => None,
        SlaHours::Schedule { schedule_id } => Some(schedule_id.as_str()),
    }
}

async fn list(connection: &mut AnyConnection) -> Result<Vec<SlaPolicy>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, name, position, condition, targets_json, schedule_id, warn_percent, revision \
         FROM sla_policies ORDER BY position, id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(policy).collect()
}

fn policy(row: &AnyRow) -> Result<SlaPolicy, StoreError> {
    let schedule_id = row::optional_text(row, "schedule_id")?.map(ScheduleId::new);
    Ok(SlaPolicy {
        id: SlaPolicyId::new(row::text(row, "id")?),
        name: row::text(row, "name")?,
        position: row::int(row, "position")?,
        condition: row::parsed(row, "condition", |text| text.parse().ok())?,
        targets: row::json::<PriorityTargets>(row, "targets_json")?,
        hours: schedule_id.map_or(SlaHours::WallTime, |schedule_id| SlaHours::Schedule { schedule_id }),
        warn_percent: WarnPercent::new(row::number(row, "warn_percent")?).unwrap_or_default(),
        revision: row::int(row, "revision")?,
    })
}
