//! The use cases of Askwell, one public function each: ask, hand over, publish, reply.
//!
//! A use case is at most one write transaction; none is open while a model or remote service runs.
//! Knows nothing of HTTP.

mod archive;
mod article;
mod audit;
mod automation;
mod bulk_job;
mod config;
mod context;
mod conversation;
mod csv;
mod customer;
mod error;
mod events;
mod export;
mod filter;
mod import;
mod index;
mod input;
mod installation;
mod learning;
mod message;
mod people;
mod repeated;
mod report;
mod routing;
mod seal;
mod search;
mod sharing;
mod sla;
mod sweep;
mod template;
mod ticket;
mod webhook;
mod worker;

pub use archive::*;
pub use article::*;
pub use audit::*;
pub use automation::*;
pub use bulk_job::*;
pub use config::*;
pub use context::*;
pub use conversation::*;
pub use customer::*;
pub use error::*;
pub use events::*;
pub use export::*;
pub use filter::{customer_filter, filter};
pub use import::*;
pub use index::*;
pub use learning::*;
pub use message::*;
pub use people::*;
pub use repeated::*;
pub use report::*;
pub use routing::*;
pub use seal::*;
pub use search::*;
pub use sharing::ShareWith;
pub use sla::*;
pub use ticket::*;
pub use webhook::*;
