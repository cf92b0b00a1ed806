//! The terms by which a ticket is measured at some time: targets of its priority, and a calendar.

use std::sync::Arc;

use crate::{Priority, Schedule, SlaMetric, SlaPolicy, SlaTargets, Timestamp, WarnPercent};

const MINUTE_MS: i64 = 60_000;

/// Which time counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calendar {
    /// All of it.
    WallTime,
    /// That in which a schedule is open.
    Schedule(Arc<Schedule>),
}

impl Calendar {
    /// Milliseconds that count between two times; none when the second is not after the first.
    pub fn ms_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        match self {
            Self::WallTime => to.0.saturating_sub(from.0).max(0),
            Self::Schedule(schedule) => schedule.open_ms_between(from, to),
        }
    }

    /// The first time by which so many milliseconds have counted. Nothing when the schedule does not open for as long.
    pub fn after_ms(&self, from: Timestamp, ms: i64) -> Option<Timestamp> {
        match self {
            Self::WallTime => Some(Timestamp(from.0.saturating_add(ms.max(0)))),
            Self::Schedule(schedule) => schedule.after_open_ms(from, ms),
        }
    }
}

/// The terms of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaTerms {
    /// The targets of its policy for its priority.
    pub targets: SlaTargets,
    /// When to warn.
    pub warn_percent: WarnPercent,
    /// Which time counts.
    pub calendar: Calendar,
}

impl SlaTerms {
    /// The terms of a ticket for which no policy holds.
    pub fn none() -> Self {
        Self {
            targets: SlaTargets::default(),
            warn_percent: WarnPercent::default(),
            calendar: Calendar::WallTime,
        }
    }

    /// The terms of a policy for a priority, by a calendar.
    pub fn of(policy: &SlaPolicy, priority: Priority, calendar: Calendar) -> Self {
        Self { targets: policy.targets.of(priority), warn_percent: policy.warn_percent, calendar }
    }

    /// The target of a metric in milliseconds that count.
    pub(super) fn target_ms(&self, metric: SlaMetric) -> Option<i64> {
        self.targets.of(metric).map(|minutes| i64::from(minutes) * MINUTE_MS)
    }

    /// After how many milliseconds a metric warns.
    pub(super) fn warn_ms(&self, metric: SlaMetric) -> Option<i64> {
        self.target_ms(metric).map(|target_ms| target_ms / 100 * i64::from(self.warn_percent.percent()))
    }
}
