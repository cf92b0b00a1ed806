//! The binary as a process: what it prints, how it ends, and what is left when it is killed.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails, as it should")]

mod crash;
mod import;
mod limits;
mod program;
mod questions;
mod records;
mod refusals;
mod serve;
mod webhooks;
