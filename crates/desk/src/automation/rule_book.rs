//! The rules that are tried when something happens or as time passes, parsed once and read again when any process has changed them.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{Rule, RuleState, Trigger};
use store::WriteTx;

use crate::{Desk, DeskError};

/// Rules as they were last read.
#[derive(Default)]
pub struct RuleCache(Mutex<Option<Arc<RuleBook>>>);

/// The active rules, in their order.
pub(crate) struct RuleBook {
    revision: i64,
    /// Those that listen to events.
    pub(super) rules: Vec<Rule>,
    /// Those that are tried as time passes.
    pub(super) timed: Vec<Rule>,
}

impl Desk {
    /// The rules as they are in this transaction.
    pub(super) async fn rule_book(&self, tx: &mut WriteTx) -> Result<Arc<RuleBook>, DeskError> {
        let revision = tx.rules_revision().await?;
        let cache = &self.0.rules.0;
        let known = cache.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.revision == revision) {
            return Ok(known);
        }
        let mut rules = tx.rules().await?;
        rules.retain(|rule| rule.state == RuleState::Active);
        let (timed, rules) = rules.into_iter().partition(|rule| rule.trigger == Trigger::Time);
        let book = Arc::new(RuleBook { revision, rules, timed });
        *cache.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&book));
        Ok(book)
    }
}
