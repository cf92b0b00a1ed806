//! Configurations for tests, written as a site writes them.

use app::Config;
use serde_json::{Value, json};

/// A configuration with these settings and the shipped ones for the rest.
///
/// # Panics
/// When there is no such setting.
pub fn settings(settings: Value) -> Config {
    serde_json::from_value(settings).expect("these are settings")
}

/// A bot that answers whenever it finds anything; for tests of what follows an answer.
pub fn bold() -> Config {
    settings(json!({ "answers": { "answer_threshold": 0.0, "clarify_threshold": 0.0 } }))
}

/// A bot that never trusts its answers; for tests of what follows an abstention.
pub fn shy() -> Config {
    settings(json!({ "answers": { "answer_threshold": 1.0, "clarify_threshold": 1.0 } }))
}
