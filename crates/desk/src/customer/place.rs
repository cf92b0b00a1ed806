//! What every change of a customer goes through: who they are now, where they belong, and that everybody hears of it.

use std::collections::HashMap;

use domain::{
    AuditAction, Customer, CustomerId, Event, IdentityKind, MERGE_DEPTH_MAX, OrganisationBy, OrganisationId,
    telling_domains,
};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx};

impl Desk {
    /// A customer who is about to be changed: who was merged is who goes on.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when they are not there or are being erased.
    pub(crate) async fn customer_to_change(
        tx: &mut RecordedTx,
        id: &CustomerId,
    ) -> Result<Customer, DeskError> {
        let mut found = tx.customer(id).await?.ok_or(DeskError::NotFound)?;
        for _ in 0..MERGE_DEPTH_MAX {
            let Some(into) = found.merged_into.clone() else { break };
            found = tx.customer(&into).await?.ok_or(DeskError::NotFound)?;
        }
        match tx.erased_name(&found.id).await? {
            None => Ok(found),
            Some(_) => Err(DeskError::NotFound),
        }
    }

    /// Stores a customer in another state, who belongs where their addresses say unless somebody has said otherwise, and tells.
    pub(crate) async fn store_customer(
        &self,
        tx: &mut RecordedTx,
        customer: Customer,
    ) -> Result<Customer, DeskError> {
        let customer = self.placed(tx, customer).await?;
        let customer = Customer { revision: customer.revision + 1, ..customer };
        tx.update_customer(&customer).await?;
        self.tell_of_customer(tx, &customer.id).await?;
        Ok(customer)
    }

    /// Adds many customers at once, who have no more than a name and an address, and belong where that says. A domain is looked up
    /// once. Who adds them says whether it is told.
    pub(crate) async fn add_customers(
        &self,
        tx: &mut RecordedTx,
        customers: Vec<Customer>,
    ) -> Result<Vec<Customer>, DeskError> {
        let mut known: HashMap<String, Option<OrganisationId>> = HashMap::new();
        let mut placed = Vec::with_capacity(customers.len());
        for customer in customers {
            let host =
                customer.email.as_deref().and_then(|email| email.split_once('@')).map(|(_, host)| host);
            let organisation_id = match host.map(|host| known.get(host)) {
                None => None,
                Some(Some(found)) => found.clone(),
                Some(None) => {
                    let found = tx.organisation_of_domains(host.as_slice()).await?;
                    known.insert(host.unwrap_or_default().to_owned(), found.clone());
                    found
                }
            };
            if let Some(email) = &customer.email {
                self.yield_claim(tx, email).await?;
            }
            placed.push(Customer { organisation_id, ..customer });
        }
        tx.insert_customers(&placed).await?;
        Ok(placed)
    }

    /// Tells that a customer was added or changed: their tickets are indexed again, and who keeps customers elsewhere hears of it.
    pub(crate) async fn tell_of_customer(
        &self,
        tx: &mut RecordedTx,
        id: &CustomerId,
    ) -> Result<(), DeskError> {
        tx.emit(&Event::CustomerChanged { customer_id: id.clone() }, self.now()).await?;
        Ok(())
    }

    /// The customer, where their addresses say they belong.
    async fn placed(&self, tx: &mut RecordedTx, customer: Customer) -> Result<Customer, DeskError> {
        if customer.organisation_by == OrganisationBy::Hand {
            return Ok(customer);
        }
        let identities = tx.identities(&customer.id).await?;
        let organisation_id = tx.organisation_of_domains(&telling_domains(&identities)).await?;
        Ok(Customer { organisation_id, ..customer })
    }

    /// Takes an address from who is merely said to have it: it is somebody else's who uses it. Nobody comes into another's
    /// tickets by having their address added.
    pub(crate) async fn yield_claim(&self, tx: &mut RecordedTx, email: &str) -> Result<(), DeskError> {
        let Some(claim) = tx.identity_by_value(IdentityKind::Email, email).await? else { return Ok(()) };
        tx.delete_identity(&claim.id).await?;
        tx.record(
            AuditAction::CustomerIdentityRemoved,
            &claim.customer_id,
            json!({ "identity_id": claim.id, "why": "used by somebody else" }),
        );
        if let Some(customer) = tx.customer(&claim.customer_id).await? {
            self.store_customer(tx, customer).await?;
        }
        Ok(())
    }
}
