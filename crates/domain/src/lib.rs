//! The nouns of customer support and their rules: article, passage, conversation, ticket, hand-off.
//!
//! Pure: no async, no IO, no clock reads.
//! States are enums with data; a transition consumes the value and may refuse.

mod article;
mod attempts;
mod audit;
mod bot_turn;
mod citation;
mod conversation;
mod event;
mod field;
mod filter;
mod handoff;
mod history;
mod hit;
mod ids;
mod learning;
mod locale;
mod passage;
mod people;
mod principal;
mod role;
mod routing;
mod schedule;
mod sla;
mod suggestion;
mod tag;
mod ticket;
mod time;
mod trace;
mod view;
mod webhook;

pub use article::*;
pub use attempts::*;
pub use audit::*;
pub use bot_turn::*;
pub use citation::*;
pub use conversation::*;
pub use event::*;
pub use field::*;
pub use filter::*;
pub use handoff::*;
pub use history::*;
pub use hit::*;
pub use ids::*;
pub use learning::*;
pub use locale::*;
pub use passage::*;
pub use people::*;
pub use principal::*;
pub use role::*;
pub use routing::*;
pub use schedule::*;
pub use sla::*;
pub use suggestion::*;
pub use tag::*;
pub use ticket::*;
pub use time::*;
pub use trace::*;
pub use view::*;
pub use webhook::*;
