//! What follows when something has happened to a ticket: rules, then routing, then its clocks, in the same transaction and until
//! nothing follows any more.

use std::collections::BTreeSet;

use domain::{
    AuditAction, Author, Cascade, FilterContext, Held, HistoryEntry, HistoryId, Occasion, Principal, Rule,
    RuleEvent, SlaEvent, SlaSignal, SlaSignalKind, Step, Ticket, TicketField,
};
use serde_json::json;
use store::RuleOutcome;

use super::{action::Doer, rule_book::RuleBook};
use crate::{Desk, DeskError, audit::RecordedTx};

/// What happened to a ticket, and who has seen it in which state.
pub(crate) struct Settling<'t> {
    /// As its clocks know it.
    pub(crate) clocked: &'t Ticket,
    /// As routing knows it; nothing where it is new.
    pub(crate) routed: Option<&'t Ticket>,
    /// What rules hear of.
    pub(crate) occasion: Occasion,
    /// The message, as its clocks hear of it.
    pub(crate) message: Option<SlaEvent>,
    /// The rule that did it, because time has passed.
    pub(crate) by: Option<&'t Rule>,
}

impl<'t> Settling<'t> {
    /// A ticket was in this state, and something happened.
    pub(crate) fn after(before: &'t Ticket, occasion: Occasion) -> Self {
        Self { clocked: before, routed: Some(before), occasion, message: None, by: None }
    }
}

impl Desk {
    /// Lets rules, routing and clocks do what follows. Gives the ticket after it.
    ///
    /// What calls it boxes it: all that can follow from a change is too much for the stack of a thread.
    ///
    /// It comes to an end: rules act in a bounded number of passes ([`domain::CASCADE_DEPTH_MAX`]), routing acts only after a change,
    /// and clocks tell each warning and miss once.
    pub(crate) async fn settle(
        &self,
        tx: &mut RecordedTx,
        ticket: Ticket,
        what: Settling<'_>,
    ) -> Result<Ticket, DeskError> {
        let book = self.rule_book(tx).await?;
        let ctx = self.filter_context_of_nobody();
        let mut cascade = Cascade::new(&book.rules);
        if what.by.is_some() {
            cascade = cascade.deeper();
        }
        cascade.tell(what.occasion, &ticket);
        let mut ticket = ticket;
        let mut clocked = what.clocked.clone();
        let mut routed = what.routed.cloned();
        let mut message = what.message;
        // Whether somebody has it as far as people and routing decided.
        let mut is_had = what.by.map_or(&ticket, |_| what.clocked).assignee_id.is_some();
        loop {
            ticket = Box::pin(self.run_rules(tx, &mut cascade, &book, ticket, &ctx)).await?;
            let next = match &routed {
                Some(_) if is_had && ticket.assignee_id.is_none() => {
                    self.route_freed(tx, ticket.clone()).await?
                }
                None => self.route_opened(tx, ticket.clone()).await?,
                Some(before) => self.route_changed(tx, before, ticket.clone()).await?,
            };
            let given = Occasion::of([], &ticket, &next);
            routed = Some(next.clone());
            ticket = next;
            is_had = ticket.assignee_id.is_some();
            if !given.is_nothing() {
                cascade.tell(given, &ticket);
                continue;
            }
            let signals = self.move_clocks(tx, &clocked, &ticket, message.take()).await?;
            if signals.is_empty() {
                return Ok(ticket);
            }
            clocked = ticket.clone();
            cascade.tell(Occasion { events: rule_events(&signals), changes: vec![] }, &ticket);
        }
    }

