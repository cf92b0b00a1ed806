//! Webhooks: making them, queueing what happens for them, sending it, and the log of what became of it.
//!
//! An event becomes one message for each webhook that hears of it, in the transaction that moves the cursor on.
//! A message is claimed in one transaction, sent with none open, and its outcome recorded in another.

mod log;
mod manage;
mod outcome;
mod queue;
mod secret;
mod send;

pub use log::*;
pub use manage::*;
pub use secret::*;
pub use send::WEBHOOK_TIMEOUT_MS_MAX;

use domain::{Principal, Scope};

use crate::{Desk, DeskError};

/// Most webhooks: each may have [`send::PER_WEBHOOK`] messages on their way at the same time.
const WEBHOOKS_MAX: usize = 32;

impl Desk {
    /// A webhook hears of every team's tickets, so only who sees them all may have to do with webhooks.
    fn require_webhooks(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::AdminWebhooks)
    }
}
