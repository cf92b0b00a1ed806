//! The hours of a week, as the clock on the wall shows them.

use serde::{Deserialize, Serialize};

use crate::InvalidSchedule;

/// Most hours of one day: each a stretch without a break, and nobody has seven breaks.
pub const HOURS_PER_DAY_MAX: usize = 8;

/// The minute at which a day ends.
const DAY_MINUTES: u16 = 24 * 60;

/// A time of day in minutes since midnight, 0 to 1440: the last one is the end of the day. Written `09:30`, `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// The beginning of the day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of the day.
    pub const END: Self = Self(DAY_MINUTES);

    /// Parses `00:00` to `24:00`.
    ///
    /// # Errors
    /// [`InvalidSchedule::NotATime`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidSchedule> {
        let two = |digits: &str| -> Option<u16> {
            let is_plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| digits.parse().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Some((two(hour)?, two(minute)?)))
            .filter(|&(hour, minute)| minute < 60 && hour * 60 + minute <= DAY_MINUTES)
            .map(|(hour, minute)| Self(hour * 60 + minute))
            .ok_or_else(|| InvalidSchedule::NotATime(text.to_owned()))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl TryFrom<String> for MinuteOfDay {
    type Error = InvalidSchedule;
    fn try_from(text: String) -> Result<Self, InvalidSchedule> {
        Self::parse(&text)
    }
}

impl From<MinuteOfDay> for String {
    fn from(time: MinuteOfDay) -> Self {
        time.to_string()
    }
}

impl std::fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A stretch of a day, from its first minute up to and without its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// When it begins.
    pub from: MinuteOfDay,
    /// When it ends.
    pub to: MinuteOfDay,
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

/// The hours of each weekday: in order, none empty, none over another, and some on at least one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DayNames", into = "DayNames")]
pub struct WeekHours([Vec<Hours>; 7]);

impl WeekHours {
    /// Hours by weekday, Monday first.
    ///
    /// # Errors
    /// [`InvalidSchedule`] for empty, overlapping, too many or no hours at all.
    pub fn new(mut days: [Vec<Hours>; 7]) -> Result<Self, InvalidSchedule> {
        for day in &mut days {
            if day.len() > HOURS_PER_DAY_MAX {
                return Err(InvalidSchedule::TooManyHours);
            }
            if let Some(empty) = day.iter().find(|hours| hours.from >= hours.to) {
                return Err(InvalidSchedule::EmptyHours(*empty));
            }
            day.sort_unstable();
            if let Some(pair) = day.windows(2).find(|pair| pair[1].from < pair[0].to) {
                return Err(InvalidSchedule::OverlappingHours(pair[0], pair[1]));
            }
        }
        if days.iter().all(Vec::is_empty) {
            return Err(InvalidSchedule::NeverOpen);
        }
        Ok(Self(days))
    }

    /// Every hour of every day.
    pub fn always() -> Self {
        let day = Hours { from: MinuteOfDay::MIDNIGHT, to: MinuteOfDay::END };
        Self(std::array::from_fn(|_| vec![day]))
    }

    /// The hours by weekday, Monday first.
    pub fn days(&self) -> &[Vec<Hours>; 7] {
        &self.0
    }
}

/// Hours by the names of the days, as they are stored. A day that is left out has none.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct DayNames {
    monday: Vec<Hours>,
    tuesday: Vec<Hours>,
    wednesday: Vec<Hours>,
    thursday: Vec<Hours>,
    friday: Vec<Hours>,
    saturday: Vec<Hours>,
    sunday: Vec<Hours>,
}

impl TryFrom<DayNames> for WeekHours {
    type Error = InvalidSchedule;
    fn try_from(days: DayNames) -> Result<Self, InvalidSchedule> {
        let DayNames { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = days;
        Self::new([monday, tuesday, wednesday, thursday, friday, saturday, sunday])
    }
}

impl From<WeekHours> for DayNames {
    fn from(hours: WeekHours) -> Self {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = hours.0;
        Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_written_in_full() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("09:30", Some(570)),
            ("23:59", Some(1439)),
            ("24:00", Some(1440)),
            ("24:01", None),
            ("12:60", None),
            ("9:30", None),
            ("+9:30", None),
            ("09:30:00", None),
            ("", None),
        ] {
            assert_eq!(MinuteOfDay::parse(text).ok().map(MinuteOfDay::minutes), minutes, "{text:?}");
        }
    }

    #[test]
    fn hours_that_make_no_sense_are_refused_with_the_reason() {
        for (json, expected) in [
            (r#"{"monday":[{"from":"13:00","to":"17:00"},{"from":"09:00","to":"13:00"}]}"#, None),
            (r#"{"monday":[{"from":"17:00","to":"09:00"}]}"#, Some("17:00 to 09:00 is empty")),
            (r#"{"monday":[{"from":"09:00","to":"09:00"}]}"#, Some("09:00 to 09:00 is empty")),
            (
                r#"{"friday":[{"from":"12:00","to":"17:00"},{"from":"09:00","to":"13:00"}]}"#,
                Some("09:00 to 13:00 and 12:00 to 17:00 of the same day overlap"),
            ),
            (r#"{"monday":[{"from":"9","to":"17:00"}]}"#, Some("not a time of day: \"9\"")),
            (r#"{"monday":[]}"#, Some("open on at least one day")),
            (r#"{"mon":[]}"#, Some("unknown field `mon`")),
            (r#"{"monday":[{"from":"09:00","to":"17:00","zone":"x"}]}"#, Some("unknown field `zone`")),
        ] {
            let parsed = serde_json::from_str::<WeekHours>(json).map_err(|error| error.to_string());
            match (parsed, expected) {
                (Ok(hours), None) => assert_eq!(hours.days()[0][0].from.to_string(), "09:00"),
                (Err(found), Some(part)) => assert!(found.contains(part), "{found}"),
                (found, _) => panic!("{json}: {found:?}"),
            }
        }
        let many = vec![Hours { from: MinuteOfDay::MIDNIGHT, to: MinuteOfDay::END }; 9];
        let days = std::array::from_fn(|_| many.clone());
        assert_eq!(WeekHours::new(days), Err(InvalidSchedule::TooManyHours));
    }
}
