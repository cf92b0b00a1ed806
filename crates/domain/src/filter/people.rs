//! The people whom a filter names by address and the organisations that it names, and the same filter with their ids.

use std::collections::{BTreeSet, HashMap};

use super::{AgentRef, Condition, CustomerRef, Filter, OrganisationRef};
use crate::{CustomerId, OrganisationId, UserId};

/// People by their addresses, in lower case.
#[derive(Debug, Clone, Default)]
pub struct FilterPeople {
    /// Those who sign in.
    pub agents: HashMap<String, UserId>,
    /// Those who ask.
    pub customers: HashMap<String, CustomerId>,
    /// Organisations by their names.
    pub organisations: HashMap<String, OrganisationId>,
}

/// Who and what a filter names otherwise than by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterNames {
    /// Addresses of agents.
    pub agents: BTreeSet<String>,
    /// Addresses of customers.
    pub customers: BTreeSet<String>,
    /// Names of organisations.
    pub organisations: BTreeSet<String>,
}

impl Filter {
    /// Whom it names by address, and the organisations that it may name by name.
    pub fn names(&self) -> FilterNames {
        let mut found = FilterNames::default();
        self.add_names(&mut found);
        found
    }

    fn add_names(&self, found: &mut FilterNames) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.add_names(found)),
            Self::Not(part) => part.add_names(found),
            Self::Is(Condition::Assignee(agents)) => found.agents.extend(agents.iter().filter_map(|agent| {
                if let AgentRef::Email(email) = agent { Some(email.clone()) } else { None }
            })),
            Self::Is(Condition::Customer(customers)) => {
                found.customers.extend(customers.iter().filter_map(|customer| {
                    if let CustomerRef::Email(email) = customer { Some(email.clone()) } else { None }
                }));
            }
            Self::Is(Condition::Organisation(wanted)) => {
                found.organisations.extend(wanted.iter().filter_map(|wanted| {
                    if let OrganisationRef::Named(text) = wanted { Some(text.clone()) } else { None }
                }));
            }
            Self::Is(_) => {}
        }
    }

    /// The same filter with ids in the place of addresses. Who is not among the people is nobody's agent or customer.
    #[must_use]
    pub fn with_ids(self, people: &FilterPeople) -> Self {
        let each = |parts: Vec<Self>| parts.into_iter().map(|part| part.with_ids(people)).collect();
        match self {
            Self::All(parts) => Self::All(each(parts)),
            Self::Any(parts) => Self::Any(each(parts)),
            Self::Not(part) => Self::Not(Box::new(part.with_ids(people))),
            Self::Is(Condition::Assignee(agents)) => {
                let agents = agents.into_iter().filter_map(|agent| match agent {
                    AgentRef::Email(email) => people.agents.get(&email).cloned().map(AgentRef::Id),
                    agent => Some(agent),
                });
                Self::Is(Condition::Assignee(agents.collect()))
            }
            Self::Is(Condition::Customer(customers)) => {
                let customers = customers.into_iter().filter_map(|customer| match customer {
                    CustomerRef::Email(email) => people.customers.get(&email).cloned().map(CustomerRef::Id),
                    customer => Some(customer),
                });
                Self::Is(Condition::Customer(customers.collect()))
            }
            Self::Is(Condition::Organisation(wanted)) => {
                // What is no name may be an id.
                let wanted = wanted.into_iter().map(|wanted| match wanted {
                    OrganisationRef::Named(text) => {
                        let found = people.organisations.get(&text).cloned();
                        OrganisationRef::Id(found.unwrap_or_else(|| OrganisationId::new(text)))
                    }
                    wanted => wanted,
                });
                Self::Is(Condition::Organisation(wanted.collect()))
            }
            Self::Is(condition) => Self::Is(condition),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_ids_wherever_they_stand() {
        let filter: Filter =
            "-(assignee:Ada@example.org,me or customer:cy@example.org) customer:x@example.org organisation:Acme,O2"
                .parse()
                .unwrap();
        let names = filter.names();
        assert_eq!(Vec::from_iter(names.agents), ["ada@example.org"]);
        assert_eq!(Vec::from_iter(names.customers), ["cy@example.org", "x@example.org"]);
        assert_eq!(Vec::from_iter(names.organisations), ["Acme", "O2"]);
        let people = FilterPeople {
            agents: [("ada@example.org".to_owned(), UserId::new("A"))].into(),
            customers: [("cy@example.org".to_owned(), CustomerId::new("C"))].into(),
            organisations: [("Acme".to_owned(), OrganisationId::new("O1"))].into(),
        };
        let expected = Filter::All(vec![
            Filter::Not(Box::new(Filter::Any(vec![
                Filter::Is(Condition::Assignee(vec![AgentRef::Id(UserId::new("A")), AgentRef::Me])),
                Filter::Is(Condition::Customer(vec![CustomerRef::Id(CustomerId::new("C"))])),
            ]))),
            Filter::Is(Condition::Customer(vec![])),
            Filter::Is(Condition::Organisation(vec![
                OrganisationRef::Id(OrganisationId::new("O1")),
                OrganisationRef::Id(OrganisationId::new("O2")),
            ])),
        ]);
        assert_eq!(filter.with_ids(&people), expected);
    }
}
