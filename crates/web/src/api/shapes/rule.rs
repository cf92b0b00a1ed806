//! Rules, and what they would do.

use desk::{DryRun, DryRunTicket};
use domain::{ChangeTest, Rule, RuleCounts, RuleState, Then, Trigger};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::automation::{FieldChangeJson, PlannedMessageJson, changes, messages};
use crate::dates::iso;

/// When a rule is tried.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum TriggerJson {
    /// When something happened to a ticket.
    Event {
        /// Any of `ticket_opened`, `ticket_changed`, `customer_replied`, `agent_replied`, `note_added`, `sla_warned`,
        /// `sla_breached`.
        events: Vec<String>,
        /// What must have changed with it: up to 5, all of which must be so. Only with `ticket_changed`.
        #[serde(default)]
        changed: Vec<ChangeJson>,
    },
    /// Again and again, as time passes.
    Time {},
}

/// What must have changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeJson {
    /// `status`, `custom_status`, `priority`, `team`, `assignee`, `customer`, `organisation`, `tags`, `snoozed_until`, or `field.` and the key of a
    /// custom one.
    pub(crate) field: String,
    /// What it was, `none` for nothing; anything when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    /// What it is, `none` for nothing; anything when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
}

/// What comes after a rule that applied.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ThenJson {
    /// The rules behind it.
    #[default]
    GoOn,
    /// No other rule, for what has just happened.
    Stop,
}

/// Whether a rule is tried.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RuleStateJson {
    /// It is.
    Active,
    /// It is not.
    Inactive,
}

/// What is done to tickets by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleJson {
    id: String,
    name: String,
    /// Its place: rules are tried in this order.
    position: i64,
    trigger: TriggerJson,
    /// To which tickets it applies, in the filter language; empty for all.
    condition: String,
    /// What it does, in this order.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<Value>,
    then: ThenJson,
    state: RuleStateJson,
    /// How often it did something to a ticket.
    n_runs: i64,
    last_run_at: Option<String>,
    /// How often one of its actions could not be done.
    n_failed: i64,
    last_failed_at: Option<String>,
    /// Which action that was, and why.
    last_failure: Option<String>,
    /// How often the loop guard held it.
    n_held: i64,
    last_held_at: Option<String>,
    /// Counts its changes, from 1; the `ETag`.
    revision: i64,
}

/// The rules, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesJson {
    pub(crate) rules: Vec<RuleJson>,
}

/// What a rule would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRunJson {
    /// How many tickets that its condition admits were looked at, the newest first.
    n_looked_at: usize,
    /// Those to which it would apply.
    tickets: Vec<DryRunTicketJson>,
}

/// What a rule would do to a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRunTicketJson {
    id: String,
    number: i64,
    subject: String,
    /// The fields that would change.
    changes: Vec<FieldChangeJson>,
    /// What would be written.
    messages: Vec<PlannedMessageJson>,
    /// What could not be done, and why.
    failures: Vec<String>,
}

impl ThenJson {
    pub(crate) fn then(self) -> Then {
        match self {
            Self::GoOn => Then::GoOn,
            Self::Stop => Then::Stop,
        }
    }
}

impl RuleStateJson {
    pub(crate) fn state(self) -> RuleState {
        match self {
            Self::Active => RuleState::Active,
            Self::Inactive => RuleState::Inactive,
        }
    }
}

impl TriggerJson {
    fn new(trigger: &Trigger) -> Self {
        match trigger {
            Trigger::Time => Self::Time {},
            Trigger::Events { events, changed } => Self::Event {
                events: events.iter().map(|event| event.as_str().to_owned()).collect(),
                changed: changed.iter().map(ChangeJson::new).collect(),
            },
        }
    }
}

impl ChangeJson {
    fn new(test: &ChangeTest) -> Self {
        Self {
            field: test.field().key().into_owned(),
            from: test.from().map(str::to_owned),
            to: test.to().map(str::to_owned),
        }
    }
}

impl RuleJson {
    pub(crate) fn new(rule: &Rule, counts: &RuleCounts) -> Self {
        Self {
            id: rule.id.to_string(),
            name: rule.name.clone(),
            position: rule.position,
            trigger: TriggerJson::new(&rule.trigger),
            condition: rule.condition.to_string(),
            actions: rule.actions.to_json(),
            then: match rule.then {
                Then::GoOn => ThenJson::GoOn,
                Then::Stop => ThenJson::Stop,
            },
            state: match rule.state {
                RuleState::Active => RuleStateJson::Active,
                RuleState::Inactive => RuleStateJson::Inactive,
            },
            n_runs: counts.n_runs,
            last_run_at: counts.last_run_at.map(iso),
            n_failed: counts.n_failed,
            last_failed_at: counts.last_failed_at.map(iso),
            last_failure: counts.last_failure.clone(),
            n_held: counts.n_held,
            last_held_at: counts.last_held_at.map(iso),
            revision: rule.revision,
        }
    }
}

impl DryRunJson {
    pub(crate) fn new(run: &DryRun) -> Self {
        Self {
            n_looked_at: run.n_looked_at,
            tickets: run.tickets.iter().map(DryRunTicketJson::new).collect(),
        }
    }
}

impl DryRunTicketJson {
    fn new(tried: &DryRunTicket) -> Self {
        Self {
            id: tried.ticket.id.to_string(),
            number: tried.ticket.number,
            subject: tried.ticket.subject.clone(),
            changes: changes(&tried.changes),
            messages: messages(&tried.messages),
            failures: tried.refused.iter().map(ToString::to_string).collect(),
        }
    }
}
