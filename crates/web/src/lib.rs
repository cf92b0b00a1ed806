//! What a browser or client sees: the help center, the staff area and the REST API.
//!
//! The only crate that knows HTTP, HTML and JSON shapes.
//! It calls use cases of `desk` and nothing below it: no SQL, no index, no model.

mod address;
mod api;
mod assets;
mod caller;
mod config;
mod cookies;
mod dates;
mod device;
mod dress;
mod failure;
mod file;
mod guard;
mod help;
mod limits;
mod markup;
mod mcp;
mod origin;
mod page;
mod routes;
mod serve;
mod staff;
mod state;

pub use api::{UndescribedAccess, openapi};
pub use config::WebConfig;
pub use routes::router;
pub use serve::serve;
