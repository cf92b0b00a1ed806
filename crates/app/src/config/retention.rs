//! How long things are kept.

use serde::Deserialize;

/// How long things are kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days for which entries of the audit log are kept; for ever when absent.
    pub audit_days: Option<u32>,
}
