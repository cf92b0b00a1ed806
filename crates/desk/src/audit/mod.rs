//! The audit log: every change leaves an entry, in its own transaction.

mod lines;
mod origin;
mod read;
mod record;

pub use lines::{AUDIT_CSV_HEAD, audit_csv_line, audit_json};
pub use origin::{acting_from, from_here, noting_changes};
pub use read::{AUDIT_PER_PAGE_MAX, AuditOrder, AuditPage, AuditQuery, AuditVerdict, BrokenEntry};
pub(crate) use record::{RecordedTx, Unrecorded, changed_of};
