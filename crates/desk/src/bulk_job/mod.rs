//! The same actions for many tickets: chosen and tried, done beside the requests, told of, and taken back.

mod create;
mod read;
mod run;
mod select;
mod undo;

pub use create::NewBulkJob;
pub use read::{
    BULK_JOBS_PER_PAGE_MAX, BULK_TICKETS_PER_PAGE_MAX, BulkJobPage, BulkTicketPage, BulkTicketRow,
};
pub use select::{BulkPreview, BulkSample, BulkSelection, TicketRef};
pub use store::BulkTicketsAsked;
