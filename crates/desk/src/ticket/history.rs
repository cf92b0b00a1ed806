//! The history of a ticket as people read it: names in place of ids, numbers in place of tickets.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    CustomerId, HistoryEntry, HistoryId, OrganisationId, Principal, Scope, TicketField, TicketId, UserId,
};

use crate::{Desk, DeskError, input};

/// Most changes on one page, and of those that stand with a ticket: as many as people read at once.
pub const TICKET_HISTORY_PER_PAGE_MAX: usize = 100;

/// A change of a ticket, with its values as people read them.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// The change; the id of a ticket that the reader does not see is taken out of it.
    pub entry: HistoryEntry,
    /// What it was: a person's name, a status in words.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

/// A page of what was changed of a ticket.
#[derive(Debug, Clone, Default)]
pub struct TicketHistory {
    /// The changes, newest first.
    pub rows: Vec<HistoryRow>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
}

/// Whom and what a page of a history names: all that is of one kind is read at once.
#[derive(Default)]
struct Named {
    users: BTreeSet<UserId>,
    customers: BTreeSet<CustomerId>,
    organisations: BTreeSet<OrganisationId>,
    tickets: BTreeSet<TicketId>,
}

/// What that is called, as far as it is there and may be seen.
struct Names {
    users: BTreeMap<UserId, String>,
    customers: BTreeMap<CustomerId, String>,
    organisations: BTreeMap<OrganisationId, String>,
    tickets: BTreeMap<TicketId, i64>,
}

