//! Time zones by their names in the IANA database, which is built in, so that the same program counts the same hours
//! everywhere.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use crate::InvalidSchedule;

/// The database that is built in. Never the machine's own, which may be older, newer or absent.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// The zone of a name such as `Europe/Berlin`; large and small letters are the same.
    ///
    /// # Errors
    /// [`InvalidSchedule::UnknownZone`] for any other text.
    pub fn parse(name: &str) -> Result<Self, InvalidSchedule> {
        let unknown = || InvalidSchedule::UnknownZone(name.to_owned());
        let zone = ZONES.get(name).map_err(|_| unknown())?;
        let name = zone.iana_name().filter(|_| !zone.is_unknown()).ok_or_else(unknown)?.to_owned();
        Ok(Self { name, zone })
    }

    /// The zone without seasons, of which all others are counted.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// Its name in the database.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Its rules, for dates and times.
    pub fn time_zone(&self) -> TimeZone {
        self.zone.clone()
    }

    pub(super) fn rules(&self) -> &TimeZone {
        &self.zone
    }
}

impl TryFrom<String> for Zone {
    type Error = InvalidSchedule;
    fn try_from(name: String) -> Result<Self, InvalidSchedule> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_names() {
        for (name, expected) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("UTC", Some("UTC")),
            ("Asia/Kathmandu", Some("Asia/Kathmandu")),
            ("Europe/Atlantis", None),
            ("Etc/Unknown", None),
            ("CEST+2", None),
            ("../etc/passwd", None),
            ("", None),
        ] {
            assert_eq!(Zone::parse(name).ok().as_ref().map(Zone::as_str), expected, "{name:?}");
        }
        assert_eq!(Zone::parse("UTC").map(|zone| zone.name), Ok(Zone::utc().name));
    }
}
