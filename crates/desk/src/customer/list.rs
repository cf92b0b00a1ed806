//! Reading customers: one with all that is known, and lists that a filter admits.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Customer, CustomerFacts, CustomerFilter, CustomerId, FieldOf, Identity, MERGE_DEPTH_MAX, Organisation,
    OrganisationId, Principal, Scope,
};
use store::{CustomerQuery, TicketCount};

use crate::{Desk, DeskError, input};

/// Most customers on one page.
pub const CUSTOMERS_PER_PAGE_MAX: usize = 100;

/// A customer with all they are known by.
#[derive(Debug, Clone)]
pub struct CustomerView {
    /// The customer.
    pub customer: Customer,
    /// What they are known by, by kind and from the oldest on.
    pub identities: Vec<Identity>,
    /// Where they belong.
    pub organisation: Option<Organisation>,
    /// The segments they are in, by key; only of a customer who is read alone.
    pub segments: Vec<String>,
    /// The fields that they show, by key, in the order of forms; only of a customer who is read alone.
    pub shown_fields: Vec<String>,
}

/// A page of customers.
#[derive(Debug, Clone)]
pub struct CustomerPage {
    /// The customers, by id.
    pub customers: Vec<CustomerView>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
}

impl Desk {
    /// A customer; who was merged is read as who goes on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`, [`DeskError::NotFound`].
    pub async fn read_customer(
        &self,
        principal: &Principal,
        id: &CustomerId,
    ) -> Result<CustomerView, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        let customer = self.customer_now(id).await?;
        self.customer_view(customer).await
    }

    /// Customers that a filter admits, by id.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`; [`DeskError::Invalid`] for a place that is none and for a field that is
    /// not there.
    pub async fn list_customers(
        &self,
        principal: &Principal,
        filter: CustomerFilter,
        after: Option<String>,
        limit: usize,
    ) -> Result<CustomerPage, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        self.check_customer_filter("filter", &filter).await?;
        let limit = limit.clamp(1, CUSTOMERS_PER_PAGE_MAX);
        let query = CustomerQuery {
            filter,
            ctx: self.filter_context_of_nobody(),
            after: input::place(after)?.map(CustomerId::new),
            limit: limit + 1,
        };
        let mut customers = self.0.store.list_customers_of(&query).await?;
        let has_more = customers.len() > limit;
        customers.truncate(limit);
        let next = customers.last().filter(|_| has_more).map(|customer| customer.id.to_string());
        Ok(CustomerPage { customers: self.customer_views(customers).await?, next })
    }

    /// How many customers a filter admits; counting stops at [`crate::COUNT_MAX`].
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`, [`DeskError::Invalid`] for a field that is not there.
    pub async fn count_customers(
        &self,
        principal: &Principal,
        filter: &CustomerFilter,
    ) -> Result<TicketCount, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        self.check_customer_filter("filter", filter).await?;
        Ok(self.0.store.count_customers(filter, &self.filter_context_of_nobody()).await?)
    }

    /// A customer, or who they were found to be.
    ///
    /// # Errors
    /// [`DeskError::NotFound`].
    pub(crate) async fn customer_now(&self, id: &CustomerId) -> Result<Customer, DeskError> {
        let mut found = self.0.store.find_customer(id).await?.ok_or(DeskError::NotFound)?;
        for _ in 0..MERGE_DEPTH_MAX {
            let Some(into) = &found.merged_into else { return Ok(found) };
            found = self.0.store.find_customer(into).await?.ok_or(DeskError::NotFound)?;
        }
        Ok(found)
    }

    /// A customer with everything, segments and fields too.
    pub(crate) async fn customer_view(&self, customer: Customer) -> Result<CustomerView, DeskError> {
        let view = self.customer_views(vec![customer]).await?.pop().ok_or(DeskError::NotFound)?;
        let facts = CustomerFacts {
            customer: &view.customer,
            identities: &view.identities,
            organisation_name: view.organisation.as_ref().map(|organisation| organisation.name.as_str()),
        };
        let ctx = self.filter_context_of_nobody();
        let segments = self.0.store.list_segments().await?;
        let segments = segments.into_iter().filter(|segment| segment.filter.matches(facts, &ctx));
        let segments = segments.map(|segment| segment.key).collect();
        let fields = self.0.store.list_fields(FieldOf::Customer).await?;
        let shown = fields.into_iter().filter(|field| field.is_shown_of_customer(facts, &ctx));
        let shown_fields = shown.map(|field| field.key).collect();
        Ok(CustomerView { segments, shown_fields, ..view })
    }

    /// Customers with what they are known by and where they belong.
    pub(crate) async fn customer_views(
        &self,
        customers: Vec<Customer>,
    ) -> Result<Vec<CustomerView>, DeskError> {
        let ids: BTreeSet<CustomerId> = customers.iter().map(|customer| customer.id.clone()).collect();
        let mut identities = self.0.store.identities_of(&ids).await?;
        let organisations: BTreeSet<OrganisationId> =
            customers.iter().filter_map(|customer| customer.organisation_id.clone()).collect();
        let organisations = self.organisations_by_id(&organisations).await?;
        let views = customers.into_iter().map(|customer| CustomerView {
            identities: identities.remove(&customer.id).unwrap_or_default(),
            organisation: customer.organisation_id.as_ref().and_then(|id| organisations.get(id).cloned()),
            segments: vec![],
            shown_fields: vec![],
            customer,
        });
        Ok(views.collect())
    }

    /// These organisations, by id.
    pub(crate) async fn organisations_by_id(
        &self,
        ids: &BTreeSet<OrganisationId>,
    ) -> Result<HashMap<OrganisationId, Organisation>, DeskError> {
        let found = self.0.store.organisations_of(ids).await?;
        Ok(found.into_iter().map(|organisation| (organisation.id.clone(), organisation)).collect())
    }
}
