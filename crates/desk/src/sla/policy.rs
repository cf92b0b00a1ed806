//! SLA policies: made, changed, ordered and deleted by admins.

use std::collections::BTreeSet;

use domain::{
    AuditAction, InvalidSlaPolicy, Principal, PriorityTargets, ScheduleId, Scope, SlaHours, SlaPolicy,
    SlaPolicyId, WarnPercent,
};
use serde_json::json;
use store::WriteTx;

use crate::{Desk, DeskError, filter::check_kept_filter, input};

/// Longest name of a policy, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Most policies: their conditions are tried one after the other whenever a ticket changes.
const POLICIES_MAX: usize = 50;

/// A policy as people write it.
#[derive(Debug, Clone)]
pub struct SlaPolicyInput {
    /// What people call it.
    pub name: String,
    /// For which tickets it holds, in the filter language; empty for all.
    pub condition: String,
    /// Its targets.
    pub targets: PriorityTargets,
    /// The schedule in whose hours it counts; all time counts when absent.
    pub schedule_id: Option<ScheduleId>,
    /// When to warn, in percent of a target; 80 when absent.
    pub warn_percent: Option<u8>,
}

impl Desk {
    /// The policies, in their order.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`.
    pub async fn list_sla_policies(&self, principal: &Principal) -> Result<Vec<SlaPolicy>, DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        Ok(self.0.store.list_sla_policies().await?)
    }

    /// Makes a policy, behind the others. It holds for a ticket from the ticket's next change on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::Invalid`], [`DeskError::Conflict`]
    /// when there are 50.
    pub async fn create_sla_policy(
        &self,
        principal: &Principal,
        new: SlaPolicyInput,
    ) -> Result<SlaPolicy, DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        let others = tx.sla_policies().await?;
        if others.len() >= POLICIES_MAX {
            return Err(DeskError::Conflict(format!("there are {POLICIES_MAX} policies already")));
        }
        let id = SlaPolicyId::new(self.id());
        let position = others.last().map_or(1, |last| last.position + 1);
        let policy = checked(&mut tx, id, position, 1, new).await?;
        tx.insert_sla_policy(&policy, self.now()).await?;
        tx.record(AuditAction::SlaPolicyCreated, &policy.id, json!({}));
        tx.commit().await?;
        Ok(policy)
    }

    /// Changes a policy; its place stays. The clocks of unsolved tickets for which it holds are read anew.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::NotFound`], [`DeskError::Stale`],
    /// [`DeskError::Invalid`].
    pub async fn change_sla_policy(
        &self,
        principal: &Principal,
        id: &SlaPolicyId,
        change: SlaPolicyInput,
        expected_revision: Option<i64>,
    ) -> Result<SlaPolicy, DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        let before = find(&mut tx, id).await?;
        input::revision(expected_revision, before.revision)?;
        let policy = checked(&mut tx, before.id, before.position, before.revision + 1, change).await?;
        tx.update_sla_policy(&policy, self.now()).await?;
        tx.record(AuditAction::SlaPolicyChanged, id, json!({}));
        tx.recheck_sla_clocks_of_policy(id).await?;
        tx.commit().await?;
        Ok(policy)
    }

    /// Deletes a policy. Its tickets get the next one that fits them, if there is one.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::NotFound`].
    pub async fn delete_sla_policy(&self, principal: &Principal, id: &SlaPolicyId) -> Result<(), DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        tx.delete_sla_policy(id).await?;
        tx.record(AuditAction::SlaPolicyDeleted, id, json!({}));
        tx.commit().await
    }

    /// Puts the policies into another order: of those that fit a ticket the first one holds, from its next change on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`], [`DeskError::Invalid`] unless each policy is
    /// named once.
    pub async fn order_sla_policies(
        &self,
        principal: &Principal,
        ids: &[SlaPolicyId],
    ) -> Result<Vec<SlaPolicy>, DeskError> {
        Self::require_settings(principal)?;
        let mut tx = self.begin(principal).await?;
        let policies = tx.sla_policies().await?;
        let known: BTreeSet<&SlaPolicyId> = policies.iter().map(|policy| &policy.id).collect();
        let named: BTreeSet<&SlaPolicyId> = ids.iter().collect();
        if named != known || ids.len() != policies.len() {
            return Err(DeskError::invalid("ids", "name each policy once"));
        }
        let mut ordered = vec![];
        for (position, id) in (1..).zip(ids) {
            let Some(policy) = policies.iter().find(|policy| policy.id == *id) else { continue };
            let revision = policy.revision + i64::from(policy.position != position);
            let policy = SlaPolicy { position, revision, ..policy.clone() };
            tx.update_sla_policy(&policy, self.now()).await?;
            ordered.push(policy);
        }
        tx.record_alone(AuditAction::SlaPolicyOrdered, json!({ "ids": ids }));
        tx.commit().await?;
        Ok(ordered)
    }
}

async fn find(tx: &mut WriteTx, id: &SlaPolicyId) -> Result<SlaPolicy, DeskError> {
    let policies = tx.sla_policies().await?;
    policies.into_iter().find(|policy| policy.id == *id).ok_or(DeskError::NotFound)
}

async fn checked(
    tx: &mut WriteTx,
    id: SlaPolicyId,
    position: i64,
    revision: i64,
    input: SlaPolicyInput,
) -> Result<SlaPolicy, DeskError> {
    let condition = crate::filter("condition", &input.condition)?;
    check_kept_filter(tx, "condition", &condition).await?;
    let hours = match input.schedule_id {
        None => SlaHours::WallTime,
        Some(schedule_id) => {
            if tx.schedule(&schedule_id).await?.is_none() {
                return Err(DeskError::invalid("schedule_id", "there is no such schedule"));
            }
            SlaHours::Schedule { schedule_id }
        }
    };
    let warn_percent = input.warn_percent.map(WarnPercent::new).transpose().map_err(refused)?;
    Ok(SlaPolicy {
        id,
        name: input::text("name", &input.name, NAME_BYTES_MAX)?.to_owned(),
        position,
        condition: SlaPolicy::checked_condition(condition).map_err(refused)?,
        targets: input.targets.checked().map_err(refused)?,
        hours,
        warn_percent: warn_percent.unwrap_or_default(),
        revision,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn refused(error: InvalidSlaPolicy) -> DeskError {
    let field = match error {
        InvalidSlaPolicy::Target { .. } | InvalidSlaPolicy::NoTarget => "targets",
        InvalidSlaPolicy::WarnPercent => "warn_percent",
        InvalidSlaPolicy::DependsOnReader | InvalidSlaPolicy::DependsOnSla => "condition",
    };
    DeskError::invalid(field, error.to_string())
}
