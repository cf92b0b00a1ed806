//! Organisations: making and changing them, and who belongs to them by their domains.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AuditAction, DOMAINS_MAX, Event, FieldOf, FieldValues, Organisation, OrganisationId, Principal, Scope,
};
use serde_json::{Value, json};
use store::OrganisationsBy;

use crate::{Desk, DeskError, input, ticket::change::tags};

/// Longest name of an organisation, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Length of an id, in bytes.
const ID_BYTES: usize = 26;
/// Longest id in another system, in bytes.
const EXTERNAL_ID_BYTES_MAX: usize = 200;
/// Most organisations on one page.
pub const ORGANISATIONS_PER_PAGE_MAX: usize = 100;

/// An organisation to be made.
#[derive(Debug, Clone, Default)]
pub struct NewOrganisation {
    /// What people call it.
    pub name: String,
    /// The domains of its addresses.
    pub domains: Vec<String>,
    /// Its id in another system.
    pub external_id: Option<String>,
    /// Tags, as people write them.
    pub tags: Vec<String>,
    /// Values of custom fields, by key, as JSON.
    pub fields: BTreeMap<String, Value>,
}

/// What to change of an organisation; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct OrganisationChange {
    /// The new name.
    pub name: Option<String>,
    /// The new domains, in place of the old ones.
    pub domains: Option<Vec<String>>,
    /// The new id in another system, or none.
    pub external_id: Option<Option<String>>,
    /// The new tags, as people write them, in place of the old ones.
    pub tags: Option<Vec<String>>,
    /// New values of custom fields, by key, as JSON; null takes one away, what is not named stays.
    pub fields: BTreeMap<String, Value>,
}

/// What an organisation is looked up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganisationLookup {
    /// Nothing: all of them.
    Any,
    /// Its name, to the letter.
    Name(String),
    /// One of its domains.
    Domain(String),
    /// Its id in another system.
    ExternalId(String),
}

/// A page of organisations.
#[derive(Debug, Clone)]
pub struct OrganisationPage {
    /// The organisations, by id.
    pub organisations: Vec<Organisation>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
}

