//! Times in a filter: absolute, or relative to when it is used.

use jiff::{Span, Unit, Zoned, civil::Date};

use super::{Comparison, FieldTest, FilterContext};
use crate::Timestamp;

/// A point or stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So many milliseconds before now; none is now.
    Ago(i64),
    /// So many milliseconds from now on.
    Ahead(i64),
    /// A stretch of whole days.
    During(Period),
}

/// Whole days, in the time zone of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// This day.
    Day(Date),
    /// The month that begins on this day.
    Month(Date),
    /// The day it is.
    Today,
    /// The day before.
    Yesterday,
    /// Since Monday.
    ThisWeek,
    /// The week before, from Monday.
    LastWeek,
    /// Since the first of the month.
    ThisMonth,
    /// The month before.
    LastMonth,
}

impl Period {
    /// The periods that have a name.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("today", Self::Today),
        ("yesterday", Self::Yesterday),
        ("this_week", Self::ThisWeek),
        ("last_week", Self::LastWeek),
        ("this_month", Self::ThisMonth),
        ("last_month", Self::LastMonth),
    ];

    /// Its first day and the day after its last. None where the calendar ends.
    fn days(self, now: &Zoned) -> Option<(Date, Date)> {
        let today = now.date();
        let monday = || {
            let since = i64::from(today.weekday().to_monday_zero_offset());
            today.checked_sub(Span::new().days(since)).ok()
        };
        let (first, span) = match self {
            Self::Day(day) => (day, Span::new().days(1)),
            Self::Today => (today, Span::new().days(1)),
            Self::Yesterday => (today.yesterday().ok()?, Span::new().days(1)),
            Self::ThisWeek => (monday()?, Span::new().days(7)),
            Self::LastWeek => (monday()?.checked_sub(Span::new().days(7)).ok()?, Span::new().days(7)),
            Self::Month(first) => (first, Span::new().months(1)),
            Self::ThisMonth => (today.first_of_month(), Span::new().months(1)),
            Self::LastMonth => {
                (today.first_of_month().checked_sub(Span::new().months(1)).ok()?, Span::new().months(1))
            }
        };
        Some((first, first.checked_add(span).ok()?))
    }
}

/// Millionths of a day or of one.
const ONE: i64 = 1_000_000;

impl FieldTest {
    /// The millionths that compare so with the number or the day: from the first on, and before the second; absent for no
    /// limit. None where it compares with neither, or with no day of the calendar.
    pub fn millionths(&self, ctx: &FilterContext) -> Option<(Option<i64>, Option<i64>)> {
        let (comparison, start, end) = match self {
            Self::OneOf(_) => return None,
            Self::Number(comparison, number) => {
                (*comparison, number.millionths(), number.millionths().saturating_add(1))
            }
            Self::Day(comparison, period) => {
                let now = jiff::Timestamp::from_millisecond(ctx.now.0).ok()?;
                let (first, after) = period.days(&now.to_zoned(ctx.time_zone.clone()))?;
                let days = |day: Date| i64::from((day - jiff::civil::date(1970, 1, 1)).get_days()) * ONE;
                (*comparison, days(first), days(after))
            }
        };
        Some(comparison.bounds(start, end))
    }
}

impl Comparison {
    /// What compares so with the stretch from the first on and before the second.
    fn bounds<T>(self, start: T, end: T) -> (Option<T>, Option<T>) {
        match self {
            Self::Is => (Some(start), Some(end)),
            Self::Less => (None, Some(start)),
            Self::AtMost => (None, Some(end)),
            Self::More => (Some(end), None),
            Self::AtLeast => (Some(start), None),
        }
    }
}

impl FilterContext {
    /// The times that compare so with a moment: from the first on, and before the second; absent for no limit. None where
    /// no time does.
    pub fn bounds(
        &self,
        comparison: Comparison,
        moment: Moment,
    ) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
        let (start, end) = match moment {
            Moment::Ago(ms) | Moment::Ahead(ms) => {
                let ms = if matches!(moment, Moment::Ahead(_)) { -ms } else { ms };
                let at = Timestamp(self.now.0.saturating_sub(ms));
                (at, Timestamp(at.0.saturating_add(1)))
            }
            Moment::During(period) => {
                let now = jiff::Timestamp::from_millisecond(self.now.0).ok()?;
                let (first, after) = period.days(&now.to_zoned(self.time_zone.clone()))?;
                let midnight = |day: Date| {
                    let start = day.to_zoned(self.time_zone.clone()).ok()?.round(Unit::Second).ok()?;
                    Some(Timestamp(start.timestamp().as_millisecond()))
                };
                (midnight(first)?, midnight(after)?)
            }
        };
        Some(comparison.bounds(start, end))
    }
}
