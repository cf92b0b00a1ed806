//! SLA policies, and how tickets stand to them.

use desk::TicketSla;
use domain::{PriorityTargets, SlaHours, SlaPolicy, SlaTargets};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dates::iso;

/// The policies, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PoliciesJson {
    pub(crate) policies: Vec<PolicyJson>,
}

/// What customers are promised.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyJson {
    id: String,
    name: String,
    /// Its place: of the policies that fit a ticket the first one holds.
    position: i64,
    /// For which tickets it holds, in the filter language; empty for all.
    condition: String,
    targets: TargetsJson,
    /// The schedule in whose hours it counts; null where all time counts.
    schedule_id: Option<String>,
    /// When it warns, in percent of a target.
    warn_percent: u8,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// Targets by priority.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TargetsJson {
    low: TargetJson,
    normal: TargetJson,
    high: TargetJson,
    urgent: TargetJson,
}

/// Targets in minutes that count, up to 527040; what is null or left out is not promised.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TargetJson {
    first_reply_min: Option<u32>,
    next_reply_min: Option<u32>,
    resolution_min: Option<u32>,
}

/// How one clock of a ticket stands. A clock without a target stands there only where one was missed before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketSlaJson {
    /// `first_reply`, `next_reply` or `resolution`.
    metric: &'static str,
    /// `running`, `paused` or `fulfilled`.
    state: &'static str,
    /// Minutes that are promised, or were, where a target was missed and none holds any more.
    target_min: u32,
    /// When it is due, or was; null while it is paused with time left, and where nothing is promised any more.
    due_at: Option<String>,
    /// When it warns, or did, on the same terms.
    warn_at: Option<String>,
    /// When it warned.
    warned_at: Option<String>,
    /// When what was promised happened, in time or not.
    fulfilled_at: Option<String>,
    /// When the target was missed; it stays missed.
    breached_at: Option<String>,
    /// How often the clock was started: `next_reply` starts anew with each unanswered message.
    cycle: u32,
    /// In how many cycles the target was missed.
    n_breaches: u32,
}

impl TargetsJson {
    pub(crate) fn into_targets(self) -> PriorityTargets {
        let targets = |json: TargetJson| SlaTargets {
            first_reply_min: json.first_reply_min,
            next_reply_min: json.next_reply_min,
            resolution_min: json.resolution_min,
        };
        PriorityTargets {
            low: targets(self.low),
            normal: targets(self.normal),
            high: targets(self.high),
            urgent: targets(self.urgent),
        }
    }

    fn new(targets: &PriorityTargets) -> Self {
        let json = |targets: SlaTargets| TargetJson {
            first_reply_min: targets.first_reply_min,
            next_reply_min: targets.next_reply_min,
            resolution_min: targets.resolution_min,
        };
        Self {
            low: json(targets.low),
            normal: json(targets.normal),
            high: json(targets.high),
            urgent: json(targets.urgent),
        }
    }
}

impl PolicyJson {
    pub(crate) fn new(policy: &SlaPolicy) -> Self {
        Self {
            id: policy.id.to_string(),
            name: policy.name.clone(),
            position: policy.position,
            condition: policy.condition.to_string(),
            targets: TargetsJson::new(&policy.targets),
            schedule_id: match &policy.hours {
                SlaHours::WallTime => None,
                SlaHours::Schedule { schedule_id } => Some(schedule_id.to_string()),
            },
            warn_percent: policy.warn_percent.percent(),
            revision: policy.revision,
        }
    }
}

impl TicketSlaJson {
    pub(crate) fn new(sla: &TicketSla) -> Self {
        let state = match sla {
            TicketSla { fulfilled_at: Some(_), .. } => "fulfilled",
            TicketSla { is_paused: true, .. } => "paused",
            TicketSla { .. } => "running",
        };
        Self {
            metric: sla.metric.as_str(),
            state,
            target_min: sla.target_min,
            due_at: sla.due_at.map(iso),
            warn_at: sla.warn_at.map(iso),
            warned_at: sla.warned_at.map(iso),
            fulfilled_at: sla.fulfilled_at.map(iso),
            breached_at: sla.breached_at.map(iso),
            cycle: sla.cycle,
            n_breaches: sla.n_breaches,
        }
    }
}
