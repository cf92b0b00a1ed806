//! Rules: what is done to tickets by itself, when something happens or when time has passed.
//!
//! The engine is pure: the same rules, ticket, events and time give the same steps, and there are never more than
//! [`CASCADE_DEPTH_MAX`] times as many as there are rules.

mod cascade;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod trigger;

pub use cascade::{CASCADE_DEPTH_MAX, Cascade, Held, Noticed, Occasion, Step};
pub use trigger::{CHANGE_TESTS_MAX, ChangeTest, RuleEvent, Trigger};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Actions, Condition, Filter, RuleId, TicketStatus, Timestamp};

/// Most rules of a site: their conditions are tried one after the other whenever something happens to a ticket.
pub const RULES_MAX: usize = 100;

/// What is done to tickets by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// Its place: rules are tried in this order; ties go by id.
    pub position: i64,
    /// When it is tried.
    pub trigger: Trigger,
    /// To which tickets it applies.
    pub condition: Filter,
    /// What it does.
    pub actions: Actions,
    /// Whether rules behind it are tried once it applied.
    pub then: Then,
    /// Whether it is tried at all.
    pub state: RuleState,
    /// Counts its changes, from 1.
    pub revision: i64,
}

/// What comes after a rule that applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The rules behind it.
    GoOn,
    /// No other rule, for what has just happened.
    Stop,
}

impl Then {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GoOn => "go_on",
            Self::Stop => "stop",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::GoOn, Self::Stop].into_iter().find(|then| then.as_str() == text)
    }
}

/// Whether a rule is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// It is.
    Active,
    /// It is not.
    Inactive,
}

impl RuleState {
    /// The value as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    /// Parses a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Inactive].into_iter().find(|state| state.as_str() == text)
    }
}

/// How often a rule did something, and how often it could not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleCounts {
    /// How often it did something to a ticket.
    pub n_runs: i64,
    /// When last.
    pub last_run_at: Option<Timestamp>,
    /// How often one of its actions could not be done.
    pub n_failed: i64,
    /// When last.
    pub last_failed_at: Option<Timestamp>,
    /// Which action that was, and why.
    pub last_failure: Option<String>,
    /// How often the loop guard held it.
    pub n_held: i64,
    /// When last.
    pub last_held_at: Option<Timestamp>,
}

/// Why a rule cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// What triggers it.
    #[error("{0}")]
    Trigger(String),
    /// Its condition.
    #[error("{0}")]
    Condition(&'static str),
}

impl Rule {
    /// A condition that a rule can have: it means the same for everybody, and one that is tried as time passes leaves closed
    /// tickets alone, of which there are ever more.
    ///
    /// # Errors
    /// [`InvalidRule::Condition`].
    pub fn checked_condition(trigger: &Trigger, condition: Filter) -> Result<Filter, InvalidRule> {
        if condition.depends_on_reader() {
            return Err(InvalidRule::Condition("it must mean the same for everybody: no me, no mine"));
        }
        if *trigger == Trigger::Time && statuses_but_closed(&condition).is_none() {
            return Err(InvalidRule::Condition(
                "name the statuses without closed, such as status:pending updated<-3d, outside of or and negations",
            ));
        }
        Ok(condition)
    }

    /// The statuses of tickets that a rule can apply to which is tried as time passes.
    pub fn swept_statuses(&self) -> Vec<TicketStatus> {
        statuses_but_closed(&self.condition).into_iter().flatten().copied().collect()
    }
}

/// The statuses that a filter names, outside of alternatives and negations, where closed is not among them.
fn statuses_but_closed(filter: &Filter) -> Option<&BTreeSet<TicketStatus>> {
    match filter {
        Filter::All(parts) => parts.iter().find_map(statuses_but_closed),
        Filter::Is(Condition::Status(set)) => Some(set).filter(|set| !set.contains(&TicketStatus::Closed)),
        _ => None,
    }
}
