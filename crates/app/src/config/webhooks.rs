//! Messages to webhooks.

use anyhow::Context as _;
use channels::AllowList;
use serde::Deserialize;

/// Messages to webhooks.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Hosts, addresses and networks that may be told although they are private.
    pub allow: Vec<String>,
    /// Milliseconds that a receiver may take for its answer; at most 30,000.
    pub timeout_ms: u64,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allow: vec![], timeout_ms: 15_000 }
    }
}

impl Webhooks {
    /// What may be told although it is private.
    ///
    /// # Errors
    /// An entry that is neither a host, an address nor a network.
    pub(crate) fn allow_list(&self) -> anyhow::Result<AllowList> {
        AllowList::parse(self.allow.iter().map(String::as_str)).context("webhooks.allow")
    }
}
