//! Schedules.

use domain::{Hours, Schedule, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dates::iso;

/// The schedules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchedulesJson {
    pub(crate) schedules: Vec<ScheduleJson>,
}

/// When somebody works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleJson {
    id: String,
    name: String,
    /// Its time zone, as the IANA database names it.
    zone: String,
    hours: WeekJson,
    /// In order.
    holidays: Vec<HolidayJson>,
    /// Whether somebody works by it now.
    is_open: bool,
    /// When it next opens: now while it is open; null when it does not within ten years.
    next_opening_at: Option<String>,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// The hours of each weekday. A day that is left out has none.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WeekJson {
    monday: Vec<HoursJson>,
    tuesday: Vec<HoursJson>,
    wednesday: Vec<HoursJson>,
    thursday: Vec<HoursJson>,
    friday: Vec<HoursJson>,
    saturday: Vec<HoursJson>,
    sunday: Vec<HoursJson>,
}

/// A stretch of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoursJson {
    /// When it begins: `00:00` to `23:59`.
    from: String,
    /// When it ends: up to `24:00`.
    to: String,
}

/// A whole day on which nobody works.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HolidayJson {
    /// As in `2026-12-25`.
    pub(crate) date: String,
    #[serde(default)]
    pub(crate) name: String,
}

impl WeekJson {
    /// The hours by weekday, Monday first, as they were written.
    pub(crate) fn into_days(self) -> [Vec<(String, String)>; 7] {
        let Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = self;
        [monday, tuesday, wednesday, thursday, friday, saturday, sunday]
            .map(|day| day.into_iter().map(|hours| (hours.from, hours.to)).collect())
    }

    fn new(days: &[Vec<Hours>; 7]) -> Self {
        let day = |hours: &Vec<Hours>| {
            let hours = hours
                .iter()
                .map(|hours| HoursJson { from: hours.from.to_string(), to: hours.to.to_string() });
            hours.collect()
        };
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = days.each_ref().map(day);
        Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    }
}

impl ScheduleJson {
    pub(crate) fn new(schedule: &Schedule, now: Timestamp) -> Self {
        let holidays = schedule.holidays.days().iter();
        Self {
            id: schedule.id.to_string(),
            name: schedule.name.clone(),
            zone: schedule.zone.to_string(),
            hours: WeekJson::new(schedule.hours.days()),
            holidays: holidays
                .map(|day| HolidayJson { date: day.date.to_string(), name: day.name.clone() })
                .collect(),
            is_open: schedule.is_open(now),
            next_opening_at: schedule.next_opening(now).map(iso),
            revision: schedule.revision,
        }
    }
}
