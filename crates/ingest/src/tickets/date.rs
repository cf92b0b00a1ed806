//! Times as exports write them. What cannot be read is never taken for now.

use domain::Timestamp;
use jiff::{civil::DateTime, fmt::strtime, tz::TimeZone};

/// Times without a zone, most exact first; each is tried as a whole.
const FORMS: [&str; 6] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%d %b %Y %H:%M",
    "%d %b, %Y %I:%M %p",
];
/// Longest text that can be a time.
const TEXT_BYTES_MAX: usize = 64;

/// Reads times: RFC 3339, dates, what Zendesk and Freshdesk write, and one form more.
#[derive(Debug, Clone)]
pub struct DateReader {
    zone: TimeZone,
    form: Option<String>,
}

/// A form or zone that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDates {
    /// No zone is called so.
    #[error("there is no time zone {0:?}; write a name such as Europe/Berlin")]
    Zone(String),
    /// A form that names no whole date.
    #[error("{0:?} is no form of a date; write one such as %d.%m.%Y %H:%M")]
    Form(String),
}

impl DateReader {
    /// A reader for which times without a zone are of this one, and that knows one form more, as in `%d.%m.%Y %H:%M`.
    ///
    /// # Errors
    /// [`InvalidDates`] for a zone or a form that is none.
    pub fn new(zone: &str, form: Option<&str>) -> Result<Self, InvalidDates> {
        let zone = TimeZone::get(zone).map_err(|_| InvalidDates::Zone(zone.to_owned()))?;
        let reader = Self { zone, form: form.map(str::to_owned) };
        if let Some(form) = form {
            let sample = DateTime::constant(2026, 1, 31, 12, 0, 0, 0);
            let written = strtime::format(form, sample).map_err(|_| InvalidDates::Form(form.to_owned()))?;
            reader.of_form(form, &written).ok_or_else(|| InvalidDates::Form(form.to_owned()))?;
        }
        Ok(reader)
    }

    /// A reader for which times without a zone are UTC.
    pub fn utc() -> Self {
        Self { zone: TimeZone::UTC, form: None }
    }

    /// The time that a text names. Nothing for what is none, or is from before 1970.
    pub fn read(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        if text.is_empty() || text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let found = match &self.form {
            // Who names a form means it, also where another would fit.
            Some(form) => self.of_form(form, text).or_else(|| Timestamp::parse(text)),
            None => self.of_any(text),
        };
        found.filter(|at| at.0 >= 0)
    }

    fn of_any(&self, text: &str) -> Option<Timestamp> {
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(Timestamp(time.as_millisecond()));
        }
        if text.len() == "2026-01-31".len()
            && let Ok(date) = text.parse::<jiff::civil::Date>()
        {
            return self.at(date.at(0, 0, 0, 0));
        }
        if let Some(utc) = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")) {
            return Self::utc().of_forms(utc.trim_end());
        }
        let zoned = ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z"];
        let parsed = zoned.into_iter().find_map(|form| strtime::parse(form, text).ok()?.to_timestamp().ok());
        parsed.map(|at| Timestamp(at.as_millisecond())).or_else(|| self.of_forms(text))
    }

    fn of_forms(&self, text: &str) -> Option<Timestamp> {
        FORMS.into_iter().find_map(|form| self.of_form(form, text))
    }

    fn of_form(&self, form: &str, text: &str) -> Option<Timestamp> {
        let parsed = strtime::parse(form, text).ok()?;
        if let Ok(at) = parsed.to_timestamp() {
            return Some(Timestamp(at.as_millisecond()));
        }
        match parsed.to_datetime() {
            Ok(at) => self.at(at),
            Err(_) => self.at(parsed.to_date().ok()?.at(0, 0, 0, 0)),
        }
    }

    fn at(&self, at: DateTime) -> Option<Timestamp> {
        Some(Timestamp(at.to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_exports_write_them_and_nothing_else_is() {
        let berlin = DateReader::new("Europe/Berlin", None).unwrap();
        let noon = Some(1_780_315_200_000);
        for (text, expected) in [
            ("2026-06-01T12:00:00Z", noon),
            ("2026-06-01T14:00:00+02:00", noon),
            ("2026-06-01 12:00:00 UTC", noon),
            ("2026-06-01 12:00:00 +0000", noon),
            ("2026-06-01 14:00", noon),
            (" 2026-06-01 14:00:00 ", noon),
            ("01 Jun 2026 14:00", noon),
            ("01 Jun, 2026 02:00 PM", noon),
            ("2026-06-01", Some(1_780_264_800_000)),
            ("06/01/2026 02:00 PM", None),
            ("1969-12-31T00:00:00Z", None),
            ("2026-02-30", None),
            ("yesterday", None),
            ("1780315200", None),
            ("", None),
        ] {
            assert_eq!(berlin.read(text).map(|at| at.0), expected, "{text:?}");
        }
    }

    #[test]
    fn a_form_of_ones_own_is_read_first() {
        let german = DateReader::new("UTC", Some("%d.%m.%Y %H:%M")).unwrap();
        assert_eq!(german.read("01.06.2026 12:00"), Some(Timestamp(1_780_315_200_000)));
        assert_eq!(german.read("2026-06-01T12:00:00Z"), Some(Timestamp(1_780_315_200_000)));
        assert_eq!(german.read("01.06.26 12:00"), None);
        let days = DateReader::new("UTC", Some("%m/%d/%Y")).unwrap();
        assert_eq!(days.read("06/01/2026"), Timestamp::parse("2026-06-01"));
        for form in ["%H:%M", "nothing", "%Q"] {
            assert_eq!(DateReader::new("UTC", Some(form)).unwrap_err(), InvalidDates::Form(form.to_owned()));
        }
        assert!(matches!(DateReader::new("Berlin", None), Err(InvalidDates::Zone(_))));
    }
}
