//! What acts on tickets with one click or by itself: canned replies, macros, rules.

pub(crate) mod action;
mod canned_reply;
mod check;
mod dry_run;
mod floor;
mod rule;
mod rule_book;
pub(crate) mod settle;
mod sweep;
mod ticket_macro;

pub use action::{PlannedMessage, RefusedAction};
pub use canned_reply::{CannedReplyChange, CannedReplySearch, NewCannedReply};
pub use dry_run::{DRY_RUN_MAX, DryRun, DryRunTicket};
pub use floor::RuleFloors;
pub use rule::{ChangeInput, RuleInput, TriggerInput};
pub use rule_book::RuleCache;
pub use ticket_macro::{MacroChange, MacroPreview, MacroRun, NewMacro};
