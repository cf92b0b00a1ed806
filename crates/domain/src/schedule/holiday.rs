//! Holidays: whole days on which nobody works, by the calendar of the schedule's zone.

use jiff::{civil, tz::Offset};
use serde::{Deserialize, Serialize};

use crate::InvalidSchedule;

/// Most holidays of a schedule: those of some twenty years.
pub const HOLIDAYS_MAX: usize = 400;
/// Longest name of a holiday, in characters.
pub const HOLIDAY_NAME_CHARS_MAX: usize = 100;

/// Seconds of a day.
const DAY_S: i64 = 24 * 60 * 60;

/// A date of the calendar, wherever it is. Written `2026-12-25`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalDate(civil::Date);

impl LocalDate {
    /// Parses a date of the years 0000 to 9999.
    ///
    /// # Errors
    /// [`InvalidSchedule::NotADate`] for any other text, and for days that a calendar does not have.
    pub fn parse(text: &str) -> Result<Self, InvalidSchedule> {
        let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = is_plain.then(|| text.parse().ok()).flatten();
        date.map(Self).ok_or_else(|| InvalidSchedule::NotADate(text.to_owned()))
    }

    /// Days since 1970-01-01.
    pub(super) fn epoch_day(self) -> i64 {
        let midnight = Offset::UTC.to_timestamp(self.0.to_datetime(civil::Time::midnight()));
        midnight.map_or(i64::MAX, |midnight| midnight.as_second().div_euclid(DAY_S))
    }
}

impl TryFrom<String> for LocalDate {
    type Error = InvalidSchedule;
    fn try_from(text: String) -> Result<Self, InvalidSchedule> {
        Self::parse(&text)
    }
}

impl From<LocalDate> for String {
    fn from(date: LocalDate) -> Self {
        date.to_string()
    }
}

impl std::fmt::Display for LocalDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A whole day on which nobody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day.
    pub date: LocalDate,
    /// What is celebrated; may be empty.
    #[serde(default)]
    pub name: String,
}

/// The holidays of a schedule: in order, no day twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Holiday>", into = "Vec<Holiday>")]
pub struct Holidays {
    days: Vec<Holiday>,
    /// The same days, counted from 1970.
    epoch_days: Vec<i64>,
}

impl Holidays {
    /// These days.
    ///
    /// # Errors
    /// [`InvalidSchedule`] when there are too many, one is there twice, or a name is too long.
    pub fn new(mut days: Vec<Holiday>) -> Result<Self, InvalidSchedule> {
        if days.len() > HOLIDAYS_MAX {
            return Err(InvalidSchedule::TooManyHolidays);
        }
        if days.iter().any(|day| day.name.chars().count() > HOLIDAY_NAME_CHARS_MAX) {
            return Err(InvalidSchedule::HolidayNameTooLong);
        }
        days.sort_by_key(|day| day.date);
        if let Some(twice) = days.windows(2).find(|pair| pair[0].date == pair[1].date) {
            return Err(InvalidSchedule::HolidayTwice(twice[0].date));
        }
        let epoch_days = days.iter().map(|day| day.date.epoch_day()).collect();
        Ok(Self { days, epoch_days })
    }

    /// The days, in order.
    pub fn days(&self) -> &[Holiday] {
        &self.days
    }

    pub(super) fn include(&self, epoch_day: i64) -> bool {
        self.epoch_days.binary_search(&epoch_day).is_ok()
    }
}

impl TryFrom<Vec<Holiday>> for Holidays {
    type Error = InvalidSchedule;
    fn try_from(days: Vec<Holiday>) -> Result<Self, InvalidSchedule> {
        Self::new(days)
    }
}

impl From<Holidays> for Vec<Holiday> {
    fn from(holidays: Holidays) -> Self {
        holidays.days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (text, epoch_day) in [
            ("1970-01-01", Some(0)),
            ("2024-02-29", Some(19_782)),
            ("1969-12-31", Some(-1)),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("20261225", None),
            ("2026-12-25T00:00", None),
            ("", None),
        ] {
            let date = LocalDate::parse(text).ok();
            assert_eq!(date.map(LocalDate::epoch_day), epoch_day, "{text:?}");
            assert!(date.is_none_or(|date| date.to_string() == text), "{text:?}");
        }
    }

    #[test]
    fn holidays_are_in_order_and_no_day_is_there_twice() {
        let day = |text: &str| Holiday { date: LocalDate::parse(text).unwrap(), name: String::new() };
        let holidays = Holidays::new(vec![day("2026-12-26"), day("2026-12-25")]).unwrap();
        assert_eq!(holidays.days()[0], day("2026-12-25"));
        assert!(holidays.include(day("2026-12-26").date.epoch_day()));
        assert!(!holidays.include(day("2026-12-27").date.epoch_day()));
        let twice = Holidays::new(vec![day("2026-12-25"), day("2026-12-25")]);
        assert_eq!(twice.unwrap_err().to_string(), "2026-12-25 is a holiday twice");
        let long = Holiday { name: "x".repeat(101), ..day("2026-12-25") };
        assert_eq!(Holidays::new(vec![long]), Err(InvalidSchedule::HolidayNameTooLong));
    }
}
