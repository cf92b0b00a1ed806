//! Points in time as people and programs read them.

use domain::Timestamp;
use jiff::tz::TimeZone;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A point in time, in the forms that a page shows.
#[derive(Debug, Clone)]
pub(crate) struct When {
    /// RFC 3339, for `datetime` attributes.
    pub(crate) iso: String,
    /// As in "21 Nov 2026, 14:05 UTC".
    pub(crate) full: String,
    /// As in "3 weeks ago".
    pub(crate) ago: String,
}

impl When {
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { iso: iso(at), full: format(at, "%-d %b %Y, %H:%M UTC"), ago: ago(at, now) }
    }
}

/// RFC 3339 in UTC, as the API writes it.
pub(crate) fn iso(at: Timestamp) -> String {
    at.iso()
}

/// A time as the API reads it: RFC 3339 with an offset or `Z`.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_millisecond()))
}

fn format(at: Timestamp, pattern: &str) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.to_zoned(TimeZone::UTC).strftime(pattern).to_string())
        .unwrap_or_default()
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    let elapsed_ms = (now.0 - at.0).max(0);
    let counted = |n: i64, unit: &str| format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" });
    match elapsed_ms {
        ms if ms < MINUTE_MS => "just now".to_owned(),
        ms if ms < HOUR_MS => format!("{} min ago", ms / MINUTE_MS),
        ms if ms < DAY_MS => format!("{} h ago", ms / HOUR_MS),
        ms if ms < 14 * DAY_MS => counted(ms / DAY_MS, "day"),
        ms if ms < 60 * DAY_MS => counted(ms / (7 * DAY_MS), "week"),
        ms if ms < 365 * DAY_MS => counted(ms / (30 * DAY_MS), "month"),
        _ => format(at, "%-d %b %Y"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_told_in_the_unit_people_would_use() {
        let now = Timestamp(1_795_226_400_000);
        for (ago_ms, text) in [
            (0, "just now"),
            (-5_000, "just now"),
            (5 * MINUTE_MS, "5 min ago"),
            (3 * HOUR_MS, "3 h ago"),
            (DAY_MS, "1 day ago"),
            (22 * DAY_MS, "3 weeks ago"),
            (90 * DAY_MS, "3 months ago"),
            (400 * DAY_MS, "17 Oct 2025"),
        ] {
            assert_eq!(ago(Timestamp(now.0 - ago_ms), now), text);
        }
        assert_eq!(iso(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(parse("1970-01-01T02:00:00+02:00"), Some(Timestamp(0)));
        assert_eq!(parse("1970-01-01"), None);
    }
}
