//! Tickets: opening them from conversations, reading, answering, changing, and drafts for them.

pub(crate) mod change;
mod create;
mod field;
mod index;
pub(crate) mod list;
mod open;
mod read;
mod reply;
mod save;
mod search;
mod sight;
mod suggest;
mod view;

pub use change::*;
pub use create::NewTicket;
pub use field::{FieldChange, NewField};
pub use index::{IndexedTickets, TicketProgress};
pub use list::{COUNT_MAX, TICKETS_PER_PAGE_MAX, TicketCount, TicketList, TicketPage};
pub use read::*;
pub use search::{FoundTicket, TICKET_HITS_MAX, TicketSearch, TicketsFound};
pub use view::{NewView, ShareWith, ViewChange, filter};
