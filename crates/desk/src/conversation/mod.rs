//! Conversations: opening one, asking, saying whether it helped, handing over, replaying.

mod ask;
mod feedback;
mod generate;
mod handoff;
mod open;
mod replay;

pub use ask::*;
pub use handoff::*;
pub use open::*;
pub use replay::*;