impl Desk {
    /// Organisations, by id.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`; [`DeskError::Invalid`] for a place that is none.
    pub async fn list_organisations(
        &self,
        principal: &Principal,
        lookup: &OrganisationLookup,
        after: Option<String>,
        limit: usize,
    ) -> Result<OrganisationPage, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        let limit = limit.clamp(1, ORGANISATIONS_PER_PAGE_MAX);
        let by = match lookup {
            OrganisationLookup::Any => OrganisationsBy::Any,
            OrganisationLookup::Name(name) => OrganisationsBy::Name(name),
            OrganisationLookup::Domain(domain) => OrganisationsBy::Domain(domain),
            OrganisationLookup::ExternalId(id) => OrganisationsBy::ExternalId(id),
        };
        let after = input::place(after)?.map(OrganisationId::new);
        let mut organisations = self.0.store.list_organisations(by, after.as_ref(), limit + 1).await?;
        let has_more = organisations.len() > limit;
        organisations.truncate(limit);
        let next = organisations.last().filter(|_| has_more).map(|organisation| organisation.id.to_string());
        Ok(OrganisationPage { organisations, next })
    }

    /// An organisation.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`, [`DeskError::NotFound`].
    pub async fn organisation(
        &self,
        principal: &Principal,
        id: &OrganisationId,
    ) -> Result<Organisation, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        self.0.store.find_organisation(id).await?.ok_or(DeskError::NotFound)
    }

    /// Makes an organisation. Customers whose addresses have its domains belong to it from now on, unless somebody has said
    /// otherwise.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::Invalid`]; [`DeskError::Conflict`] when another has its
    /// name, its id in the other system or a domain.
    pub async fn create_organisation(
        &self,
        principal: &Principal,
        new: NewOrganisation,
    ) -> Result<Organisation, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let name = name(&new.name)?;
        let domains = domains(&new.domains)?;
        let external_id = external_id(new.external_id.as_deref())?;
        let tags = tags(&new.tags)?;
        let mut tx = self.begin(principal).await?;
        let of = FieldOf::Organisation;
        let organisation = Organisation {
            id: OrganisationId::new(self.id()),
            name,
            domains,
            external_id,
            tags,
            fields: self.with_values(&mut tx, of, FieldValues::new(), &new.fields).await?,
            created_at: self.now(),
            updated_at: self.now(),
            revision: 1,
        };
        tx.insert_organisation(&organisation).await?;
        let n_joined = tx.apply_domains(&organisation.id).await?;
        tx.emit(&changed_event(&organisation.id), self.now()).await?;
        tx.record(
            AuditAction::OrganisationCreated,
            &organisation.id,
            json!({ "n_customers_changed": n_joined }),
        );
        tx.commit().await?;
        Ok(organisation)
    }

    /// Changes an organisation.
    ///
    /// # Errors
    /// As [`Desk::create_organisation`]; [`DeskError::NotFound`], [`DeskError::Stale`] when `expected_revision` is not its
    /// revision.
    pub async fn change_organisation(
        &self,
        principal: &Principal,
        id: &OrganisationId,
        change: OrganisationChange,
        expected_revision: Option<i64>,
    ) -> Result<Organisation, DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let mut tx = self.begin(principal).await?;
        let before = tx.organisation(id).await?.ok_or(DeskError::NotFound)?;
        input::revision(expected_revision, before.revision)?;
        let mut after = before.clone();
        if let Some(wanted) = &change.name {
            after.name = name(wanted)?;
        }
        if let Some(wanted) = &change.domains {
            after.domains = domains(wanted)?;
        }
        if let Some(id) = &change.external_id {
            after.external_id = external_id(id.as_deref())?;
        }
        if let Some(wanted) = &change.tags {
            after.tags = tags(wanted)?;
        }
        after.fields = self.with_values(&mut tx, FieldOf::Organisation, after.fields, &change.fields).await?;
        if after == before {
            tx.rollback().await?;
            return Ok(before);
        }
        let after = Organisation { updated_at: self.now(), revision: before.revision + 1, ..after };
        tx.update_organisation(&after).await?;
        let n_customers = if after.domains == before.domains { 0 } else { tx.apply_domains(id).await? };
        tx.emit(&changed_event(id), self.now()).await?;
        let details = json!({ "changed": changed(&before, &after), "n_customers_changed": n_customers });
        tx.record(AuditAction::OrganisationChanged, id, details);
        tx.commit().await?;
        Ok(after)
    }

    /// Deletes an organisation that has no tickets, with the notes on it. Its customers belong nowhere then.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::NotFound`], [`DeskError::Conflict`] while it has tickets.
    pub async fn delete_organisation(
        &self,
        principal: &Principal,
        id: &OrganisationId,
    ) -> Result<(), DeskError> {
        Self::require(principal, Scope::CustomersWrite)?;
        let mut tx = self.begin(principal).await?;
        tx.delete_organisation(id).await?;
        tx.emit(&changed_event(id), self.now()).await?;
        tx.record(AuditAction::OrganisationDeleted, id, json!({}));
        tx.commit().await
    }
}

fn changed_event(id: &OrganisationId) -> Event {
    Event::OrganisationChanged { organisation_id: id.clone() }
}

/// A name, which is no id: filters take both.
fn name(text: &str) -> Result<String, DeskError> {
    let name = input::text("name", text, NAME_BYTES_MAX)?;
    let is_id = name.len() == ID_BYTES && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if is_id { Err(DeskError::invalid("name", "this looks like an id")) } else { Ok(name.to_owned()) }
}

fn domains(texts: &[String]) -> Result<BTreeSet<String>, DeskError> {
    if texts.len() > DOMAINS_MAX {
        return Err(DeskError::invalid("domains", format!("at most {DOMAINS_MAX}")));
    }
    let domain = |text: &String| {
        Organisation::domain(text).map_err(|error| DeskError::invalid("domains", error.to_string()))
    };
    texts.iter().map(domain).collect()
}

fn external_id(text: Option<&str>) -> Result<Option<String>, DeskError> {
    Ok(input::optional("external_id", text, EXTERNAL_ID_BYTES_MAX)?.map(str::to_owned))
}

fn changed(before: &Organisation, after: &Organisation) -> Vec<&'static str> {
    let parts = [
        ("name", before.name != after.name),
        ("domains", before.domains != after.domains),
        ("external_id", before.external_id != after.external_id),
        ("tags", before.tags != after.tags),
        ("fields", before.fields != after.fields),
    ];
    parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
