//! People and programs: who signs in, with what, for how long, teams, and API keys.

mod erase;
mod erase_responses;
mod invite;
mod key;
mod link;
mod lockout;
mod password;
mod provider;
mod role;
mod second_factor;
pub(crate) mod secret;
mod seen;
mod session;
mod sign_in;
mod team;
mod totp;
mod user;

pub use erase::*;
pub use invite::*;
pub use key::*;
pub use link::*;
pub use lockout::Origin;
pub use provider::*;
pub use role::*;
pub use second_factor::*;
pub use seen::Seen;
pub use session::*;
pub use team::*;
pub use user::*;
