//! Bulk jobs: the same actions done to many tickets, one after the other, and taken back.
//!
//! The tickets of a job are fixed when it is made. Each has a state of its own, which is stored with the change of the ticket.

mod change;

pub use change::*;

use serde::{Deserialize, Serialize};

use crate::{Actions, BulkJobId, TicketId, Timestamp, UNDO_WITHIN_MS, Writer};

/// Most tickets of one job: some 10 MB of rows that stand for 30 days, and work for the better part of an hour beside that of agents.
pub const BULK_TICKETS_MAX: usize = 100_000;
/// Most tickets that are named one by one: ten pages of a list. Who wants more means a filter.
pub const BULK_SELECTION_MAX: usize = 1_000;
/// Jobs of one person or key that are not at their end: they share the time of the worker with those of everybody else.
pub const BULK_JOBS_OPEN_MAX: usize = 3;
/// Tickets of all jobs that one person or key makes in a day: some 100 MB of rows.
pub const BULK_TICKETS_PER_DAY_MAX: usize = 1_000_000;
/// How long a job is remembered, in milliseconds: 30 days, in which somebody asks what happened.
pub const BULK_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// The same actions for many tickets.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkJob {
    /// Its id.
    pub id: BulkJobId,
    /// Who made it, and with whose rights it is done.
    pub writer: Writer,
    /// The filter that its tickets matched when it was made; none where they were named.
    pub filter: Option<String>,
    /// What is done.
    pub actions: Actions,
    /// How far it is.
    pub state: BulkJobState,
    /// Why it stopped.
    pub stopped: Option<BulkStop>,
    /// What became of its tickets.
    pub counts: BulkCounts,
    /// Who wants it undone, and with whose rights that is done.
    pub undoer: Option<Writer>,
    /// The position of the last ticket that undoing has looked at; 0 before the first.
    pub undo_reached: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the first ticket was looked at.
    pub started_at: Option<Timestamp>,
    /// When it finished, stopped or was cancelled. Undoing does not move it.
    pub ended_at: Option<Timestamp>,
    /// When somebody first wanted it undone.
    pub undo_began_at: Option<Timestamp>,
    /// When all of it was undone, as far as it could be.
    pub undone_at: Option<Timestamp>,
}

impl BulkJob {
    /// Until when it can be undone; nothing before its end.
    pub fn undo_until(&self) -> Option<Timestamp> {
        self.ended_at.map(|at| Timestamp(at.0.saturating_add(UNDO_WITHIN_MS)))
    }

    /// In whose name it goes on.
    pub fn doer(&self) -> &Writer {
        match (&self.state, &self.undoer) {
            (BulkJobState::Undoing, Some(undoer)) => undoer,
            _ => &self.writer,
        }
    }
}

/// What became of the tickets of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BulkCounts {
    /// All of them.
    pub n_tickets: i64,
    /// Changed.
    pub n_done: i64,
    /// Were as the actions would have them.
    pub n_unchanged: i64,
    /// Could not be changed.
    pub n_failed: i64,
    /// Put back whole.
    pub n_undone: i64,
    /// Put back in part.
    pub n_partly: i64,
    /// Not put back at all.
    pub n_kept: i64,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkJobState {
    /// Its tickets are being written down.
    Gathering,
    /// It has not begun.
    Waiting,
    /// Its tickets are changed.
    Running,
    /// Every ticket was looked at.
    Finished,
    /// It ended before its time, by itself.
    Stopped,
    /// Somebody ended it.
    Cancelled,
    /// Its tickets are put back.
    Undoing,
    /// They were put back, as far as they could be.
    Undone,
}

impl BulkJobState {
    /// Every state, in the order of a job's life.
    pub const ALL: [Self; 8] = [
        Self::Gathering,
        Self::Waiting,
        Self::Running,
        Self::Finished,
        Self::Stopped,
        Self::Cancelled,
        Self::Undoing,
        Self::Undone,
    ];

    /// The state as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gathering => "gathering",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    /// Parses a stored state.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether something is still done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Gathering | Self::Waiting | Self::Running | Self::Undoing)
    }
}

/// Why a job stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkStop {
    /// Who did it was deactivated, or the key has ended.
    DoerGone,
    /// Who did it may no longer change tickets.
    NotAllowed,
    /// Its tickets were not all written down when Askwell ended. None was changed.
    Interrupted,
}

impl BulkStop {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::DoerGone, Self::NotAllowed, Self::Interrupted];

    /// The reason as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DoerGone => "doer_gone",
            Self::NotAllowed => "not_allowed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Parses a stored reason.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// One ticket of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkTicket {
    /// Its place in the job, from 1.
    pub position: i64,
    /// Which ticket. What was named and is no ticket stands here as it was named.
    pub ticket_id: TicketId,
    /// What became of it.
    pub state: BulkTicketState,
    /// Why it could not be changed.
    pub reason: Option<String>,
    /// What changed of it.
    pub change: BulkChange,
    /// What became of putting it back.
    pub undo: BulkUndoState,
    /// What was not put back, and why.
    pub kept: Vec<BulkKept>,
}

/// What became of a ticket of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkTicketState {
    /// It was not looked at.
    Waiting,
    /// It was changed.
    Done,
    /// It was as the actions would have it.
    Unchanged,
    /// It could not be changed; nothing of it was.
    Failed,
}

impl BulkTicketState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Done, Self::Unchanged, Self::Failed];

    /// The state as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }

    /// Parses a stored state.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What became of putting a ticket back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkUndoState {
    /// Nobody has tried.
    None,
    /// Every part is as it was.
    Undone,
    /// Some parts are as they were.
    Partly,
    /// None is.
    Kept,
}

impl BulkUndoState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::None, Self::Undone, Self::Partly, Self::Kept];

    /// The state as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Undone => "undone",
            Self::Partly => "partly",
            Self::Kept => "kept",
        }
    }

    /// Parses a stored state.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A part of a ticket that was not put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkKept {
    /// Which, as in the history; `ticket` for all of it.
    pub field: String,
    /// Why.
    pub reason: String,
}

#[cfg(test)]
mod tests;
