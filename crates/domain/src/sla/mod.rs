//! What customers are promised: policies with targets, and the clocks that measure a ticket against them.
//!
//! A ticket has three clocks. They always run as the ticket's life says, with a policy or without; what a policy adds is
//! targets, and a calendar by which the time is counted. So a policy that comes later counts from the beginning.
//!
//! | clock | starts | pauses | ends |
//! |---|---|---|---|
//! | first reply | when the ticket is opened | never | with the first public reply of an agent, or when it is solved |
//! | next reply | with a customer's message once the first reply has ended | while pending or on hold | with a public reply of an agent, or when it is solved |
//! | resolution | when the ticket is opened | while pending or on hold | when it is solved or closed; goes on when it is opened again |
//!
//! The next reply runs from the oldest message without an answer, anew after each answer. A ticket that is opened again goes
//! on with the resolution time it had used: the time in which it was solved does not count.
//! A target is missed at its due time; a reply at that very moment is late. What was missed or warned of stays so, whatever
//! changes later: a raised priority whose due time is past is a miss at the moment of the change.

mod clock;
mod policy;
#[cfg(test)]
mod properties;
mod standing;
mod state;
mod terms;
#[cfg(test)]
mod tests;
mod timer;

pub use clock::*;
pub use policy::*;
pub use standing::*;
pub use state::*;
pub use terms::*;
pub use timer::*;
