//! The binary as a process: what it prints, how it ends, and what is left when it is killed.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails, as it should")]

mod archive;
mod backup;
mod caller;
mod crash;
mod desk_crash;
mod import;
mod import_tickets;
mod limits;
mod load;
mod program;
mod questions;
mod records;
mod refusals;
mod serve;
mod webhooks;
mod work;
