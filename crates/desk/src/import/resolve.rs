//! The customers whom a batch names: those who are there, and those who are made.

use std::collections::{BTreeSet, HashMap};

use domain::{Customer, CustomerId, MERGE_DEPTH_MAX, Timestamp};
use ingest::PersonRef;
use store::{ImportedCustomer, WriteTx};

use super::id::hash_of_id;
use crate::{Desk, DeskError, audit::RecordedTx, input};

/// The customers of a batch, by what the other system names them by.
#[derive(Default)]
pub(super) struct People {
    imported: HashMap<String, ImportedCustomer>,
    by_id: HashMap<CustomerId, Customer>,
    by_email: HashMap<String, CustomerId>,
    /// Those who are made, and how all were taken over, to be written.
    made: Vec<Customer>,
    remembered: HashMap<String, ImportedCustomer>,
}

/// Who somebody is here.
pub(super) enum Resolved {
    /// This customer.
    Known(CustomerId),
    /// They were erased here, or are being erased.
    Erased,
}

impl People {
    /// Reads those of these people who are known.
    pub(super) async fn read<'p>(
        tx: &mut WriteTx,
        source: &str,
        people: impl IntoIterator<Item = &'p PersonRef>,
    ) -> Result<Self, DeskError> {
        let (mut hashes, mut emails) = (BTreeSet::new(), BTreeSet::new());
        for person in people {
            hashes.extend(person.external_id.as_deref().map(hash_of_id));
            emails.extend(person.email.as_deref().and_then(|email| input::email(email).ok()));
        }
        let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
        let imported = tx.imported_customers(source, &hashes).await?;
        let ids: BTreeSet<&str> =
            imported.values().filter_map(|row| row.customer_id.as_ref()).map(CustomerId::as_str).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
        let customers = tx.customers_among(&ids, &emails).await?;
        let mut read = Self { imported, ..Self::default() };
        for (address, customer) in customers {
            if let Some(address) = address {
                read.by_email.insert(address, customer.id.clone());
            }
            read.know(customer);
        }
        for _ in 0..MERGE_DEPTH_MAX {
            let into = read.by_id.values().filter_map(|customer| customer.merged_into.as_ref());
            let unread: BTreeSet<&str> =
                into.filter(|id| !read.by_id.contains_key(*id)).map(CustomerId::as_str).collect();
            if unread.is_empty() {
                break;
            }
            let unread: Vec<&str> = unread.into_iter().collect();
            let customers = tx.customers_among(&unread, &[]).await?;
            customers.into_iter().for_each(|(_, customer)| read.know(customer));
        }
        Ok(read)
    }

    /// A customer, or who they were merged into; nobody where that one is being erased.
    fn living(&self, id: &CustomerId) -> Option<&Customer> {
        let mut found = self.by_id.get(id)?;
        for _ in 0..MERGE_DEPTH_MAX {
            let Some(into) = &found.merged_into else { break };
            found = self.by_id.get(into)?;
        }
        Some(found)
    }

    /// Takes a customer for who they are now.
    pub(super) fn know(&mut self, customer: Customer) {
        if let Some(email) = &customer.email {
            self.by_email.insert(email.clone(), customer.id.clone());
        }
        self.by_id.insert(customer.id.clone(), customer);
    }

    /// How somebody was last taken over.
    pub(super) fn imported(&self, person: &PersonRef) -> Option<&ImportedCustomer> {
        self.imported.get(&hash_of_id(person.external_id.as_ref()?))
    }

    /// A customer who is known, by id.
    pub(super) fn customer(&self, id: &CustomerId) -> Option<&Customer> {
        self.by_id.get(id)
    }

    /// Who has an address.
    pub(super) fn of_email(&self, email: &str) -> Option<&Customer> {
        self.by_id.get(self.by_email.get(email)?)
    }

    /// Who somebody is, where they are known.
    pub(super) fn find(&self, person: &PersonRef) -> Option<&Customer> {
        let imported = self.imported(person).and_then(|row| row.customer_id.as_ref());
        let by_email = || self.of_email(person.email.as_ref()?);
        imported.and_then(|id| self.living(id)).or_else(by_email)
    }

    /// Who somebody is, who is made when nobody is known by their id or address.
    pub(super) fn resolve(&mut self, desk: &Desk, person: &PersonRef, since: Timestamp) -> Resolved {
        if let Some(row) = self.imported(person) {
            let living = row.customer_id.as_ref().and_then(|id| self.living(id));
            return living.map_or(Resolved::Erased, |living| Resolved::Known(living.id.clone()));
        }
        let email = person.email.as_deref().and_then(|email| input::email(email).ok());
        let known = email.as_deref().and_then(|email| self.of_email(email)).map(|known| known.id.clone());
        let id = known.unwrap_or_else(|| {
            let name = person.name.clone().unwrap_or_default();
            let customer = Customer::new(CustomerId::new(desk.id()), name, email, since);
            self.made.push(customer.clone());
            let id = customer.id.clone();
            self.know(customer);
            id
        });
        // Without a hash: what the record of this person says is still to come.
        self.remember(person, &id, String::new());
        Resolved::Known(id)
    }

    /// Remembers how somebody was taken over, where they have an id.
    pub(super) fn remember(&mut self, person: &PersonRef, id: &CustomerId, hash: String) {
        let Some(external_id) = &person.external_id else { return };
        let row =
            ImportedCustomer { external_hash: hash_of_id(external_id), customer_id: Some(id.clone()), hash };
        self.imported.insert(row.external_hash.clone(), row.clone());
        self.remembered.insert(row.external_hash.clone(), row);
    }

    /// Writes those who are made since the last time, who belong where their addresses say, and what is remembered. Returns who was
    /// made.
    pub(super) async fn write(
        &mut self,
        desk: &Desk,
        tx: &mut RecordedTx,
        source: &str,
    ) -> Result<Vec<CustomerId>, DeskError> {
        let made = desk.add_customers(tx, std::mem::take(&mut self.made)).await?;
        let remembered: Vec<ImportedCustomer> = std::mem::take(&mut self.remembered).into_values().collect();
        tx.save_imported_customers(source, &remembered).await?;
        let ids = made.iter().map(|customer| customer.id.clone()).collect();
        made.into_iter().for_each(|customer| self.know(customer));
        Ok(ids)
    }
}
