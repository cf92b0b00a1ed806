//! What customers, agents and integrators can notice, through the front door.
//!
//! One binary, a module per promise. What a single crate promises is tested in that crate.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails, as it should")]

mod answers;
mod api;
mod archive;
mod attachments;
mod audiences;
mod audit;
mod bulk;
mod canned_replies;
mod contract;
mod crowd;
mod customer_merges;
mod customers;
mod databases;
mod durability;
mod erasure;
mod events;
mod export;
mod fields;
mod handoff;
mod idempotency;
mod import;
mod input;
mod invites;
mod keys;
mod lag;
mod learning;
mod llm;
mod lockouts;
mod macros;
mod markup;
mod mcp;
mod mentions;
mod merging;
mod pages;
mod permissions;
mod rate_limits;
mod reports;
mod rich_text;
mod roles;
mod routing;
mod rules;
mod schedules;
mod second_factor;
mod sign_in;
mod single_sign_on;
mod sla;
mod snoozes;
mod statuses;
mod suggestions;
mod takeover;
mod team_limits;
mod teams;
mod ticket_filters;
mod ticket_search;
mod tickets;
mod traces;
mod users;
mod views;
mod waiting_replies;
mod webhooks;
