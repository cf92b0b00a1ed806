//! Points in time as milliseconds since 1970 UTC, and the clock that gives them.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The point `seconds` later.
    #[must_use]
    pub fn plus_seconds(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(i64::from(seconds) * 1000))
    }

    /// The time as RFC 3339 writes it, in UTC; empty for one beyond the year 9999.
    pub fn iso(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map(|at| at.to_string()).unwrap_or_default()
    }

    /// Parses a time as RFC 3339 writes it, or a date, which stands for its beginning in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(Self(time.as_millisecond()));
        }
        // A time without a zone would be taken for its date.
        let date: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == "2026-01-31".len())?;
        let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(start.timestamp().as_millisecond()))
    }
}

/// Tells the time; handed in, so that tests can let it stand still.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_are_understood_and_nothing_else() {
        for (text, time) in [
            ("2026-01-01T00:00:00Z", Some(1_767_225_600_000)),
            ("2026-01-01T01:00:00+01:00", Some(1_767_225_600_000)),
            ("2026-01-01", Some(1_767_225_600_000)),
            ("yesterday", None),
            ("2026-01-01T00:00:00", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(|time| time.0), time, "{text}");
            assert!(time.is_none_or(|time| Timestamp(time).iso() == "2026-01-01T00:00:00Z"));
        }
    }
}
