//! Policies: for which tickets which targets hold.

use serde::{Deserialize, Serialize};

use crate::{Filter, Priority, ScheduleId, SlaPolicyId};

/// Longest target, in minutes: a year. What takes longer is no promise.
pub const SLA_TARGET_MIN_MAX: u32 = 366 * 24 * 60;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaMetric {
    /// From opening to the first public reply of an agent.
    FirstReply,
    /// From a customer's message to the next public reply.
    NextReply,
    /// From opening to solving.
    Resolution,
}

impl SlaMetric {
    /// Every metric, in the order of a ticket's life.
    pub const ALL: [Self; 3] = [Self::FirstReply, Self::NextReply, Self::Resolution];

    /// The metric as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstReply => "first_reply",
            Self::NextReply => "next_reply",
            Self::Resolution => "resolution",
        }
    }

    /// Parses a stored metric.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == text)
    }
}

/// Targets for tickets of one priority, in minutes; what is absent is not promised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlaTargets {
    /// Until the first reply.
    pub first_reply_min: Option<u32>,
    /// Until the next reply.
    pub next_reply_min: Option<u32>,
    /// Until it is solved.
    pub resolution_min: Option<u32>,
}

impl SlaTargets {
    /// The target of a metric, in minutes.
    pub fn of(&self, metric: SlaMetric) -> Option<u32> {
        match metric {
            SlaMetric::FirstReply => self.first_reply_min,
            SlaMetric::NextReply => self.next_reply_min,
            SlaMetric::Resolution => self.resolution_min,
        }
    }
}

/// Targets for each priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PriorityTargets {
    /// For what can wait.
    pub low: SlaTargets,
    /// For the usual.
    pub normal: SlaTargets,
    /// For what comes before the others.
    pub high: SlaTargets,
    /// For what is wanted now.
    pub urgent: SlaTargets,
}

impl PriorityTargets {
    /// The targets of a priority.
    pub fn of(&self, priority: Priority) -> SlaTargets {
        match priority {
            Priority::Low => self.low,
            Priority::Normal => self.normal,
            Priority::High => self.high,
            Priority::Urgent => self.urgent,
        }
    }

    /// The same targets, when each is one.
    ///
    /// # Errors
    /// [`InvalidSlaPolicy`] for a target of nothing or of more than a year, and when there is none at all.
    pub fn checked(self) -> Result<Self, InvalidSlaPolicy> {
        let mut n_targets = 0;
        for priority in Priority::ALL {
            for metric in SlaMetric::ALL {
                let Some(minutes) = self.of(priority).of(metric) else { continue };
                n_targets += 1;
                if !(1..=SLA_TARGET_MIN_MAX).contains(&minutes) {
                    return Err(InvalidSlaPolicy::Target { priority, metric });
                }
            }
        }
        if n_targets == 0 { Err(InvalidSlaPolicy::NoTarget) } else { Ok(self) }
    }
}

/// When a clock warns, in percent of its target: 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct WarnPercent(u8);

impl WarnPercent {
    /// A share of 1 to 99 percent.
    ///
    /// # Errors
    /// [`InvalidSlaPolicy::WarnPercent`] for any other.
    pub fn new(percent: u8) -> Result<Self, InvalidSlaPolicy> {
        if (1..=99).contains(&percent) { Ok(Self(percent)) } else { Err(InvalidSlaPolicy::WarnPercent) }
    }

    /// The share in percent.
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl Default for WarnPercent {
    /// A fifth of the time is left.
    fn default() -> Self {
        Self(80)
    }
}

impl TryFrom<u8> for WarnPercent {
    type Error = InvalidSlaPolicy;
    fn try_from(percent: u8) -> Result<Self, InvalidSlaPolicy> {
        Self::new(percent)
    }
}

impl From<WarnPercent> for u8 {
    fn from(percent: WarnPercent) -> Self {
        percent.0
    }
}

/// By which time a policy counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum SlaHours {
    /// All time counts.
    WallTime,
    /// Only the time in which a schedule is open.
    Schedule {
        /// Which one.
        schedule_id: ScheduleId,
    },
}

