//! Schedules: when a team or an agent works, in the time zone where they live.
//!
//! A schedule is open at a moment when the clock on the wall in its zone then shows a time within its hours, and the day is
//! no holiday. Everything else follows: time is counted as it really passes, so a night in which clocks are put forward has
//! less of it, one in which they are put back more.

mod absence;
mod error;
mod holiday;
mod hours;
mod open;
#[cfg(test)]
mod tests;
mod zone;

use serde::{Deserialize, Serialize};

pub use absence::*;
pub use error::*;
pub use holiday::*;
pub use hours::*;
pub use open::*;
pub use zone::*;

use crate::ScheduleId;

/// When somebody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// What people call it.
    pub name: String,
    /// Where its clock hangs.
    pub zone: Zone,
    /// The hours of each weekday.
    pub hours: WeekHours,
    /// The days on which nobody works.
    #[serde(default)]
    pub holidays: Holidays,
    /// Counts its changes, from 1.
    pub revision: i64,
}
