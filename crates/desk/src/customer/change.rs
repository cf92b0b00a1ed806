//! Adding customers and changing what is known of them.

use std::collections::BTreeMap;

use domain::{
    AuditAction, Customer, CustomerId, FieldOf, FieldValues, IDENTITIES_MAX, Identity, IdentityId, Locale,
    OrganisationBy, OrganisationId, Principal, Scope, Tag,
};
use serde_json::{Value, json};

use crate::{
    CustomerView, Desk, DeskError,
    audit::{RecordedTx, changed_of},
    conversation::NAME_BYTES_MAX,
    customer::NewIdentity,
    input,
    ticket::change::tags,
};

/// A customer to be added.
#[derive(Debug, Clone, Default)]
pub struct NewCustomer {
    /// Their name.
    pub name: Option<String>,
    /// What they are known by; the first address is the one that answers go to.
    pub identities: Vec<NewIdentity>,
    /// Their language.
    pub locale: Option<Locale>,
    /// Where they belong, if not where their addresses say.
    pub organisation: Option<OrganisationId>,
    /// Tags, as people write them.
    pub tags: Vec<String>,
    /// Values of custom fields, by key, as JSON.
    pub fields: BTreeMap<String, Value>,
}

/// What to change of a customer; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct CustomerChange {
    /// The new name; empty for none.
    pub name: Option<String>,
    /// The new language, or none.
    pub locale: Option<Option<Locale>>,
    /// Where they belong from now on, or nowhere, whatever their addresses say.
    pub organisation: Option<Option<OrganisationId>>,
    /// Who says so from now on: with [`OrganisationBy::Domain`] their addresses do again, and must say what `organisation` does
    /// where that is sent too.
    pub organisation_by: Option<OrganisationBy>,
    /// The new tags, as people write them, in place of the old ones.
    pub tags: Option<Vec<String>>,
    /// New values of custom fields, by key, as JSON; null takes one away, what is not named stays.
    pub fields: BTreeMap<String, Value>,
}

