//! People and programs: signing in, and API keys.

mod key;
pub(crate) mod secret;
mod sign_in;

pub use key::*;
pub use sign_in::*;
