//! Conversations: opening one, asking, saying whether it helped, handing over, replaying.

mod ask;
mod feedback;
mod generate;
mod handoff;
mod introduce;
mod open;
mod replay;

pub use ask::*;
pub use handoff::*;
pub(crate) use introduce::CustomerForm;
pub use open::*;
pub use replay::*;