impl Desk {
    /// Adds a customer.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::Invalid`], [`DeskError::TooLarge`];
    /// [`DeskError::Conflict`] when another customer has one of the identities.
    pub async fn create_customer(
        &self,
        principal: &Principal,
        new: NewCustomer,
    ) -> Result<CustomerView, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let name = input::optional("name", new.name.as_deref(), NAME_BYTES_MAX)?.unwrap_or_default();
        if name.is_empty() && new.identities.is_empty() {
            return Err(DeskError::invalid("name", "give a name or an identity"));
        }
        if new.identities.len() > IDENTITIES_MAX {
            return Err(DeskError::invalid("identities", format!("at most {IDENTITIES_MAX}")));
        }
        let tags = tags(&new.tags)?;
        let mut tx = self.begin(principal).await?;
        let organisation_by =
            if new.organisation.is_some() { OrganisationBy::Hand } else { OrganisationBy::Domain };
        check_organisation(&mut tx, new.organisation.as_ref()).await?;
        let fields = self.with_values(&mut tx, FieldOf::Customer, FieldValues::new(), &new.fields).await?;
        let id = CustomerId::new(self.id());
        let customer = Customer {
            locale: new.locale,
            organisation_id: new.organisation,
            organisation_by,
            tags,
            fields,
            revision: 0,
            ..Customer::new(id.clone(), name.to_owned(), None, self.now())
        };
        tx.insert_customer(&customer).await?;
        let mut customer = customer;
        for identity in &new.identities {
            let identity = self.insert_identity(&mut tx, &customer.id, identity).await?;
            customer.email = customer.email.or_else(|| address(&identity));
        }
        let customer = self.store_customer(&mut tx, customer).await?;
        tx.record(AuditAction::CustomerCreated, &id, json!({}));
        tx.commit().await?;
        self.customer_view(customer).await
    }

    /// Changes what is known of a customer.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::NotFound`], [`DeskError::Invalid`],
    /// [`DeskError::Stale`] when `expected_revision` is not their revision.
    pub async fn change_customer(
        &self,
        principal: &Principal,
        id: &CustomerId,
        change: CustomerChange,
        expected_revision: Option<i64>,
    ) -> Result<CustomerView, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let tags = change.tags.as_deref().map(tags).transpose()?;
        let mut tx = self.begin(principal).await?;
        let before = Self::customer_to_change(&mut tx, id).await?;
        input::revision(expected_revision, before.revision)?;
        let mut customer = before.clone();
        if let Some(name) = &change.name {
            let name = input::optional("name", Some(name), NAME_BYTES_MAX)?;
            name.unwrap_or_default().clone_into(&mut customer.name);
        }
        customer.locale = change.locale.unwrap_or(customer.locale);
        let by = change.organisation_by.or(change.organisation.as_ref().map(|_| OrganisationBy::Hand));
        customer.organisation_by = by.unwrap_or(customer.organisation_by);
        if let Some(organisation) = &change.organisation {
            check_organisation(&mut tx, organisation.as_ref()).await?;
            customer.organisation_id.clone_from(organisation);
        }
        customer.tags = tags.unwrap_or(customer.tags);
        customer.fields =
            self.with_values(&mut tx, FieldOf::Customer, customer.fields, &change.fields).await?;
        if customer == before {
            tx.rollback().await?;
            return self.customer_view(before).await;
        }
        let customer = self.store_customer(&mut tx, customer).await?;
        if change.organisation.is_some_and(|wanted| wanted != customer.organisation_id) {
            let message = "their addresses say another one than organisation_id; send one of the two";
            return Err(DeskError::invalid("organisation_by", message));
        }
        let changed = changed(&before, &customer);
        tx.record(AuditAction::CustomerChanged, &customer.id, json!({ "changed": changed }));
        tx.commit().await?;
        self.customer_view(customer).await
    }

    /// Adds an identity to a customer.
    pub(super) async fn insert_identity(
        &self,
        tx: &mut RecordedTx,
        id: &CustomerId,
        new: &NewIdentity,
    ) -> Result<Identity, DeskError> {
        let identity = Identity {
            id: IdentityId::new(self.id()),
            customer_id: id.clone(),
            kind: new.kind,
            value: new.value()?,
            verified_at: new.is_verified.then(|| self.now()),
            created_at: self.now(),
        };
        tx.insert_customer_identity(&identity).await?;
        Ok(identity)
    }
}

/// Refuses an organisation that is not there.
///
/// # Errors
/// [`DeskError::Invalid`].
pub(crate) async fn check_organisation(
    tx: &mut RecordedTx,
    id: Option<&OrganisationId>,
) -> Result<(), DeskError> {
    match id {
        Some(id) if tx.organisation(id).await?.is_none() => {
            Err(DeskError::invalid("organisation_id", "there is no such organisation"))
        }
        _ => Ok(()),
    }
}

/// The address that answers could go to.
pub(super) fn address(identity: &Identity) -> Option<String> {
    (identity.kind == domain::IdentityKind::Email).then(|| identity.value.clone())
}

/// Which parts differ, by name: the audit log holds no words.
fn changed(before: &Customer, after: &Customer) -> Vec<String> {
    let parts = changed_of([
        ("name", before.name != after.name),
        ("locale", before.locale != after.locale),
        ("organisation_id", before.organisation_id != after.organisation_id),
        ("organisation_by", before.organisation_by != after.organisation_by),
        ("tags", before.tags.iter().map(Tag::as_str).ne(after.tags.iter().map(Tag::as_str))),
    ]);
    let mut names: Vec<String> = parts.into_iter().map(str::to_owned).collect();
    let keys: std::collections::BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
    let fields = keys.into_iter().filter(|key| before.fields.get(*key) != after.fields.get(*key));
    names.extend(fields.map(|key| format!("field.{key}")));
    names
}
