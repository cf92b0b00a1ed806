//! Reports: what is counted of tickets and conversations, on which day, for whom.
//!
//! Everything is pure. A ticket's life gives its facts, its facts give cells: sums of one day or month, for one team and one
//! key of one dimension. So cells can be taken back and counted anew, and counting again from the beginning gives the same.
//!
//! What happens to a ticket counts for the team, agent and priority that it had then; that it was opened counts for those that it
//! has now, and all of it for the tags that it has now.

mod cell;
mod column;
mod conversation;
mod count;
mod day;
mod facts;
mod histogram;
mod life;
mod measure;
#[cfg(test)]
mod tests;
mod values;

pub use cell::*;
pub use column::*;
pub use conversation::*;
pub use count::*;
pub use day::*;
pub use facts::*;
pub use histogram::*;
pub use life::*;
pub use measure::*;
pub use values::*;
