//! Customers of another system.

use std::collections::BTreeMap;

use domain::{Customer, CustomerId, Principal};
use ingest::ParsedPerson;

use super::{
    TicketImport, TicketImportReport,
    resolve::{People, Resolved},
};
use crate::{Desk, DeskError, ImportRun, audit::Unrecorded, input};

impl Desk {
    /// Imports customers in one transaction. Somebody whose address is known is that customer; who was erased is not made again.
    /// Who is new or changed belongs where their address says, and is told of like anybody whom the team adds or changes.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets, and those of the
    /// database; then nothing was written.
    pub async fn import_customers(
        &self,
        principal: &Principal,
        import: &TicketImport,
        people: &[ParsedPerson],
    ) -> Result<TicketImportReport, DeskError> {
        Self::require_import(principal)?;
        let mut report = TicketImportReport::default();
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Imported).await?;
        let mut known =
            People::read(&mut tx, &import.source, people.iter().map(|person| &person.who)).await?;
        let mut changed: BTreeMap<CustomerId, Customer> = BTreeMap::new();
        for (place, person) in people.iter().enumerate() {
            match self.taken(person, &mut known) {
                Ok(Taken::New) => report.n_new += 1,
                Ok(Taken::Changed(customer)) => {
                    report.n_changed += 1;
                    // Records of one batch may be about the same customer: the next goes on from here.
                    known.know((*customer).clone());
                    changed.insert(customer.id.clone(), *customer);
                }
                Ok(Taken::Unchanged) => report.n_unchanged += 1,
                Ok(Taken::Erased) => report.n_kept += 1,
                Err(why) => report.refuse(place, why),
            }
        }
        for id in known.write(self, &mut tx, &import.source).await? {
            // Who is changed below is told of there.
            if !changed.contains_key(&id) {
                self.tell_of_customer(&mut tx, &id).await?;
            }
        }
        for customer in changed.into_values() {
            self.store_customer(&mut tx, customer).await?;
        }
        match import.run {
            ImportRun::Write => tx.commit().await?,
            ImportRun::DryRun => tx.rollback().await?,
        }
        Ok(report)
    }

    fn taken(&self, person: &ParsedPerson, known: &mut People) -> Result<Taken, String> {
        let who = &person.who;
        let created_at = person.created_at.unwrap_or_else(|| self.now());
        if self.is_ahead(created_at) {
            return Err("it lies in the future".to_owned());
        }
        match &who.email {
            Some(email) => drop(input::email(email).map_err(|_| format!("{email:?} is no mail address"))?),
            None if who.external_id.is_none() => return Err("it has neither an id nor an address".to_owned()),
            None => {}
        }
        let hash = person.content_hash();
        let is_same = known.imported(who).is_some_and(|row| row.hash == hash);
        let was_there = known.find(who).is_some();
        let id = match known.resolve(self, who, created_at) {
            Resolved::Erased => return Ok(Taken::Erased),
            Resolved::Known(id) => id,
        };
        if is_same {
            return Ok(Taken::Unchanged);
        }
        known.remember(who, &id, hash);
        if !was_there {
            return Ok(Taken::New);
        }
        let Some(before) = known.customer(&id).cloned() else { return Ok(Taken::Unchanged) };
        // Without an id an address is all that is known of them: a name that somebody gave here stays.
        let name = match &who.name {
            Some(name) if who.external_id.is_some() || before.name.is_empty() => name.clone(),
            _ => before.name.clone(),
        };
        // An address that they have not is for people to add: it says whose tickets are theirs.
        Ok(if name == before.name {
            Taken::Unchanged
        } else {
            Taken::Changed(Box::new(Customer { name, ..before }))
        })
    }
}

enum Taken {
    New,
    Changed(Box<Customer>),
    Unchanged,
    Erased,
}
