//! All SQL: tables to domain values and back, transactions, change log, outbox and jobs.
//!
//! One SQL text serves SQLite and Postgres. What differs is in `dialect`.
//! Reads are methods of [`Store`]; writes are methods of [`WriteTx`], of which one runs at a time.
//! Never calls the network beyond the database, an index or a model; never reads the clock.

mod absence;
mod agent;
mod article;
mod assignment;
mod attempts;
mod author;
mod backup;
mod bulk;
mod collection;
mod conversation;
mod customer;
mod delivery;
mod delivery_queue;
mod dialect;
mod error;
mod explain;
mod history;
mod idempotency;
mod invite;
mod job;
mod key;
mod learning;
mod message;
mod migrate;
mod outbox;
mod passage;
mod placeholders;
mod proposal;
mod publication;
mod published;
mod reader;
mod role;
mod routing;
mod row;
mod schedule;
mod seal;
mod search_log;
mod session;
mod sign_in_link;
mod sla_clock;
mod sla_policy;
mod store;
mod suggestion;
mod team;
mod ticket;
mod trace;
mod translation;
mod turn;
mod tx;
mod user;
mod vector;
mod version;
mod view;
mod vote;
mod webhook;

pub use agent::AgentMember;
pub use article::{ArticleFilter, ArticleRow};
pub use delivery::{DeliveryFilter, NewDelivery};
pub use dialect::sqlite_url;
pub use error::StoreError;
pub use idempotency::IdempotentResponse;
pub use job::{JOB_ATTEMPTS_MAX, Job, JobFate, NewJob};
pub use outbox::OutboxEntry;
pub use published::PublishedText;
pub use search_log::{SearchClicks, SearchGap};
pub use sla_clock::{StoredClock, TicketSla};
pub use store::Store;
pub use ticket::{COUNT_MAX, TicketCount, TicketPlace, TicketQuery};
pub use tx::WriteTx;
pub use vote::VoteCounts;
pub use webhook::WebhookSecret;
