//! When a rule is tried: what happened, and what of a ticket changed by it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{InvalidRule, cascade::Noticed};
use crate::{Priority, TicketField, TicketStatus};

/// Most tests of changes of one rule; all of them must hold.
pub const CHANGE_TESTS_MAX: usize = 5;
/// Longest value of a test, in characters: that of a field that filters compare.
const VALUE_CHARS_MAX: usize = 200;
/// The fields whose changes rules can ask for, beside custom ones.
const LISTENED_TO: [TicketField; 9] = [
    TicketField::Status,
    TicketField::CustomStatus,
    TicketField::Priority,
    TicketField::Team,
    TicketField::Assignee,
    TicketField::Customer,
    TicketField::Organisation,
    TicketField::Tags,
    TicketField::SnoozedUntil,
];
/// The value that stands for none.
const NONE: &str = "none";

/// When a rule is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// When one of these has happened to a ticket.
    Events {
        /// What; at least one.
        events: BTreeSet<RuleEvent>,
        /// What must have changed with it: all of these.
        changed: Vec<ChangeTest>,
    },
    /// Again and again, as time passes.
    Time,
}

/// Something that happens to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleEvent {
    /// It was opened.
    TicketOpened,
    /// A field of it changed.
    TicketChanged,
    /// The customer wrote, after it was opened.
    CustomerReplied,
    /// An agent, or a program in the team's name, wrote to the customer.
    AgentReplied,
    /// Somebody wrote a note.
    NoteAdded,
    /// The time that a customer is promised is nearly over.
    SlaWarned,
    /// A promise was not kept.
    SlaBreached,
}

impl RuleEvent {
    /// Every event.
    pub const ALL: [Self; 7] = [
        Self::TicketOpened,
        Self::TicketChanged,
        Self::CustomerReplied,
        Self::AgentReplied,
        Self::NoteAdded,
        Self::SlaWarned,
        Self::SlaBreached,
    ];

    /// The event as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketOpened => "ticket_opened",
            Self::TicketChanged => "ticket_changed",
            Self::CustomerReplied => "customer_replied",
            Self::AgentReplied => "agent_replied",
            Self::NoteAdded => "note_added",
            Self::SlaWarned => "sla_warned",
            Self::SlaBreached => "sla_breached",
        }
    }

    /// Parses a stored event.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }
}

/// What is asked of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeTest {
    /// Of which field.
    field: TicketField,
    /// What it was; anything when absent.
    from: Option<String>,
    /// What it is; anything when absent.
    to: Option<String>,
}

impl ChangeTest {
    /// A test of a field, by the names that a history has; `none` is to have no value.
    ///
    /// # Errors
    /// [`InvalidRule::Trigger`] with what would be right.
    pub fn new(field: &str, from: Option<String>, to: Option<String>) -> Result<Self, InvalidRule> {
        let refused = |message: &str| InvalidRule::Trigger(format!("changed: {message}"));
        let known = TicketField::parse(field)
            .filter(|field| matches!(field, TicketField::Custom(_)) || LISTENED_TO.contains(field));
        let field = known.ok_or_else(|| {
            refused("a field is one of status, custom_status, priority, team, assignee, customer, organisation, tags, snoozed_until, field.KEY")
        })?;
        for value in [&from, &to].into_iter().flatten() {
            let is_good = match field {
                TicketField::Status => TicketStatus::parse(value).is_some(),
                TicketField::Priority => Priority::parse(value).is_some(),
                TicketField::Tags => {
                    return Err(refused("tags have neither from nor to; ask for them in the condition"));
                }
                _ => !value.trim().is_empty() && value.chars().count() <= VALUE_CHARS_MAX,
            };
            if !is_good {
                let field = field.key();
                return Err(refused(&format!(
                    "send a {field} as from and to, or none where it can be absent"
                )));
            }
        }
        Ok(Self { field, from, to })
    }

    /// The field's name.
    pub fn field(&self) -> &TicketField {
        &self.field
    }

    /// What it must have been.
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// What it must be.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    /// Whether a change is so.
    pub fn admits(&self, field: &TicketField, from: Option<&str>, to: Option<&str>) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| value.unwrap_or(NONE) == wanted)
        };
        self.field == *field && is(&self.from, from) && is(&self.to, to)
    }
}

impl Trigger {
    /// Events, and what must have changed with them.
    ///
    /// # Errors
    /// [`InvalidRule::Trigger`].
    pub fn events(events: BTreeSet<RuleEvent>, changed: Vec<ChangeTest>) -> Result<Self, InvalidRule> {
        let refused = |message: String| Err(InvalidRule::Trigger(message));
        if events.is_empty() {
            let all: Vec<&str> = RuleEvent::ALL.into_iter().map(RuleEvent::as_str).collect();
            return refused(format!("events: at least one of {}", all.join(", ")));
        }
        if changed.len() > CHANGE_TESTS_MAX {
            return refused(format!("changed: at most {CHANGE_TESTS_MAX}"));
        }
        if !changed.is_empty() && !events.contains(&RuleEvent::TicketChanged) {
            return refused("changed: only with ticket_changed among the events".to_owned());
        }
        Ok(Self::Events { events, changed })
    }

    /// Whether it is set off by what happened, as far as these changes go.
    pub(super) fn hears<'c>(
        &self,
        happened: &BTreeSet<RuleEvent>,
        changes: impl Iterator<Item = &'c Noticed> + Clone,
    ) -> bool {
        let Self::Events { events, changed } = self else { return false };
        let admitted = |test: &ChangeTest| {
            changes.clone().any(|of| test.admits(&of.field, of.from.as_deref(), of.to.as_deref()))
        };
        let is_told = events.iter().any(|event| match event {
            RuleEvent::TicketChanged => happened.contains(event) && changes.clone().next().is_some(),
            event => happened.contains(event),
        });
        is_told && changed.iter().all(admitted)
    }
}
