//! One clock of a ticket: when it ran, and what became of it.

use serde::{Deserialize, Serialize};

use crate::{Calendar, Timestamp};

/// Pieces in which a clock ran that are kept apart; older ones are kept as a sum. A ticket that waited more often is rare,
/// and only a later change of its calendar would tell the difference.
pub const SLA_PIECES_MAX: usize = 16;

/// Where a clock stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum TimerState {
    /// It has not started.
    #[default]
    Idle,
    /// It runs.
    Running {
        /// Since when.
        since: Timestamp,
    },
    /// It waits.
    Paused,
    /// What it waited for has happened.
    Ended {
        /// When.
        at: Timestamp,
    },
}

/// A time in which a clock ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunPiece {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// One clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaTimer {
    /// Where it stands.
    pub state: TimerState,
    /// How often it was started anew.
    pub cycle: u32,
    /// When it ran before, oldest first.
    pub pieces: Vec<RunPiece>,
    /// What was counted in pieces that are no longer kept.
    pub summed_ms: i64,
    /// When it warned in this cycle.
    pub warned_at: Option<Timestamp>,
    /// When its target was missed in this cycle.
    pub breached_at: Option<Timestamp>,
    /// In how many cycles the target was missed.
    pub n_breaches: u32,
    /// The last target that held for it, once one was missed: a miss is told of also where nothing is promised any more.
    #[serde(default)]
    pub missed_min: Option<u32>,
}

impl SlaTimer {
    /// Starts it anew, waiting or not.
    pub(super) fn start(&mut self, state: TimerState) {
        let (cycle, n_breaches, missed_min) =
            (self.cycle.saturating_add(1), self.n_breaches, self.missed_min);
        *self = Self { state, cycle, n_breaches, missed_min, ..Self::default() };
    }

    /// Whether it has started and not ended.
    pub(super) fn is_pending(&self) -> bool {
        matches!(self.state, TimerState::Running { .. } | TimerState::Paused)
    }

    pub(super) fn pause(&mut self, at: Timestamp, calendar: &Calendar) {
        if let TimerState::Running { since } = self.state {
            self.keep(RunPiece { from: since, to: at }, calendar);
            self.state = TimerState::Paused;
        }
    }

    pub(super) fn resume(&mut self, at: Timestamp) {
        if self.state == TimerState::Paused {
            self.state = TimerState::Running { since: at };
        }
    }

    pub(super) fn end(&mut self, at: Timestamp, calendar: &Calendar) {
        self.pause(at, calendar);
        if self.state == TimerState::Paused {
            self.state = TimerState::Ended { at };
        }
    }

    /// Goes on after it had ended, waiting, with the time it had used.
    pub(super) fn reopen(&mut self) {
        if let TimerState::Ended { .. } = self.state {
            self.state = TimerState::Paused;
        }
    }

    /// Milliseconds that it has used by a time.
    pub fn used_ms(&self, at: Timestamp, calendar: &Calendar) -> i64 {
        let kept: i64 = self.pieces.iter().map(|piece| calendar.ms_between(piece.from, piece.to)).sum();
        let running = match self.state {
            TimerState::Running { since } => calendar.ms_between(since, at),
            _ => 0,
        };
        self.summed_ms + kept + running
    }

    /// The time by which it has used so many milliseconds, if it goes on as it is: in the past, or ahead while it runs.
    pub(super) fn reaches(&self, ms: i64, calendar: &Calendar) -> Option<Timestamp> {
        let mut rest = ms - self.summed_ms;
        for piece in &self.pieces {
            let used = calendar.ms_between(piece.from, piece.to);
            if rest <= used {
                return calendar.after_ms(piece.from, rest);
            }
            rest -= used;
        }
        match self.state {
            TimerState::Running { since } => calendar.after_ms(since, rest),
            _ => None,
        }
    }

    fn keep(&mut self, piece: RunPiece, calendar: &Calendar) {
        if piece.from == piece.to {
            return;
        }
        self.pieces.push(piece);
        if self.pieces.len() > SLA_PIECES_MAX {
            let oldest = self.pieces.remove(0);
            self.summed_ms += calendar.ms_between(oldest.from, oldest.to);
        }
    }
}