/// Why something is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSlaPolicy {
    /// A target that is none.
    #[error("the {} of {} tickets: 1 to {SLA_TARGET_MIN_MAX} minutes", .metric.as_str(), .priority.as_str())]
    Target {
        /// Of which priority.
        priority: Priority,
        /// Of which metric.
        metric: SlaMetric,
    },
    /// No target at all.
    #[error("a policy has at least one target")]
    NoTarget,
    /// A share that is none.
    #[error("the share at which to warn is 1 to 99 percent")]
    WarnPercent,
    /// A condition that means something else for everybody who asks.
    #[error("a policy is the same for everybody: name a person or a team instead of me or mine")]
    DependsOnReader,
    /// A condition on what it decides itself.
    #[error("a policy decides what sla and due say: ask for something else")]
    DependsOnSla,
}

/// What customers are promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaPolicy {
    /// Its id.
    pub id: SlaPolicyId,
    /// What people call it.
    pub name: String,
    /// Its place: of the policies that fit a ticket the first one holds.
    pub position: i64,
    /// For which tickets it holds.
    pub condition: Filter,
    /// Its targets.
    pub targets: PriorityTargets,
    /// By which time it counts.
    pub hours: SlaHours,
    /// When to warn.
    pub warn_percent: WarnPercent,
    /// Counts its changes, from 1.
    pub revision: i64,
}

impl SlaPolicy {
    /// The same condition, when it means the same for everybody, and does not ask for what policies decide.
    ///
    /// # Errors
    /// [`InvalidSlaPolicy::DependsOnReader`] for one with `me` or `mine`, [`InvalidSlaPolicy::DependsOnSla`] for one with `sla` or
    /// `due`.
    pub fn checked_condition(condition: Filter) -> Result<Filter, InvalidSlaPolicy> {
        if condition.depends_on_reader() {
            return Err(InvalidSlaPolicy::DependsOnReader);
        }
        if condition.asks_for_sla() { Err(InvalidSlaPolicy::DependsOnSla) } else { Ok(condition) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_bounded_and_at_least_one() {
        let of = |minutes| PriorityTargets {
            high: SlaTargets { resolution_min: Some(minutes), ..SlaTargets::default() },
            ..PriorityTargets::default()
        };
        assert_eq!(of(60).checked(), Ok(of(60)));
        let refused = of(0).checked().unwrap_err().to_string();
        assert_eq!(refused, "the resolution of high tickets: 1 to 527040 minutes");
        assert!(of(SLA_TARGET_MIN_MAX + 1).checked().is_err());
        assert_eq!(PriorityTargets::default().checked(), Err(InvalidSlaPolicy::NoTarget));
    }

    #[test]
    fn targets_are_stored_as_they_are_written() {
        let json = r#"{"normal":{"first_reply_min":60}}"#;
        let targets: PriorityTargets = serde_json::from_str(json).unwrap();
        assert_eq!(targets.of(Priority::Normal).of(SlaMetric::FirstReply), Some(60));
        let again = serde_json::from_str(&serde_json::to_string(&targets).unwrap());
        assert_eq!(again.ok(), Some(targets));
        for (wrong, part) in [
            (json.replace("normal", "usual"), "unknown field `usual`"),
            (json.replace("first_reply_min", "first"), "unknown field `first`"),
        ] {
            let error = serde_json::from_str::<PriorityTargets>(&wrong).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(serde_json::from_str::<WarnPercent>("100").is_err());
    }

    #[test]
    fn a_condition_means_the_same_for_everybody() {
        for (text, is_good) in [
            ("priority>=high tag:vip", true),
            ("", true),
            ("team:billing", true),
            ("tag:vip or -(team:mine)", false),
            ("assignee:me", false),
        ] {
            let condition: Filter = text.parse().unwrap();
            assert_eq!(SlaPolicy::checked_condition(condition).is_ok(), is_good, "{text}");
        }
    }
}
