//! Absences: when an agent is away although the schedule says otherwise.

use serde::{Deserialize, Serialize};

use crate::{AbsenceId, InvalidSchedule, Timestamp, UserId};

/// A time in which an agent does not work: leave, illness, a day at a conference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// Its id.
    pub id: AbsenceId,
    /// Who is away.
    pub user_id: UserId,
    /// From when on.
    pub from: Timestamp,
    /// Until when; at this moment they are back.
    pub to: Timestamp,
    /// Why, for colleagues; may be empty.
    pub reason: String,
}

impl Absence {
    /// The same absence, when it lasts at all.
    ///
    /// # Errors
    /// [`InvalidSchedule::EmptyAbsence`] when it ends before or when it begins.
    pub fn checked(self) -> Result<Self, InvalidSchedule> {
        if self.from < self.to { Ok(self) } else { Err(InvalidSchedule::EmptyAbsence) }
    }

    /// Whether they are away at this time.
    pub fn covers(&self, at: Timestamp) -> bool {
        (self.from..self.to).contains(&at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_ends_when_they_are_back() {
        let absence = |from, to| Absence {
            id: AbsenceId::new("a"),
            user_id: UserId::new("ada"),
            from: Timestamp(from),
            to: Timestamp(to),
            reason: String::new(),
        };
        let away = absence(10, 20).checked().unwrap();
        for (at, covered) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(away.covers(Timestamp(at)), covered, "{at}");
        }
        assert!(absence(10, 10).checked().is_err());
    }
}
