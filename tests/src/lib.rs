//! What the integration tests share: a running Askwell with a clock that stands still, and the people in it.
//!
//! Personas are Ada (agent), Bo (admin), Cy (customer) and Dee (editor).

mod app;
mod articles;
mod browser;
mod clock;
mod config;
mod description;
mod http;
mod letters;
mod llm;
mod model;
mod provider;
mod receiver;

pub use app::TestApp;
pub use articles::{CONTACTS, INVOICES, MAILBOX, PASSWORD, Text};
pub use browser::Browser;
pub use clock::{CountingIds, StoppedClock};
pub use config::{bold, settings, shy};
pub use description::{Operation, operations};
pub use http::Answer;
pub use letters::Letters;
pub use llm::{LanguageModel, Says};
pub use model::WatchedModel;
pub use provider::{Claims, IdentityProvider};
pub use receiver::{Heard, Receiver, Reply};
