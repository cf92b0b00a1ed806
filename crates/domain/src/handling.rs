//! How a ticket is handled: its status among the site's own, its rest until a time, who else has to do with it, and what became
//! of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Checklist, SlaSummary, TicketId, Timestamp, UserId};

/// Most people who follow a ticket: each is told of everything.
pub const FOLLOWERS_MAX: usize = 50;
/// Most addresses in copy of a ticket: as many as one sees at a glance.
pub const CC_MAX: usize = 20;
/// Furthest time until which a ticket is snoozed, in days: whoever wants longer has forgotten it by then.
pub const SNOOZE_DAYS_MAX: i64 = 366;
/// Most tickets that are merged into one, over all steps: all of them are read with it.
pub const MERGED_MAX: usize = 50;

/// How a ticket is handled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    /// The site's own status of it, by key; absent for the built-in one of its category.
    pub custom_status: Option<String>,
    /// Until when it is out of the queues; absent while it is in them.
    pub snoozed_until: Option<Timestamp>,
    /// Into which ticket it was merged.
    pub merged: Option<Merged>,
    /// Of which ticket it was a part.
    pub split_from: Option<TicketId>,
    /// When it was closed; absent while it is not.
    pub closed_at: Option<Timestamp>,
    /// When an agent first replied.
    pub first_replied_at: Option<Timestamp>,
    /// Who follows it, besides the agent who owns it.
    pub followers: BTreeSet<UserId>,
    /// Addresses of further people whom it concerns, in lower case, each put there by an agent.
    pub cc: BTreeSet<String>,
    /// What is to be done before it is done.
    pub checklist: Checklist,
    /// How it stands to what its customer is promised, when it was read: clocks are moved on their own, and only they change it.
    #[serde(skip)]
    pub sla: SlaSummary,
}

/// That a ticket was merged into another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// Into which.
    pub into: TicketId,
    /// When.
    pub at: Timestamp,
    /// Who reads there what was said here.
    pub sight: MergeSight,
}

/// Who reads in the one ticket what was said in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeSight {
    /// The customer too, as both tickets are theirs.
    Shared,
    /// The team alone, as the customers differ or nobody knows that they do not.
    Internal,
}

impl MergeSight {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Internal => "internal",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Shared, Self::Internal].into_iter().find(|sight| sight.as_str() == text)
    }
}
