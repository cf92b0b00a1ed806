//! People and programs: signing in, teams, and API keys.

mod key;
pub(crate) mod secret;
mod sign_in;
mod team;

pub use key::*;
pub use sign_in::*;
pub use team::*;
