//! Customers who may be one person, to be looked at before they are merged.

use std::collections::{BTreeSet, HashMap};

use domain::{CustomerId, Principal, Scope};
use store::Likeness;

use crate::{CustomerView, Desk, DeskError};

/// Groups of each likeness that are listed: who has looked at them merges them, and the next ones come up.
const GROUPS_MAX: usize = 50;

/// Customers who may be one person.
#[derive(Debug, Clone)]
pub struct DuplicateGroup {
    /// Why.
    pub likeness: Likeness,
    /// Who, by id; at least two.
    pub customers: Vec<CustomerView>,
}

impl Desk {
    /// Customers who may be one person: addresses that differ behind a plus sign or in the case of their letters, numbers with
    /// the same end, the same name in the same organisation. At most fifty groups of each kind.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`.
    pub async fn list_duplicates(&self, principal: &Principal) -> Result<Vec<DuplicateGroup>, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        let found = self.0.store.list_duplicates(GROUPS_MAX).await?;
        let ids: BTreeSet<CustomerId> = found.iter().flat_map(|group| group.customers.clone()).collect();
        let views = self.customer_views(self.0.store.customers_of(&ids).await?).await?;
        let views: HashMap<CustomerId, CustomerView> =
            views.into_iter().map(|view| (view.customer.id.clone(), view)).collect();
        let groups = found.into_iter().map(|group| DuplicateGroup {
            likeness: group.likeness,
            customers: group.customers.iter().filter_map(|id| views.get(id).cloned()).collect(),
        });
        Ok(groups.filter(|group| group.customers.len() > 1).collect())
    }
}
