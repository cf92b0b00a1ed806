//! Why a schedule cannot be taken, in words for who typed it.

use crate::{HOLIDAY_NAME_CHARS_MAX, HOLIDAYS_MAX, HOURS_PER_DAY_MAX, Hours, LocalDate};

/// Why something is no schedule, or no part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// No such time zone.
    #[error("there is no time zone {0:?}; write one such as Europe/Berlin, with its city")]
    UnknownZone(String),
    /// Not a time of day.
    #[error("not a time of day: {0:?}; write 00:00 to 24:00")]
    NotATime(String),
    /// Not a date.
    #[error("not a date: {0:?}; write one such as 2026-12-25")]
    NotADate(String),
    /// Hours that end when or before they begin.
    #[error(
        "{0} is empty: it must end after it begins; a night is 22:00 to 24:00 and 00:00 to 06:00 of the next day"
    )]
    EmptyHours(Hours),
    /// Two hours of a day that are there at the same time.
    #[error("{0} and {1} of the same day overlap")]
    OverlappingHours(Hours, Hours),
    /// Too many hours on a day.
    #[error("a day has at most {HOURS_PER_DAY_MAX} stretches of hours")]
    TooManyHours,
    /// No hours at all.
    #[error("a schedule is open on at least one day of the week")]
    NeverOpen,
    /// A day twice.
    #[error("{0} is a holiday twice")]
    HolidayTwice(LocalDate),
    /// Too many holidays.
    #[error("a schedule has at most {HOLIDAYS_MAX} holidays")]
    TooManyHolidays,
    /// A name that is too long.
    #[error("the name of a holiday has at most {HOLIDAY_NAME_CHARS_MAX} characters")]
    HolidayNameTooLong,
    /// An absence that ends when or before it begins.
    #[error("an absence must end after it begins")]
    EmptyAbsence,
}
