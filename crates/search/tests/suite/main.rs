//! What a reader, an editor or an operator notices of search, whatever finds the hits.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails, as it should")]

mod audience;
mod damage;
mod history;
mod languages;
mod learned;
mod library;
mod ranking;
mod restart;
mod snippets;
mod tickets;
mod typing;
mod vectors;
