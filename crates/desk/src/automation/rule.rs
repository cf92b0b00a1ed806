//! Rules: made, changed, ordered and deleted by admins.

use std::collections::BTreeSet;

use domain::{
    ActionsOf, AuditAction, ChangeTest, Filter, Principal, RULES_MAX, Rule, RuleCounts, RuleEvent, RuleId,
    RuleState, Scope, Then, Trigger,
};
use serde_json::{Value, json};

use crate::{
    Desk, DeskError,
    audit::{RecordedTx, changed_of},
    filter::{check_kept_filter, known_fields},
    input,
};

/// Longest name of a rule, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// A rule as people write it.
#[derive(Debug, Clone)]
pub struct RuleInput {
    /// What people call it.
    pub name: String,
    /// When it is tried.
    pub trigger: TriggerInput,
    /// To which tickets it applies, in the filter language; empty for all.
    pub condition: String,
    /// What it does, as JSON.
    pub actions: Vec<Value>,
    /// Whether rules behind it are tried once it applied.
    pub then: Then,
    /// Whether it is tried at all.
    pub state: RuleState,
}

/// When a rule is tried, as people write it.
#[derive(Debug, Clone)]
pub enum TriggerInput {
    /// When something happened.
    Events {
        /// What, by name.
        events: Vec<String>,
        /// What must have changed with it.
        changed: Vec<ChangeInput>,
    },
    /// As time passes.
    Time,
}

/// What is asked of a change, as people write it.
#[derive(Debug, Clone)]
pub struct ChangeInput {
    /// The field's name.
    pub field: String,
    /// What it must have been.
    pub from: Option<String>,
    /// What it must be.
    pub to: Option<String>,
}

impl Desk {
    /// The rules, in their order, with what became of them.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:rules`.
    pub async fn list_rules(&self, principal: &Principal) -> Result<Vec<(Rule, RuleCounts)>, DeskError> {
        Self::require_rules(principal)?;
        Ok(self.0.store.list_rules().await?)
    }

    /// A rule, with what became of it.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:rules`, [`DeskError::NotFound`].
    pub async fn rule(&self, principal: &Principal, id: &RuleId) -> Result<(Rule, RuleCounts), DeskError> {
        let rules = self.list_rules(principal).await?;
        rules.into_iter().find(|(rule, _)| rule.id == *id).ok_or(DeskError::NotFound)
    }

    /// Makes a rule, behind the others. It is tried from the next event on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:rules`, [`DeskError::Invalid`], [`DeskError::Conflict`] when there are
    /// [`RULES_MAX`].
    pub async fn create_rule(&self, principal: &Principal, new: RuleInput) -> Result<Rule, DeskError> {
        Self::require_rules(principal)?;
        let mut tx = self.begin(principal).await?;
        let others = tx.rules().await?;
        if others.len() >= RULES_MAX {
            return Err(DeskError::Conflict(format!("there are {RULES_MAX} rules already")));
        }
        let position = others.last().map_or(1, |last| last.position + 1);
        let rule = self.checked_rule(&mut tx, principal, RuleId::new(self.id()), new).await?;
        let rule = Rule { position, ..rule };
        tx.insert_rule(&rule, self.now()).await?;
        tx.record(AuditAction::RuleCreated, &rule.id, json!({ "state": rule.state }));
        tx.commit().await?;
        Ok(rule)
    }

