//! The statuses that tickets can have: the six built-in ones, and those that a site adds to their categories while it runs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Field, TicketStatus};

/// Most statuses, the built-in ones included: more fit no list that somebody chooses from.
pub const STATUSES_MAX: usize = 60;

/// A status that a ticket can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What filters and programs name it by; see [`Field::is_key`]. It never changes. A built-in one has its category's.
    pub key: String,
    /// What agents read.
    pub name: String,
    /// What customers read.
    pub customer_name: String,
    /// What it counts as for lists, SLA, routing and reports. It never changes.
    pub category: TicketStatus,
    /// Its place among the others; ties go by key.
    pub position: i64,
    /// Whether tickets are given it. Those that have one that is not keep it.
    pub state: StatusState,
    /// The statuses that agents may move a ticket to from here, by key; all that the categories allow when absent.
    pub next: Option<BTreeSet<String>>,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// Whether tickets are given a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusState {
    /// They are.
    Active,
    /// They are not, and those that have it keep it.
    Retired,
}

impl StatusState {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Retired].into_iter().find(|state| state.as_str() == text)
    }
}

impl Status {
    /// Whether a text can be the key of a status that a site adds: one of a field, and none of a built-in status.
    pub fn is_free_key(text: &str) -> bool {
        Field::is_key(text) && TicketStatus::parse(text).is_none()
    }

    /// Whether it is the one that its category always has.
    pub fn is_built_in(&self) -> bool {
        self.key == self.category.as_str()
    }

    /// Whether an agent may move a ticket from this status to another one.
    pub fn may_become(&self, next: &Self) -> bool {
        let is_within = self.category == next.category;
        (is_within || self.category.may_become(next.category))
            && next.state == StatusState::Active
            && self.next.as_ref().is_none_or(|allowed| allowed.contains(&next.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(key: &str, category: TicketStatus, next: Option<&[&str]>) -> Status {
        Status {
            key: key.to_owned(),
            name: key.to_owned(),
            customer_name: key.to_owned(),
            category,
            position: 0,
            state: StatusState::Active,
            next: next.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect()),
            revision: 1,
        }
    }

    #[test]
    fn categories_and_lists_say_what_a_status_may_become() {
        use TicketStatus::{Closed, New, Open, Pending};
        let vendor = status("vendor", Pending, None);
        let strict = status("strict", Pending, Some(&["vendor", "new"]));
        let retired = Status { state: StatusState::Retired, ..status("old", Open, None) };
        for (from, to, may) in [
            (&status("new", New, None), &vendor, true),
            (&status("new", New, None), &status("vip", New, None), true),
            (&vendor, &strict, true),
            (&vendor, &status("new", New, None), false),
            (&strict, &vendor, true),
            (&strict, &status("open", Open, None), false),
            (&strict, &status("new", New, None), false),
            (&vendor, &retired, false),
            (&retired, &vendor, true),
            (&status("closed", Closed, None), &vendor, false),
        ] {
            assert_eq!(from.may_become(to), may, "{} to {}", from.key, to.key);
        }
    }

    #[test]
    fn the_keys_of_built_in_statuses_are_taken() {
        for (key, free) in [("waiting_vendor", true), ("pending", false), ("Waiting", false), ("", false)] {
            assert_eq!(Status::is_free_key(key), free, "{key}");
        }
    }
}
