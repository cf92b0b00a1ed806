//! Customers, what they are known by, and their merges.

use std::collections::BTreeMap;

use desk::{CustomerView, DuplicateGroup, Likeness, MergeView};
use domain::{Identity, IdentityKind, Merge, OrganisationBy};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// Somebody who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerViewJson {
    pub(crate) id: String,
    /// May be empty.
    name: String,
    /// The address that answers go to; one of the identities.
    email: Option<String>,
    /// By kind, and from the oldest on.
    identities: Vec<IdentityJson>,
    locale: Option<String>,
    /// Where they belong.
    organisation: Option<OrganisationNameJson>,
    /// Who says so: `domain` of an address, or somebody by `hand`.
    #[schema(value_type = String)]
    organisation_by: OrganisationBy,
    /// In order.
    tags: Vec<String>,
    /// The values of custom fields, by key.
    #[schema(value_type = Object)]
    fields: BTreeMap<String, serde_json::Value>,
    /// When they became known.
    created_at: String,
    /// When they last wrote.
    seen_at: Option<String>,
    /// Counts their changes, from 1; the `ETag`.
    revision: i64,
}

/// A customer who is read alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerAloneJson {
    #[serde(flatten)]
    customer: CustomerViewJson,
    /// The segments they are in now, by key.
    segments: Vec<String>,
    /// The custom fields that they show, by key, in the order of forms.
    shown_fields: Vec<String>,
}

/// What a customer is known by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentityJson {
    id: String,
    /// `email`, `phone`, `external_id` or `visitor`.
    #[schema(value_type = String)]
    kind: IdentityKind,
    value: String,
    /// Whether it is theirs for certain.
    verified: bool,
    /// Whether answers go to it.
    primary: bool,
    created_at: String,
}

/// An organisation, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationNameJson {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomersJson {
    pub(crate) customers: Vec<CustomerViewJson>,
    /// `after` of the next page; null on the last one.
    pub(crate) next: Option<String>,
}

/// Customers who may be one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicatesJson {
    groups: Vec<DuplicateGroupJson>,
}

/// A group of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicateGroupJson {
    /// What is nearly the same: `email`, `phone`, `external_id`, `visitor`, or `name` in one organisation.
    likeness: &'static str,
    /// By id, at most ten.
    customers: Vec<CustomerViewJson>,
}

/// The merges of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergesJson {
    merges: Vec<MergeJson>,
}

/// A customer who was found to be another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergeJson {
    id: String,
    /// Who goes on.
    kept_id: String,
    /// Who was merged; this id leads to who goes on.
    merged_id: String,
    at: String,
    /// Until when it can be undone.
    undo_until: String,
    /// When it was undone.
    undone_at: Option<String>,
    /// Whether it can still be undone, as far as time goes.
    can_be_undone: bool,
    n_tickets: usize,
    n_conversations: usize,
    n_identities: usize,
    n_notes: usize,
}

impl CustomerViewJson {
    pub(crate) fn new(view: &CustomerView) -> Self {
        let customer = &view.customer;
        Self {
            id: customer.id.to_string(),
            name: customer.name.clone(),
            email: customer.email.clone(),
            identities: view
                .identities
                .iter()
                .map(|identity| IdentityJson::new(identity, customer.email.as_deref()))
                .collect(),
            locale: customer.locale.as_ref().map(ToString::to_string),
            organisation: view.organisation.as_ref().map(|organisation| OrganisationNameJson {
                id: organisation.id.to_string(),
                name: organisation.name.clone(),
            }),
            organisation_by: customer.organisation_by,
            tags: customer.tags.iter().map(ToString::to_string).collect(),
            fields: customer.fields.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
            created_at: iso(customer.created_at),
            seen_at: customer.seen_at.map(iso),
            revision: customer.revision,
        }
    }
}

impl CustomerAloneJson {
    pub(crate) fn new(view: &CustomerView) -> Self {
        Self {
            customer: CustomerViewJson::new(view),
            segments: view.segments.clone(),
            shown_fields: view.shown_fields.clone(),
        }
    }
}

impl IdentityJson {
    fn new(identity: &Identity, primary: Option<&str>) -> Self {
        Self {
            id: identity.id.to_string(),
            kind: identity.kind,
            value: identity.value.clone(),
            verified: identity.verified_at.is_some(),
            primary: identity.kind == IdentityKind::Email && primary == Some(&identity.value),
            created_at: iso(identity.created_at),
        }
    }
}

impl DuplicatesJson {
    pub(crate) fn new(groups: &[DuplicateGroup]) -> Self {
        let groups = groups.iter().map(|group| DuplicateGroupJson {
            likeness: match group.likeness {
                Likeness::Identity(kind) => kind.as_str(),
                Likeness::Name => "name",
            },
            customers: group.customers.iter().map(CustomerViewJson::new).collect(),
        });
        Self { groups: groups.collect() }
    }
}

impl MergesJson {
    pub(crate) fn new(merges: &[MergeView]) -> Self {
        Self { merges: merges.iter().map(|view| MergeJson::new(&view.merge, view.is_open)).collect() }
    }
}

impl MergeJson {
    pub(crate) fn new(merge: &Merge, can_be_undone: bool) -> Self {
        Self {
            id: merge.id.to_string(),
            kept_id: merge.kept_id.to_string(),
            merged_id: merge.merged_id.to_string(),
            at: iso(merge.at),
            undo_until: iso(merge.ends_at),
            undone_at: merge.undone_at.map(iso),
            can_be_undone,
            n_tickets: merge.moved.tickets.len(),
            n_conversations: merge.moved.conversations.len(),
            n_identities: merge.moved.identities.len(),
            n_notes: merge.moved.notes.len(),
        }
    }
}
