//! What secrets are sealed with.

use std::path::PathBuf;

use serde::Deserialize;

/// What secrets are sealed with. Its `Debug` does not show the key.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Security {
    /// 64 hexadecimal digits; `secret.key` of the data directory when absent.
    pub secret_key: Option<String>,
    /// A file with the key.
    pub secret_key_file: Option<PathBuf>,
}

impl std::fmt::Debug for Security {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { secret_key: _, secret_key_file } = self;
        f.debug_struct("Security").field("secret_key_file", secret_key_file).finish_non_exhaustive()
    }
}
