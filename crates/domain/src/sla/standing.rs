//! The clocks of a ticket in one word and one time: what lists, filters and rules ask of them.

use serde::{Deserialize, Serialize};

use crate::{SlaReading, Timestamp};

/// What the worst of a ticket's clocks with a target says, the mildest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaStanding {
    /// Nothing is promised.
    #[default]
    None,
    /// What was promised happened in time, and nothing is owed.
    Met,
    /// Something is owed, and its clock waits.
    Paused,
    /// Something is owed, and its clock runs.
    Running,
    /// Something is owed, and the share of the time at which to warn is used.
    Warned,
    /// A target was missed, in this cycle or an earlier one, whatever happened afterwards.
    Breached,
}

impl SlaStanding {
    /// Every standing, the mildest first.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Met, Self::Paused, Self::Running, Self::Warned, Self::Breached];

    /// The standing as it is written and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Met => "met",
            Self::Paused => "paused",
            Self::Running => "running",
            Self::Warned => "warned",
            Self::Breached => "breached",
        }
    }

    /// Parses a standing.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }

    fn of(reading: &SlaReading) -> Self {
        let is_owed = reading.fulfilled_at.is_none();
        match reading {
            _ if reading.n_breaches > 0 => Self::Breached,
            _ if !is_owed => Self::Met,
            _ if reading.warned_at.is_some() => Self::Warned,
            _ if reading.is_paused => Self::Paused,
            _ => Self::Running,
        }
    }
}

/// How a ticket stands to what its customer is promised, as of when its clocks were last looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlaSummary {
    /// What the worst of its clocks says.
    pub standing: SlaStanding,
    /// When the next of what is owed is due, or was; absent while every clock waits or nothing is owed.
    pub due_at: Option<Timestamp>,
}

impl SlaSummary {
    /// The clocks of a ticket taken together.
    pub fn of(readings: &[SlaReading]) -> Self {
        let owed = readings.iter().filter(|reading| reading.fulfilled_at.is_none());
        Self {
            standing: readings.iter().map(SlaStanding::of).max().unwrap_or_default(),
            due_at: owed.filter_map(|reading| reading.due_at).min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SlaMetric;

    fn reading(metric: SlaMetric) -> SlaReading {
        SlaReading {
            metric,
            cycle: 1,
            target_min: 60,
            is_promised: true,
            used_ms: 0,
            due_at: Some(Timestamp(3_600_000)),
            warn_at: None,
            is_paused: false,
            fulfilled_at: None,
            warned_at: None,
            breached_at: None,
            n_breaches: 0,
        }
    }

    #[test]
    fn the_worst_clock_speaks_and_the_next_due_time_counts() {
        use SlaMetric::{FirstReply, Resolution};
        let running = reading(FirstReply);
        let met = SlaReading { fulfilled_at: Some(Timestamp(9)), ..reading(FirstReply) };
        let late = SlaReading { breached_at: Some(Timestamp(5)), n_breaches: 1, ..met.clone() };
        let later = SlaReading { due_at: Some(Timestamp(7_200_000)), ..reading(Resolution) };
        let paused = SlaReading { is_paused: true, due_at: None, ..reading(Resolution) };
        let warned = SlaReading { warned_at: Some(Timestamp(4)), ..later.clone() };
        let again = SlaReading { n_breaches: 1, ..later.clone() };
        for (readings, standing, due_at) in [
            (vec![], SlaStanding::None, None),
            (vec![running.clone(), later.clone()], SlaStanding::Running, Some(3_600_000)),
            (vec![met.clone(), later.clone()], SlaStanding::Running, Some(7_200_000)),
            (vec![met.clone(), paused.clone()], SlaStanding::Paused, None),
            (vec![running, paused], SlaStanding::Running, Some(3_600_000)),
            (vec![met.clone(), warned], SlaStanding::Warned, Some(7_200_000)),
            (vec![met.clone()], SlaStanding::Met, None),
            (vec![late.clone(), later], SlaStanding::Breached, Some(7_200_000)),
            (vec![met, again], SlaStanding::Breached, Some(7_200_000)),
            (vec![late], SlaStanding::Breached, None),
        ] {
            let expected = SlaSummary { standing, due_at: due_at.map(Timestamp) };
            assert_eq!(SlaSummary::of(&readings), expected, "{readings:?}");
        }
        for standing in SlaStanding::ALL {
            assert_eq!(SlaStanding::parse(standing.as_str()), Some(standing));
        }
    }
}
