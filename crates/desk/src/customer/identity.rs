//! What customers are known by: adding, verifying, removing, and which address answers go to.

use domain::{
    AuditAction, Customer, CustomerId, IDENTITIES_MAX, Identity, IdentityId, IdentityKind, Principal, Scope,
};
use serde_json::json;

use super::change::address;
use crate::{CustomerView, Desk, DeskError, audit::RecordedTx, input};

/// An identity to be added.
#[derive(Debug, Clone)]
pub struct NewIdentity {
    /// What it is.
    pub kind: IdentityKind,
    /// The address, number or id.
    pub value: String,
    /// Whether who adds it says that it is theirs for certain.
    pub is_verified: bool,
}

/// What to change of an identity; absent parts stay.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdentityChange {
    /// Whether it is theirs for certain.
    pub is_verified: Option<bool>,
    /// Whether answers go to it.
    pub is_primary: Option<bool>,
}

impl NewIdentity {
    /// The value in the form in which it is stored.
    pub(super) fn value(&self) -> Result<String, DeskError> {
        let wanted = match self.kind {
            IdentityKind::Email => return input::email(&self.value),
            IdentityKind::Phone => "write a number such as +49 30 901820",
            IdentityKind::ExternalId | IdentityKind::Visitor => "1 to 200 bytes on one line",
        };
        self.kind.normal(&self.value).ok_or_else(|| DeskError::invalid("value", wanted))
    }
}

impl Desk {
    /// Adds an identity to a customer. The first address is the one that answers go to.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::NotFound`], [`DeskError::Invalid`];
    /// [`DeskError::Conflict`] when a customer has it, or this one has too many.
    pub async fn add_identity(
        &self,
        principal: &Principal,
        id: &CustomerId,
        new: NewIdentity,
    ) -> Result<CustomerView, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        new.value()?;
        let mut tx = self.begin(principal).await?;
        let mut customer = Self::customer_to_change(&mut tx, id).await?;
        if tx.identities(&customer.id).await?.len() >= IDENTITIES_MAX {
            return Err(DeskError::Conflict(format!("a customer has at most {IDENTITIES_MAX} identities")));
        }
        let identity = self.insert_identity(&mut tx, &customer.id, &new).await?;
        customer.email = customer.email.or_else(|| address(&identity));
        let details = json!({ "identity_id": identity.id, "kind": identity.kind });
        self.changed_identity(tx, AuditAction::CustomerIdentityAdded, customer, details).await
    }

    /// Verifies an identity, or takes that back, or makes an address the one that answers go to.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::NotFound`]; [`DeskError::Conflict`] for an address that
    /// is not verified, [`DeskError::Invalid`] for what is no address or shall merely not be the one.
    pub async fn change_identity(
        &self,
        principal: &Principal,
        id: &CustomerId,
        identity_id: &IdentityId,
        change: IdentityChange,
    ) -> Result<CustomerView, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let mut tx = self.begin(principal).await?;
        let (mut customer, mut identity) = identity_of(&mut tx, id, identity_id).await?;
        match change.is_verified {
            Some(true) => identity.verified_at = identity.verified_at.or(Some(self.now())),
            Some(false) => identity.verified_at = None,
            None => {}
        }
        if let Some(is_primary) = change.is_primary {
            if identity.kind != IdentityKind::Email {
                return Err(DeskError::invalid("primary", "answers go to a mail address"));
            }
            let is_now = customer.email.as_ref() == Some(&identity.value);
            if is_now && !is_primary {
                return Err(DeskError::invalid("primary", "make another address the primary one"));
            }
            if is_primary && !is_now {
                if identity.verified_at.is_none() {
                    let message = "verify the address first: who has it would see the answers";
                    return Err(DeskError::Conflict(message.to_owned()));
                }
                customer.email = Some(identity.value.clone());
            }
        }
        tx.update_identity(&identity).await?;
        let details = json!({
            "identity_id": identity.id, "verified": change.is_verified, "primary": change.is_primary,
        });
        self.changed_identity(tx, AuditAction::CustomerIdentityChanged, customer, details).await
    }

    /// Takes an identity from a customer. When answers went to it, they go to the oldest verified address, if there is one.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::NotFound`].
    pub async fn remove_identity(
        &self,
        principal: &Principal,
        id: &CustomerId,
        identity_id: &IdentityId,
    ) -> Result<CustomerView, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let mut tx = self.begin(principal).await?;
        let (mut customer, identity) = identity_of(&mut tx, id, identity_id).await?;
        tx.delete_identity(identity_id).await?;
        if customer.email.as_ref() == Some(&identity.value) && identity.kind == IdentityKind::Email {
            let left = tx.identities(&customer.id).await?;
            let mut verified = left.iter().filter(|identity| identity.verified_at.is_some());
            customer.email = verified.find_map(address);
        }
        let details = json!({ "identity_id": identity.id, "kind": identity.kind });
        self.changed_identity(tx, AuditAction::CustomerIdentityRemoved, customer, details).await
    }

    async fn changed_identity(
        &self,
        mut tx: RecordedTx,
        action: AuditAction,
        customer: Customer,
        details: serde_json::Value,
    ) -> Result<CustomerView, DeskError> {
        let customer = self.store_customer(&mut tx, customer).await?;
        tx.record(action, &customer.id, details);
        tx.commit().await?;
        self.customer_view(customer).await
    }
}

async fn identity_of(
    tx: &mut RecordedTx,
    id: &CustomerId,
    identity_id: &IdentityId,
) -> Result<(Customer, Identity), DeskError> {
    let customer = Desk::customer_to_change(tx, id).await?;
    let mut identities = tx.identities(&customer.id).await?.into_iter();
    let identity = identities.find(|identity| identity.id == *identity_id).ok_or(DeskError::NotFound)?;
    Ok((customer, identity))
}
