//! The outside world: the one client for outbound HTTP, and on top of it the language model's protocol, single sign-on
//! and messages to webhooks.
//!
//! No outbound byte goes to a private address unless the administrator named it.
//! Everything that comes back is bounded in size and time, and what goes wrong is said without details that would help
//! to scan a network.

pub mod llm;
pub mod oidc;
mod outbound;
pub mod webhook;

pub use outbound::{AllowList, OutboundClient, OutboundError, OutboundRequest, OutboundResponse};

#[cfg(test)]
mod testing;
