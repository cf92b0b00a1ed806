//! Whether a filter admits a ticket that is at hand: the same answer as the database gives.

use super::{AgentRef, Comparison, Condition, CustomerRef, FieldTest, Filter, FilterContext, TimeField};
use crate::{FieldValue, SlaSummary, Ticket};

/// A ticket, and what a filter may ask of the people in it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The address of the agent who owns it.
    pub assignee_email: Option<&'a str>,
    /// The customer's addresses.
    pub customer_emails: &'a [String],
    /// What the ticket's organisation is called.
    pub organisation_name: Option<&'a str>,
    /// How it stands to what its customer is promised.
    pub sla: SlaSummary,
}

/// What a filter may ask of a ticket that does not change with it: the people in it, and its clocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketPeople {
    /// The address of the agent who owns it.
    pub assignee_email: Option<String>,
    /// The customer's addresses.
    pub customer_emails: Vec<String>,
    /// What the ticket's organisation is called.
    pub organisation_name: Option<String>,
    /// How it stands to what its customer is promised.
    pub sla: SlaSummary,
}

impl TicketPeople {
    /// The ticket with them.
    pub fn facts<'a>(&'a self, ticket: &'a Ticket) -> Facts<'a> {
        Facts {
            ticket,
            assignee_email: self.assignee_email.as_deref(),
            customer_emails: &self.customer_emails,
            organisation_name: self.organisation_name.as_deref(),
            sla: self.sla,
        }
    }
}

impl Filter {
    /// Whether it admits a ticket.
    pub fn matches(&self, facts: Facts<'_>, ctx: &FilterContext) -> bool {
        self.admits(&|condition| condition.is_true(facts, ctx))
    }
}

impl Condition {
    fn is_true(&self, facts: Facts<'_>, ctx: &FilterContext) -> bool {
        let ticket = facts.ticket;
        match self {
            Self::Number(comparison, number) => match comparison {
                Comparison::Is => ticket.number == *number,
                Comparison::Less => ticket.number < *number,
                Comparison::AtMost => ticket.number <= *number,
                Comparison::More => ticket.number > *number,
                Comparison::AtLeast => ticket.number >= *number,
            },
            Self::Status(set) => set.contains(&ticket.status),
            Self::CustomStatus(keys) => {
                ticket.handling.custom_status.as_ref().is_some_and(|key| keys.contains(key))
            }
            Self::Priority(set) => set.contains(&ticket.priority),
            Self::Team(teams) => ctx.teams(teams).contains(ticket.team.as_str()),
            Self::Assignee(agents) => agents.iter().any(|agent| match agent {
                AgentRef::Me => ctx.me.is_some() && ticket.assignee_id == ctx.me,
                AgentRef::None => ticket.assignee_id.is_none(),
                AgentRef::Id(id) => ticket.assignee_id.as_ref() == Some(id),
                AgentRef::Email(email) => facts.assignee_email == Some(email),
            }),
            Self::Follower(agents) => agents.iter().any(|agent| {
                let followers = &ticket.handling.followers;
                match agent {
                    AgentRef::Me => ctx.me.as_ref().is_some_and(|me| followers.contains(me)),
                    AgentRef::None => followers.is_empty(),
                    AgentRef::Id(id) => followers.contains(id),
                    AgentRef::Email(_) => false,
                }
            }),
            Self::Customer(customers) => customers.iter().any(|customer| match customer {
                CustomerRef::None => ticket.customer_id.is_none(),
                CustomerRef::Id(id) => ticket.customer_id.as_ref() == Some(id),
                CustomerRef::Email(email) => facts.customer_emails.contains(email),
            }),
            Self::Organisation(wanted) => wanted
                .iter()
                .any(|wanted| wanted.is(ticket.organisation_id.as_ref(), facts.organisation_name)),
            Self::Tag(tags) => tags.iter().any(|tag| match tag {
                None => ticket.tags.is_empty(),
                Some(tag) => ticket.tags.contains(tag),
            }),
            Self::Channel(channels) => channels.contains(&ticket.channel),
            Self::Locale(locales) => locales.contains(&ticket.locale),
            Self::Time(field, comparison, moment) => {
                let (Some(at), Some((from, to))) = (field.of(facts), ctx.bounds(*comparison, *moment)) else {
                    return false;
                };
                from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
            }
            Self::Never(field) => field.of(facts).is_none(),
            Self::Sla(set) => set.contains(&facts.sla.standing),
            Self::Field(key, test) => test.is_true(ticket.fields.get(key), ctx),
        }
    }
}

impl FieldTest {
    pub(super) fn is_true(&self, value: Option<&FieldValue>, ctx: &FilterContext) -> bool {
        match self {
            Self::OneOf(wanted) => {
                let texts = value.map(FieldValue::texts).unwrap_or_default();
                wanted.iter().any(|wanted| match wanted {
                    None => value.is_none(),
                    Some(text) => texts.contains(text),
                })
            }
            Self::Number(..) | Self::Day(..) => {
                let Some((from, to)) = self.millionths(ctx) else { return false };
                let Some(value) = value.and_then(FieldValue::millionths) else { return false };
                from.is_none_or(|from| from <= value) && to.is_none_or(|to| value < to)
            }
        }
    }
}

impl TimeField {
    fn of(self, facts: Facts<'_>) -> Option<crate::Timestamp> {
        let ticket = facts.ticket;
        match self {
            Self::Created => Some(ticket.created_at),
            Self::Updated => Some(ticket.updated_at),
            Self::Solved => ticket.solved_at,
            Self::Snoozed => ticket.handling.snoozed_until,
            Self::Due => facts.sla.due_at,
        }
    }
}
