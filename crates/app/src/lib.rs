//! The command line: configuration, wiring and subcommands.
//!
//! The only place that reads the environment and configuration files.

mod addresses;
mod archive;
mod ask;
mod audit;
mod backup;
mod bench;
mod cli;
mod config;
mod demo;
mod doctor;
mod erase;
mod eval;
mod export;
mod import;
mod import_tickets;
mod key;
mod learn;
mod lock;
mod print;
mod reindex;
mod report;
mod search;
mod serve;
mod site_key;
mod system;
mod tree;
mod user;
mod wiring;

pub use cli::{Cli, run};
pub use config::Config;
pub use export::export_to;
pub use system::{SystemClock, SystemIds};
pub use wiring::{Opened, Seams, WriteAccess, open_with_seams};
