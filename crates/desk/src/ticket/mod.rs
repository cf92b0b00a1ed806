//! Tickets: opening them from conversations, reading, answering, changing, and drafts for them.

pub(crate) mod change;
mod checklist;
mod create;
mod field;
mod follow;
mod history;
mod index;
mod link;
pub(crate) mod list;
mod merge;
mod open;
mod read;
pub(crate) mod save;
mod search;
mod sight;
mod snooze;
mod split;
pub(crate) mod status;
mod suggest;
mod undo;
mod view;

pub use change::*;
pub use checklist::{ChecklistInput, ItemChange, ItemInput, ItemProgress};
pub use create::NewTicket;
pub use field::{FieldChange, NewField};
pub use history::{HistoryRow, TICKET_HISTORY_PER_PAGE_MAX, TicketHistory};
pub use index::{IndexedTickets, TicketProgress};
pub use list::{COUNT_MAX, TICKETS_PER_PAGE_MAX, TicketCount, TicketList, TicketPage, Within};
pub use merge::DifferentCustomers;
pub use read::*;
pub use search::{FoundTicket, TICKET_HITS_MAX, TicketSearch, TicketsFound};
pub use split::Split;
pub use status::{NewStatus, StatusChange};
pub use view::{NewView, ViewChange};
