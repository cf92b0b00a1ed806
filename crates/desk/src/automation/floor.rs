//! Below which time of their last change a rule that is tried as time passes has acted on every ticket: sweeps begin there, and
//! do not read again each minute what is done with.
//!
//! It is a shortcut that each process keeps for itself. Whoever touches a ticket gives it a new time, above the floor; what comes
//! in below it all the same, such as tickets that are imported with the times they had elsewhere, is found when all are read
//! again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{Rule, RuleId, Timestamp};

use crate::{Desk, DeskError};

/// How often all tickets are looked at from the beginning: rules act after hours and days, and do not miss so much.
const READ_AGAIN_MS: i64 = 60 * 60 * 1_000;
/// How far the floor stays behind the clock. Transactions take seconds, and the clocks of two machines differ by less.
const MARGIN_MS: i64 = 60 * 60 * 1_000;

/// The floors of rules.
#[derive(Default)]
pub struct RuleFloors(Mutex<HashMap<RuleId, Floor>>);

/// Where the sweeps of a rule begin.
#[derive(Debug, Clone)]
struct Floor {
    /// The rule of which this is known.
    rule: Rule,
    /// Every ticket that changed last before this is marked.
    at: Timestamp,
    /// When all tickets were last looked at.
    read_at: Timestamp,
}

impl Desk {
    /// From which time of their last change on tickets are looked at for a rule. It rises past what has been marked since the
    /// last time.
    pub(super) async fn rule_floor(&self, rule: &Rule) -> Result<Timestamp, DeskError> {
        let now = self.now();
        let known = self.floors().get(&rule.id).cloned();
        let known = known.filter(|floor| floor.rule == *rule && now.0 - floor.read_at.0 < READ_AGAIN_MS);
        let (from, read_at) = known.map_or((Timestamp(i64::MIN), now), |floor| (floor.at, floor.read_at));
        let latest = Timestamp(now.0 - MARGIN_MS);
        let first = self.0.store.first_without_mark(rule, from).await?;
        let at = first.map_or(latest, |first| first.min(latest)).max(from);
        self.floors().insert(rule.id.clone(), Floor { rule: rule.clone(), at, read_at });
        Ok(at)
    }

    /// Forgets rules that are no more.
    pub(super) fn keep_floors(&self, rules: &[Rule]) {
        self.floors().retain(|id, _| rules.iter().any(|rule| rule.id == *id));
    }

    fn floors(&self) -> std::sync::MutexGuard<'_, HashMap<RuleId, Floor>> {
        self.0.floors.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
