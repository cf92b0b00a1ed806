//! How replies are sent.

use anyhow::bail;
use serde::Deserialize;

/// How replies are sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replies {
    /// Seconds for which people can take a reply back, 0 to 60; at 0 replies are sent at once.
    pub undo_send_s: u32,
}

impl Replies {
    /// # Errors
    /// A time that is longer than a customer should wait.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        let most = domain::UNDO_SEND_S_MAX;
        if self.undo_send_s > most {
            bail!("replies.undo_send_s is {}; use 0 to {most}", self.undo_send_s);
        }
        Ok(())
    }
}
