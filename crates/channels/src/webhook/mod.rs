//! Messages to webhooks, signed as Standard Webhooks says (<https://www.standardwebhooks.com>).

mod send;
mod sign;

pub use send::{WebhookAnswer, WebhookMessage, WebhookSender};
pub use sign::{SECRET_BYTES, secret_text};
