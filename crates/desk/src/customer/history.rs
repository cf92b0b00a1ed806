//! What happened with a customer over all channels, in one time line.

use domain::{CustomerId, Principal, Scope};
use store::{HistoryItem, HistoryPlace};

use crate::{Desk, DeskError};

/// Most items on one page.
pub const HISTORY_PER_PAGE_MAX: usize = 100;

/// A page of the time line.
#[derive(Debug, Clone)]
pub struct CustomerHistory {
    /// What happened, the newest first.
    pub items: Vec<HistoryItem>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
}

impl Desk {
    /// What happened with a customer, the newest first: conversations, tickets, replies and notes, each only where this principal
    /// may read it.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`]; [`DeskError::Invalid`] for a place that is none.
    pub async fn customer_history(
        &self,
        principal: &Principal,
        id: &CustomerId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<CustomerHistory, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let customer = self.customer_now(id).await?;
        let after = after.map(|text| {
            HistoryPlace::parse(text)
                .ok_or_else(|| DeskError::invalid("after", "send next of the page before"))
        });
        let limit = limit.clamp(1, HISTORY_PER_PAGE_MAX);
        let after = after.transpose()?;
        let mut items =
            self.0.store.customer_history(principal, &customer.id, after.as_ref(), limit + 1).await?;
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(|item| item.place().to_string());
        Ok(CustomerHistory { items, next })
    }
}
