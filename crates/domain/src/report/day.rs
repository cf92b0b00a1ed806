//! Days of a calendar, and the stretches that they are put together to.

use jiff::{civil::Date, tz::TimeZone};

use crate::Timestamp;

/// The first and the last day that are told apart, 0001-01-01 and 9999-12-31.
const DAYS: (i64, i64) = (-719_162, 2_932_896);

/// A day, as days since 1970-01-01. Written `2026-11-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportDay(i64);

impl ReportDay {
    /// So many days after 1970-01-01; those before the first and after the last year of four digits count as these.
    pub fn new(days: i64) -> Self {
        Self(days.clamp(DAYS.0, DAYS.1))
    }

    /// The day and the hour, 0 to 23, that the clock on the wall shows.
    pub fn at(at: Timestamp, zone: &TimeZone) -> (Self, u8) {
        let Ok(instant) = jiff::Timestamp::from_millisecond(at.0) else { return (Self(0), 0) };
        let local = zone.to_datetime(instant);
        (Self::of(local.date()), u8::try_from(local.hour()).unwrap_or_default())
    }

    /// Parses `2026-11-21`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        text.parse().ok().filter(|_| is_plain).map(Self::of)
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i64 {
        self.0
    }

    /// So many days later.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self::new(self.0.saturating_add(days))
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self::of(self.date().first_of_month())
    }

    /// The first day of the next month.
    #[must_use]
    pub fn next_month(self) -> Self {
        Self::of(self.date().last_of_month()).plus(1)
    }

    /// The day on which its week began.
    #[must_use]
    pub fn first_of_week(self, start: WeekStart) -> Self {
        // 1970-01-05 was a Monday.
        let since = (self.0 - 4 - start.days_after_monday()).rem_euclid(7);
        self.plus(-since)
    }

    /// When it begins.
    pub fn begins(self, zone: &TimeZone) -> Timestamp {
        let begins = self.date().to_zoned(zone.clone()).map(|at| at.timestamp().as_millisecond());
        Timestamp(begins.unwrap_or_default())
    }

    fn of(date: Date) -> Self {
        Self(i64::from((date - Date::constant(1970, 1, 1)).get_days()))
    }

    fn date(self) -> Date {
        let span = jiff::Span::new().try_days(self.0);
        span.and_then(|span| Date::constant(1970, 1, 1).checked_add(span)).unwrap_or(Date::MAX)
    }
}

impl std::fmt::Display for ReportDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.date().fmt(f)
    }
}

/// The day on which weeks begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WeekStart {
    /// ISO 8601.
    #[default]
    Monday,
    /// As in North America.
    Sunday,
    /// As in the Middle East.
    Saturday,
}

impl WeekStart {
    /// Parses `monday`, `sunday` or `saturday`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "monday" => Some(Self::Monday),
            "sunday" => Some(Self::Sunday),
            "saturday" => Some(Self::Saturday),
            _ => None,
        }
    }

    fn days_after_monday(self) -> i64 {
        match self {
            Self::Monday => 0,
            Self::Saturday => 5,
            Self::Sunday => 6,
        }
    }
}

/// The stretches into which a report is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportPeriod {
    /// None: it is one.
    #[default]
    Whole,
    /// Days.
    Day,
    /// Weeks.
    Week(WeekStart),
    /// Months.
    Month,
}

impl ReportPeriod {
    /// The first day of the stretch that a day lies in, of a report that begins on `from`.
    pub fn first(self, day: ReportDay, from: ReportDay) -> ReportDay {
        match self {
            Self::Whole => from,
            Self::Day => day,
            Self::Week(start) => day.first_of_week(start).max(from),
            Self::Month => day.first_of_month().max(from),
        }
    }

    /// The first days of all stretches from one day up to another, in order.
    pub fn firsts(self, from: ReportDay, to: ReportDay) -> Vec<ReportDay> {
        let mut firsts = vec![];
        let mut day = from;
        while day <= to {
            firsts.push(day);
            day = match self {
                Self::Whole => break,
                Self::Day => day.plus(1),
                Self::Week(start) => day.first_of_week(start).plus(7),
                Self::Month => day.next_month(),
            };
        }
        firsts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> ReportDay {
        ReportDay::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn days_are_those_of_the_wall_clock() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| Timestamp::parse(text).unwrap();
        for (time, expected, hour) in [
            ("2026-11-20T22:59:59Z", "2026-11-20", 23),
            ("2026-11-20T23:00:00Z", "2026-11-21", 0),
            ("2026-03-29T00:59:00Z", "2026-03-29", 1),
            ("2026-03-29T01:00:00Z", "2026-03-29", 3),
        ] {
            assert_eq!(ReportDay::at(at(time), &berlin), (day(expected), hour), "{time}");
        }
        assert_eq!(day("2026-11-21").begins(&berlin), at("2026-11-20T23:00:00Z"));
        assert_eq!(day("2026-11-21").to_string(), "2026-11-21");
        assert_eq!(day("1969-12-31").days(), -1);
        for text in ["2026-02-30", "2026-1-1", "20261121", "", "today"] {
            assert_eq!(ReportDay::parse(text), None, "{text}");
        }
    }

    #[test]
    fn weeks_and_months_begin_where_they_should() {
        let saturday = day("2026-11-21");
        for (start, first) in [
            (WeekStart::Monday, "2026-11-16"),
            (WeekStart::Sunday, "2026-11-15"),
            (WeekStart::Saturday, "2026-11-21"),
        ] {
            assert_eq!(saturday.first_of_week(start), day(first), "{start:?}");
        }
        let (from, to) = (day("2026-01-30"), day("2026-03-02"));
        let firsts = |period: ReportPeriod| {
            period.firsts(from, to).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(firsts(ReportPeriod::Whole), ["2026-01-30"]);
        assert_eq!(firsts(ReportPeriod::Month), ["2026-01-30", "2026-02-01", "2026-03-01"]);
        let weeks = firsts(ReportPeriod::Week(WeekStart::Monday));
        assert_eq!(
            weeks,
            ["2026-01-30", "2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23", "2026-03-02"]
        );
        assert_eq!(firsts(ReportPeriod::Day).len(), 32);
        for period in [ReportPeriod::Day, ReportPeriod::Month, ReportPeriod::Week(WeekStart::Sunday)] {
            let firsts = period.firsts(from, to);
            for n in from.days()..=to.days() {
                assert!(firsts.contains(&period.first(ReportDay::new(n), from)), "{period:?} {n}");
            }
        }
    }
}
