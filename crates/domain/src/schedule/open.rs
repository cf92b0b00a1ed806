//! Counting the time in which a schedule is open.
//!
//! Between two changes of its zone's offset, local time is real time plus a constant: there the open time is plain
//! arithmetic. So a span of time is cut at these changes, then at midnights, then at the hours of each day.

use crate::{Schedule, Timestamp};

/// How far ahead is searched, in days: ten years. A target that is not reached by then never is.
pub const HORIZON_DAYS: i64 = 3_660;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

impl Schedule {
    /// Whether somebody works at this time.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.spans(at, Timestamp(at.0.saturating_add(1))).next().is_some()
    }

    /// Milliseconds for which it is open between two times; none when the second is not after the first. What lies more
    /// than [`HORIZON_DAYS`] after the first does not count.
    pub fn open_ms_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        self.spans(from, to).map(|span| span.end - span.start).sum()
    }

    /// The first time by which it has been open for so many milliseconds since another; that time itself for none or
    /// fewer. Nothing when that is not within [`HORIZON_DAYS`].
    pub fn after_open_ms(&self, from: Timestamp, open_ms: i64) -> Option<Timestamp> {
        if open_ms <= 0 {
            return Some(from);
        }
        let mut rest = open_ms;
        for span in self.spans(from, Timestamp(i64::MAX)) {
            let length = span.end - span.start;
            if rest <= length {
                return Some(Timestamp(span.start + rest));
            }
            rest -= length;
        }
        None
    }

    /// The first time from this one on at which somebody works: this one itself when it is open. Nothing when that is not
    /// within [`HORIZON_DAYS`].
    pub fn next_opening(&self, from: Timestamp) -> Option<Timestamp> {
        self.spans(from, Timestamp(i64::MAX)).next().map(|span| Timestamp(span.start))
    }

    /// The stretches in which it is open, in order, cut to the given time and to the horizon. Two may touch.
    fn spans(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Span> {
        let from = within_range(from.0);
        let to = within_range(to.0).min(from + HORIZON_DAYS * DAY_MS);
        self.stretches(from, to).flat_map(move |stretch| {
            let days = stretch.local(stretch.span.start)..=stretch.local(stretch.span.end - 1);
            let days = days.start().div_euclid(DAY_MS)..=days.end().div_euclid(DAY_MS);
            days.filter(|day| !self.holidays.include(*day)).flat_map(move |day| {
                let of_weekday = &self.hours.days()[weekday(day)];
                of_weekday.iter().filter_map(move |hours| {
                    let at = |minute: u16| day * DAY_MS + i64::from(minute) * MINUTE_MS - stretch.offset_ms;
                    let start = at(hours.from.minutes()).max(stretch.span.start);
                    let end = at(hours.to.minutes()).min(stretch.span.end);
                    (start < end).then_some(Span { start, end })
                })
            })
        })
    }

    /// A span of time, cut where the zone changes its offset.
    fn stretches(&self, from: i64, to: i64) -> impl Iterator<Item = Stretch> {
        let mut start = from;
        std::iter::from_fn(move || {
            if start >= to {
                return None;
            }
            let rules = self.zone.rules();
            let at = instant(start);
            let change =
                rules.following(at).next().map_or(i64::MAX, |next| next.timestamp().as_millisecond());
            // A change that falls into this very millisecond is already in the offset.
            let end = change.max(start + 1).min(to);
            let offset_ms = i64::from(rules.to_offset(at).seconds()) * 1_000;
            let stretch = Stretch { span: Span { start, end }, offset_ms };
            start = end;
            Some(stretch)
        })
    }
}

/// A stretch of real time in milliseconds, up to and without its end. Never empty.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
}

/// A span in which local time is real time plus a constant.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    span: Span,
    offset_ms: i64,
}

impl Stretch {
    fn local(&self, at: i64) -> i64 {
        at + self.offset_ms
    }
}

/// The weekday of a day since 1970-01-01, which was a Thursday; Monday is 0.
fn weekday(epoch_day: i64) -> usize {
    usize::try_from((epoch_day + 3).rem_euclid(7)).unwrap_or_default()
}

/// A time that the calendar has; those before and after count as its ends.
fn within_range(at: i64) -> i64 {
    at.clamp(jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond())
}

fn instant(at: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::MAX)
}
