//! The one client for outbound HTTP.
//!
//! It refuses private addresses where they can hide: in a literal host, in what a name resolves to (checked at connect
//! time, so a name that changes its mind is refused too) and behind redirects, which it does not follow.

mod allow;
mod client;
mod private;
mod resolver;

pub use allow::AllowList;
pub use client::{OutboundClient, OutboundRequest, OutboundResponse};

/// Why a request was not made or not answered. The texts are generic: whoever reads them learns nothing about the
/// network behind Askwell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The address is none, or none that is spoken here.
    #[error("not an http or https address")]
    Address,
    /// The target is private and not allow-listed.
    #[error("target not allowed")]
    NotAllowed,
    /// An entry of an allow-list is neither a host, an address nor a network.
    #[error("not a host, an address or a network: {0:?}")]
    AllowEntry(String),
    /// The target did not answer in time.
    #[error("target did not answer in time")]
    Late,
    /// The answer is larger than the caller takes.
    #[error("answer too large")]
    TooLarge,
    /// Everything else between here and there.
    #[error("target cannot be reached")]
    Failed,
}