    /// Changes a rule; its place and its counts stay. On a ticket on which it has acted as time passed, it does not act again
    /// until somebody touches the ticket.
    ///
    /// # Errors
    /// As [`Desk::create_rule`]; [`DeskError::NotFound`], [`DeskError::Stale`] when `expected_revision` is not its revision.
    pub async fn change_rule(
        &self,
        principal: &Principal,
        id: &RuleId,
        change: RuleInput,
        expected_revision: Option<i64>,
    ) -> Result<Rule, DeskError> {
        Self::require_rules(principal)?;
        let mut tx = self.begin(principal).await?;
        let rules = tx.rules().await?;
        let before = rules.into_iter().find(|rule| rule.id == *id).ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, before.revision)?;
        let rule = self.checked_rule(&mut tx, principal, id.clone(), change).await?;
        let rule = Rule { position: before.position, revision: before.revision, ..rule };
        if rule == before {
            tx.rollback().await?;
            return Ok(before);
        }
        let rule = Rule { revision: before.revision + 1, ..rule };
        tx.update_rule(&rule, self.now()).await?;
        let changed = changed_of([
            ("name", before.name != rule.name),
            ("trigger", before.trigger != rule.trigger),
            ("condition", before.condition != rule.condition),
            ("actions", before.actions != rule.actions),
            ("then", before.then != rule.then),
            ("state", before.state != rule.state),
        ]);
        let details = json!({ "changed": changed, "state": rule.state });
        tx.record(AuditAction::RuleChanged, id, details);
        tx.commit().await?;
        Ok(rule)
    }

    /// Deletes a rule. What it did stays, with its name.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:rules`, [`DeskError::NotFound`].
    pub async fn delete_rule(&self, principal: &Principal, id: &RuleId) -> Result<(), DeskError> {
        Self::require_rules(principal)?;
        let mut tx = self.begin(principal).await?;
        tx.delete_rule(id).await?;
        tx.record(AuditAction::RuleDeleted, id, json!({}));
        tx.commit().await
    }

    /// Puts the rules into another order.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:rules`, [`DeskError::Invalid`] unless each rule is named once.
    pub async fn order_rules(&self, principal: &Principal, ids: &[RuleId]) -> Result<(), DeskError> {
        Self::require_rules(principal)?;
        let mut tx = self.begin(principal).await?;
        let rules = tx.rules().await?;
        let known: BTreeSet<&RuleId> = rules.iter().map(|rule| &rule.id).collect();
        let named: BTreeSet<&RuleId> = ids.iter().collect();
        if named != known || ids.len() != rules.len() {
            return Err(DeskError::invalid("ids", "name each rule once"));
        }
        for (position, id) in (1..).zip(ids) {
            let Some(rule) = rules.iter().find(|rule| rule.id == *id) else { continue };
            let revision = rule.revision + i64::from(rule.position != position);
            tx.update_rule(&Rule { position, revision, ..rule.clone() }, self.now()).await?;
        }
        tx.record_alone(AuditAction::RuleOrdered, json!({ "ids": ids }));
        tx.commit().await
    }

    /// A rule acts on every ticket, so only who sees all of them makes one.
    pub(super) fn require_rules(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::AdminRules)
    }

    /// A rule that can be kept, in the first place and revision.
    pub(super) async fn checked_rule(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        id: RuleId,
        rule: RuleInput,
    ) -> Result<Rule, DeskError> {
        let trigger = trigger(rule.trigger)?;
        let condition = crate::filter("condition", &rule.condition)?;
        let condition = Rule::checked_condition(&trigger, condition)
            .map_err(|error| DeskError::invalid("condition", error.to_string()))?;
        check_fields(tx, &condition, &trigger).await?;
        let holder = self.holder(principal).await?;
        let actions = self.checked_actions(tx, (principal, &holder), &rule.actions, ActionsOf::Rule).await?;
        Ok(Rule {
            id,
            name: input::text("name", &rule.name, NAME_BYTES_MAX)?.to_owned(),
            position: 1,
            trigger,
            condition,
            actions,
            then: rule.then,
            state: rule.state,
            revision: 1,
        })
    }
}

fn trigger(input: TriggerInput) -> Result<Trigger, DeskError> {
    let refused = |error: domain::InvalidRule| DeskError::invalid("trigger", error.to_string());
    let TriggerInput::Events { events, changed } = input else { return Ok(Trigger::Time) };
    let mut known = BTreeSet::new();
    for name in events {
        let event = RuleEvent::parse(&name).ok_or_else(|| {
            let all: Vec<&str> = RuleEvent::ALL.into_iter().map(RuleEvent::as_str).collect();
            DeskError::invalid("trigger", format!("events: any of {}", all.join(", ")))
        })?;
        known.insert(event);
    }
    let changed = changed.into_iter().map(|of| ChangeTest::new(&of.field, of.from, of.to));
    Trigger::events(known, changed.collect::<Result<_, _>>().map_err(refused)?).map_err(refused)
}

/// Refuses to listen to fields that are not there.
async fn check_fields(tx: &mut RecordedTx, condition: &Filter, trigger: &Trigger) -> Result<(), DeskError> {
    check_kept_filter(tx, "condition", condition).await?;
    let Trigger::Events { changed, .. } = trigger else { return Ok(()) };
    let custom = changed.iter().filter_map(|test| match test.field() {
        domain::TicketField::Custom(key) => Some(key.as_str()),
        _ => None,
    });
    known_fields("trigger", custom, &tx.fields(domain::FieldOf::Ticket).await?)
}
