//! What customers are promised: policies, and the clocks of tickets.

mod clock;
mod policy;

pub use policy::*;
