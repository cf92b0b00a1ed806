//! What is stored of a ticket's clocks, and how a clock reads.

use serde::{Deserialize, Serialize};

use crate::{SlaMetric, SlaTimer, TicketStatus, Timestamp};

/// What a ticket's status means for its clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaPhase {
    /// The team has it: new or open.
    Active,
    /// Somebody else has it: pending or on hold.
    Waiting,
    /// It is solved or closed.
    Done,
}

impl SlaPhase {
    /// The phase of a status.
    pub fn of(status: TicketStatus) -> Self {
        match status {
            TicketStatus::New | TicketStatus::Open => Self::Active,
            TicketStatus::Pending | TicketStatus::OnHold => Self::Waiting,
            TicketStatus::Solved | TicketStatus::Closed => Self::Done,
        }
    }
}

/// The clocks of a ticket, as they are stored. Without terms: those are read anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaState {
    /// What its status means.
    pub phase: SlaPhase,
    /// Up to when all warnings and misses are noted. Time never goes back behind it.
    pub noted_until: Timestamp,
    /// Until the first reply.
    pub first_reply: SlaTimer,
    /// Until the next reply.
    pub next_reply: SlaTimer,
    /// Until it is solved.
    pub resolution: SlaTimer,
}

impl SlaState {
    /// The clock of a metric.
    pub fn timer(&self, metric: SlaMetric) -> &SlaTimer {
        match metric {
            SlaMetric::FirstReply => &self.first_reply,
            SlaMetric::NextReply => &self.next_reply,
            SlaMetric::Resolution => &self.resolution,
        }
    }

    pub(super) fn timer_mut(&mut self, metric: SlaMetric) -> &mut SlaTimer {
        match metric {
            SlaMetric::FirstReply => &mut self.first_reply,
            SlaMetric::NextReply => &mut self.next_reply,
            SlaMetric::Resolution => &mut self.resolution,
        }
    }
}

/// Whether a target is warned of or missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaSignalKind {
    /// The share of the target at which to warn is used.
    Warned,
    /// The target is missed.
    Breached,
}

/// Something that a clock says, once in each cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlaSignal {
    /// When it became true.
    pub at: Timestamp,
    /// Which clock.
    pub metric: SlaMetric,
    /// In which of its cycles.
    pub cycle: u32,
    /// What.
    pub kind: SlaSignalKind,
}

/// How a clock reads that has a target, or had one and missed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaReading {
    /// Which clock.
    pub metric: SlaMetric,
    /// In which of its cycles.
    pub cycle: u32,
    /// Its target in minutes, or the last that held.
    pub target_min: u32,
    /// Whether the target holds now.
    pub is_promised: bool,
    /// Milliseconds that were used.
    pub used_ms: i64,
    /// When it is due, was due, or was; nothing while it waits and there is time left.
    pub due_at: Option<Timestamp>,
    /// When it warns, on the same terms.
    pub warn_at: Option<Timestamp>,
    /// Whether it waits.
    pub is_paused: bool,
    /// When what was promised happened, in time or not.
    pub fulfilled_at: Option<Timestamp>,
    /// When it warned.
    pub warned_at: Option<Timestamp>,
    /// When the target was missed.
    pub breached_at: Option<Timestamp>,
    /// In how many cycles it was missed.
    pub n_breaches: u32,
}