    async fn run_rules(
        &self,
        tx: &mut RecordedTx,
        cascade: &mut Cascade<'_>,
        book: &RuleBook,
        mut ticket: Ticket,
        ctx: &FilterContext,
    ) -> Result<Ticket, DeskError> {
        if book.rules.is_empty() {
            return Ok(ticket);
        }
        let mut people = tx.people_in(&ticket).await?;
        loop {
            let facts = people.facts(&ticket);
            match cascade.next(facts, ctx) {
                None => return Ok(ticket),
                Some(Step::Hold(rule, held)) => self.note_held(tx, rule, held, &ticket).await?,
                Some(Step::Act(rule)) => {
                    let after = self.apply_rule(tx, rule, &ticket).await?;
                    cascade.acted(rule, &ticket, &after);
                    if after.assignee_id != ticket.assignee_id {
                        people = tx.people_in(&after).await?;
                    }
                    ticket = after;
                }
            }
        }
    }

    /// Does what a rule says, as far as it can be done. What cannot is recorded and does not stand in the way of the rest, nor
    /// of what set the rule off.
    pub(super) async fn apply_rule(
        &self,
        tx: &mut RecordedTx,
        rule: &Rule,
        ticket: &Ticket,
    ) -> Result<Ticket, DeskError> {
        let doer = doer(rule);
        let plan = self.plan(tx, &doer, ticket, &rule.actions).await?;
        for refused in &plan.refused {
            let why = refused.to_string();
            tx.count_rule(&rule.id, RuleOutcome::Failed(&why), self.now()).await?;
            if self.note_on_ticket(tx, &doer.by, ticket, &format!("failed: {why}")).await? {
                let details = json!({ "rule_id": rule.id, "action": refused.n });
                tx.record(AuditAction::TicketRuleFailed, &ticket.id, details);
            }
        }
        if plan.does_nothing(ticket) {
            return Ok(ticket.clone());
        }
        tx.count_rule(&rule.id, RuleOutcome::Ran, self.now()).await?;
        tx.record(AuditAction::TicketRuleApplied, &ticket.id, json!({ "rule_id": rule.id }));
        self.write_messages(tx, &doer.by, ticket, &plan).await?;
        self.store_change(tx, ticket, plan.after, &doer.by).await
    }

    /// Records that a rule was held, where it would have done something.
    async fn note_held(
        &self,
        tx: &mut RecordedTx,
        rule: &Rule,
        held: Held,
        ticket: &Ticket,
    ) -> Result<(), DeskError> {
        let doer = doer(rule);
        if self.plan(tx, &doer, ticket, &rule.actions).await?.does_nothing(ticket) {
            return Ok(());
        }
        tx.count_rule(&rule.id, RuleOutcome::Held, self.now()).await?;
        // That a rule does not hear itself is as it should be; a circle is for people to undo.
        if held == Held::TooDeep && self.note_on_ticket(tx, &doer.by, ticket, held.as_str()).await? {
            tx.record(AuditAction::TicketRuleHeld, &ticket.id, json!({ "rule_id": rule.id }));
        }
        Ok(())
    }

    /// Notes in a ticket's history what became of a rule, unless that stands there already: a rule that fails would fill it.
    async fn note_on_ticket(
        &self,
        tx: &mut RecordedTx,
        by: &Author,
        ticket: &Ticket,
        what: &str,
    ) -> Result<bool, DeskError> {
        let entry = HistoryEntry {
            id: HistoryId::new(self.id()),
            ticket_id: ticket.id.clone(),
            at: self.now(),
            by: by.clone(),
            field: TicketField::Rule,
            from: None,
            to: Some(what.to_owned()),
        };
        if tx.has_history(&entry).await? {
            return Ok(false);
        }
        tx.insert_history(&entry).await?;
        Ok(true)
    }
}

/// A rule, as who does something.
pub(super) fn doer(rule: &Rule) -> Doer {
    let by = Author::Rule { id: rule.id.to_string(), name: rule.name.clone() };
    Doer { principal: Principal::System, by, holder: None }
}

/// What clocks say, as rules hear it.
pub(crate) fn rule_events(signals: &[SlaSignal]) -> BTreeSet<RuleEvent> {
    let events = signals.iter().map(|signal| match signal.kind {
        SlaSignalKind::Warned => RuleEvent::SlaWarned,
        SlaSignalKind::Breached => RuleEvent::SlaBreached,
    });
    events.collect()
}