impl Desk {
    /// What was changed of a ticket, newest first, in pages of up to [`TICKET_HISTORY_PER_PAGE_MAX`].
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`]; [`DeskError::Invalid`] for a place that is none.
    pub async fn ticket_history(
        &self,
        principal: &Principal,
        id: &TicketId,
        after: Option<String>,
        limit: usize,
    ) -> Result<TicketHistory, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let after = input::place(after)?.map(HistoryId::new);
        let ticket = self.0.store.find_ticket(principal, id).await?.ok_or(DeskError::NotFound)?;
        self.history(principal, &ticket.id, after.as_ref(), limit).await
    }

    /// A page of what was changed of a ticket that was found.
    pub(super) async fn history(
        &self,
        principal: &Principal,
        id: &TicketId,
        before: Option<&HistoryId>,
        limit: usize,
    ) -> Result<TicketHistory, DeskError> {
        let limit = limit.clamp(1, TICKET_HISTORY_PER_PAGE_MAX);
        let mut entries = self.0.store.list_ticket_history(principal, id, before, limit + 1).await?;
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| has_more).map(|entry| entry.id.to_string());
        let names = self.names(principal, &Named::in_all(&entries)).await?;
        let row = |entry: HistoryEntry| {
            let words =
                |value: &Option<String>| value.as_deref().map(|value| names.words(&entry.field, value));
            let (from, to) = (words(&entry.from), words(&entry.to));
            let entry = HistoryEntry {
                from: entry.from.map(|value| names.seen(&entry.field, value)),
                to: entry.to.map(|value| names.seen(&entry.field, value)),
                ..entry
            };
            HistoryRow { entry, from, to }
        };
        Ok(TicketHistory { rows: entries.into_iter().map(row).collect(), next })
    }

    async fn names(&self, principal: &Principal, named: &Named) -> Result<Names, DeskError> {
        let store = &self.0.store;
        let tickets: Vec<TicketId> = named.tickets.iter().cloned().collect();
        let users = store.users_of(&named.users).await?;
        let customers = store.customers_of(&named.customers).await?;
        let organisations = store.organisations_of(&named.organisations).await?;
        let tickets = store.tickets_of(principal, &tickets).await?;
        Ok(Names {
            users: users.into_iter().map(|user| (user.id, user.name)).collect(),
            customers: customers.into_iter().map(|customer| (customer.id, customer.name)).collect(),
            organisations: organisations.into_iter().map(|each| (each.id, each.name)).collect(),
            tickets: tickets.into_iter().map(|ticket| (ticket.id, ticket.number)).collect(),
        })
    }
}

impl Named {
    fn in_all(entries: &[HistoryEntry]) -> Self {
        let mut named = Self::default();
        for entry in entries {
            for value in entry.from.iter().chain(&entry.to) {
                named.add(&entry.field, value);
            }
        }
        named
    }

    fn add(&mut self, field: &TicketField, value: &str) {
        match field {
            TicketField::Assignee => {
                self.users.insert(UserId::new(value));
            }
            TicketField::Followers => self.users.extend(value.split(", ").map(UserId::new)),
            TicketField::Customer => {
                self.customers.insert(CustomerId::new(value));
            }
            TicketField::Organisation => {
                self.organisations.insert(OrganisationId::new(value));
            }
            TicketField::MergedInto | TicketField::Merged | TicketField::Split | TicketField::Links => {
                self.tickets.insert(ticket_in(value).1);
            }
            TicketField::Custom(_)
            | TicketField::Cc
            | TicketField::Checklist
            | TicketField::SnoozedUntil
            | TicketField::Macro
            | TicketField::BulkJob
            | TicketField::Rule
            | TicketField::CustomStatus
            | TicketField::ChecklistRequired
            | TicketField::Status
            | TicketField::Priority
            | TicketField::Team
            | TicketField::Tags => {}
        }
    }
}

impl Names {
    fn words(&self, field: &TicketField, value: &str) -> String {
        let name = match field {
            TicketField::Assignee => self.users.get(&UserId::new(value)).cloned(),
            TicketField::Customer => self.customers.get(&CustomerId::new(value)).cloned(),
            TicketField::Organisation => {
                let name = self.organisations.get(&OrganisationId::new(value));
                return name.map_or(value, String::as_str).to_owned();
            }
            TicketField::Custom(_)
            | TicketField::Cc
            | TicketField::Checklist
            | TicketField::SnoozedUntil
            | TicketField::Macro
            | TicketField::BulkJob
            | TicketField::Rule => return value.to_owned(),
            TicketField::MergedInto | TicketField::Merged | TicketField::Split | TicketField::Links => {
                return self.ticket_words(value);
            }
            TicketField::Followers => {
                let ids = value.split(", ").map(UserId::new);
                let names: Vec<&str> = ids.filter_map(|id| self.users.get(&id)).map(String::as_str).collect();
                Some(names.join(", ")).filter(|names| !names.is_empty())
            }
            TicketField::CustomStatus
            | TicketField::ChecklistRequired
            | TicketField::Status
            | TicketField::Priority
            | TicketField::Team
            | TicketField::Tags => None,
        };
        name.unwrap_or_else(|| value.replace('_', " "))
    }

    /// A value with a ticket that is not the reader's to see as words: not even its id is theirs.
    fn seen(&self, field: &TicketField, value: String) -> String {
        let names_ticket = matches!(
            field,
            TicketField::MergedInto | TicketField::Merged | TicketField::Split | TicketField::Links
        );
        if names_ticket && !self.tickets.contains_key(&ticket_in(&value).1) {
            return self.ticket_words(&value);
        }
        value
    }

    /// `child 01J…` as `child #7`, or without a number where that ticket is not the reader's to see.
    fn ticket_words(&self, value: &str) -> String {
        let (what, id) = ticket_in(value);
        let told = self.tickets.get(&id).map_or_else(|| "another ticket".to_owned(), |n| format!("#{n}"));
        format!("{} {told}", what.replace('_', " ")).trim().to_owned()
    }
}

/// What a ticket is to the one at hand, if it is said, and its id.
fn ticket_in(value: &str) -> (&str, TicketId) {
    let (what, id) = value.rsplit_once(' ').unwrap_or(("", value));
    (what, TicketId::new(id))
}
