//! One thing after the other: rules act on what happened, and other rules on what these changed, until nothing follows.
//!
//! What happened is one pass over the rules, each of which sees what those before it changed. What they changed together is the
//! next pass. The loop guard is in two parts: a rule does not hear what only itself has changed, and there are at most
//! [`CASCADE_DEPTH_MAX`] passes in which rules act.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, RuleEvent, Then, Trigger};
use crate::{Facts, FilterContext, RuleId, Ticket, TicketField};

/// Passes in which rules act: chains of rules that people have thought of are two or three long, longer ones are circles.
pub const CASCADE_DEPTH_MAX: usize = 5;

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Occasion {
    /// What.
    pub events: BTreeSet<RuleEvent>,
    /// What changed with it.
    pub changes: Vec<Noticed>,
}

/// A change that rules may notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// What.
    pub field: TicketField,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
    /// The rules that wrote it; empty where it was somebody else.
    pub by: BTreeSet<RuleId>,
}

impl Occasion {
    /// What happened when a ticket became another, with these events besides.
    pub fn of(events: impl IntoIterator<Item = RuleEvent>, before: &Ticket, after: &Ticket) -> Self {
        let mut events: BTreeSet<RuleEvent> = events.into_iter().collect();
        let changes: Vec<Noticed> = before
            .changes(after)
            .into_iter()
            .map(|(field, from, to)| Noticed { field, from, to, by: BTreeSet::new() })
            .collect();
        if !changes.is_empty() {
            events.insert(RuleEvent::TicketChanged);
        }
        Self { events, changes }
    }

    /// Whether nothing happened.
    pub fn is_nothing(&self) -> bool {
        self.events.is_empty()
    }
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'r> {
    /// This rule applies: do its actions, then say so with [`Cascade::acted`].
    Act(&'r Rule),
    /// This rule would apply and is held.
    Hold(&'r Rule, Held),
}

/// Why a rule is held that would apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Only itself has changed what it listens to.
    OwnChange,
    /// Rules have set off one another [`CASCADE_DEPTH_MAX`] times.
    TooDeep,
}

impl Held {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnChange => "not again for what it changed itself",
            Self::TooDeep => "cut, because rules set off one another in a circle",
        }
    }
}

/// Rules that act on a ticket, one after the other.
#[derive(Debug)]
pub struct Cascade<'r> {
    rules: &'r [Rule],
    pub(super) depth: usize,
    pass: Option<Pass>,
}

#[derive(Debug)]
struct Pass {
    occasion: Occasion,
    /// The place of the next rule.
    next: usize,
    /// The ticket when the pass began.
    before: Ticket,
    /// Who wrote what in it.
    wrote: BTreeMap<String, BTreeSet<RuleId>>,
}

impl<'r> Cascade<'r> {
    /// A cascade of these rules, which are in their order.
    pub fn new(rules: &'r [Rule]) -> Self {
        Self { rules, depth: 0, pass: None }
    }

    /// The same after a rule has acted already, because time has passed.
    #[must_use]
    pub fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    /// Tells what happened to the ticket, once the steps of what happened before are done.
    pub fn tell(&mut self, occasion: Occasion, ticket: &Ticket) {
        if !occasion.is_nothing() {
            self.pass = Some(Pass { occasion, next: 0, before: ticket.clone(), wrote: BTreeMap::new() });
        }
    }

    /// What is to be done next to the ticket as it is now; nothing when all is done.
    pub fn next(&mut self, facts: Facts<'_>, ctx: &FilterContext) -> Option<Step<'r>> {
        loop {
            let pass = self.pass.as_mut()?;
            let Some(rule) = self.rules.get(pass.next) else {
                self.end_pass(facts.ticket);
                continue;
            };
            pass.next += 1;
            let Some(held) = heard(rule, &pass.occasion) else { continue };
            if !rule.condition.matches(facts, ctx) {
                continue;
            }
            let held = if self.depth >= CASCADE_DEPTH_MAX { Some(Held::TooDeep) } else { held };
            if let Some(held) = held {
                return Some(Step::Hold(rule, held));
            }
            if rule.then == Then::Stop {
                pass.next = self.rules.len();
            }
            return Some(Step::Act(rule));
        }
    }

    /// Says what a rule made of the ticket.
    pub fn acted(&mut self, rule: &Rule, before: &Ticket, after: &Ticket) {
        let Some(pass) = self.pass.as_mut() else { return };
        for (field, ..) in before.changes(after) {
            pass.wrote.entry(field.key().into_owned()).or_default().insert(rule.id.clone());
        }
    }

    /// What a pass changed is what happened next.
    fn end_pass(&mut self, ticket: &Ticket) {
        let Some(pass) = self.pass.take() else { return };
        self.depth += 1;
        let mut next = Occasion::of([], &pass.before, ticket);
        for change in &mut next.changes {
            change.by = pass.wrote.get(change.field.key().as_ref()).cloned().unwrap_or_default();
        }
        self.tell(next, ticket);
    }
}

/// Whether a rule is set off by what happened, and if so, whether only by what it did itself.
fn heard(rule: &Rule, occasion: &Occasion) -> Option<Option<Held>> {
    let Trigger::Events { .. } = rule.trigger else { return None };
    if !rule.trigger.hears(&occasion.events, occasion.changes.iter()) {
        return None;
    }
    let is_own = |change: &&Noticed| change.by.len() == 1 && change.by.contains(&rule.id);
    let others = occasion.changes.iter().filter(|change| !is_own(change));
    if rule.trigger.hears(&occasion.events, others) { Some(None) } else { Some(Some(Held::OwnChange)) }
}
