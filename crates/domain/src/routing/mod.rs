//! Routing: which agent gets a ticket, and why.
//!
//! [`assign()`] looks at the ticket's team first, then at its fallback teams in their order. Of a team's people it takes only
//! who is on shift, not absent, available, skilled enough and has room; of those who has the needed skills at the highest
//! levels, then who has the least load for their capacity, then whose last assignment is longest ago, then by id.
//! The same people at the same time give the same decision in whatever order they are listed, and a decision says of
//! everybody why.

mod agent;
mod assign;
mod decision;
#[cfg(test)]
mod properties;
mod skill;
#[cfg(test)]
mod tests;

pub use agent::*;
pub use assign::*;
pub use decision::*;
pub use skill::*;
