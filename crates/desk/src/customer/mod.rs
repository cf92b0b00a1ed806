//! Customers and organisations: what is known of them, how they are reached, where they belong, what happened with them.
//!
//! They belong to the whole site: who may read customers reads all of them, their tickets only as far as their teams reach.

mod change;
mod duplicate;
mod history;
mod identity;
mod list;
mod merge;
mod note;
mod organisation;
mod place;
mod segment;

pub(crate) use change::check_organisation;
pub use change::{CustomerChange, NewCustomer};
pub use duplicate::DuplicateGroup;
pub use history::{CustomerHistory, HISTORY_PER_PAGE_MAX};
pub use identity::{IdentityChange, NewIdentity};
pub use list::{CUSTOMERS_PER_PAGE_MAX, CustomerPage, CustomerView};
pub use merge::MergeView;
pub use note::NoteSubject;
pub use organisation::{
    NewOrganisation, ORGANISATIONS_PER_PAGE_MAX, OrganisationChange, OrganisationLookup, OrganisationPage,
};
pub use segment::{NewSegment, SegmentChange};
pub use store::{HistoryItem, HistoryWhat, Likeness};
