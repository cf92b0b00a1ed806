//! The people whom a filter names by address, and the same filter with their ids.

use std::collections::{BTreeSet, HashMap};

use super::{AgentRef, Condition, CustomerRef, Filter};
use crate::{CustomerId, UserId};

/// People by their addresses, in lower case.
#[derive(Debug, Clone, Default)]
pub struct FilterPeople {
    /// Those who sign in.
    pub agents: HashMap<String, UserId>,
    /// Those who ask.
    pub customers: HashMap<String, CustomerId>,
}

impl Filter {
    /// The addresses of agents and of customers that it names, in this order.
    pub fn addresses(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut found = (BTreeSet::new(), BTreeSet::new());
        self.add_addresses(&mut found);
        found
    }

    fn add_addresses(&self, found: &mut (BTreeSet<String>, BTreeSet<String>)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.add_addresses(found)),
            Self::Not(part) => part.add_addresses(found),
            Self::Is(Condition::Assignee(agents)) => found.0.extend(agents.iter().filter_map(|agent| {
                if let AgentRef::Email(email) = agent { Some(email.clone()) } else { None }
            })),
            Self::Is(Condition::Customer(customers)) => {
                found.1.extend(customers.iter().filter_map(|customer| {
                    if let CustomerRef::Email(email) = customer { Some(email.clone()) } else { None }
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
            "-(assignee:Ada@example.org,me or customer:cy@example.org) customer:x@example.org"
                .parse()
                .unwrap();
        let (agents, customers) = filter.addresses();
        assert_eq!(Vec::from_iter(agents), ["ada@example.org"]);
        assert_eq!(Vec::from_iter(customers), ["cy@example.org", "x@example.org"]);
        let people = FilterPeople {
            agents: [("ada@example.org".to_owned(), UserId::new("A"))].into(),
            customers: [("cy@example.org".to_owned(), CustomerId::new("C"))].into(),
        };
        let expected = Filter::All(vec![
            Filter::Not(Box::new(Filter::Any(vec![
                Filter::Is(Condition::Assignee(vec![AgentRef::Id(UserId::new("A")), AgentRef::Me])),
                Filter::Is(Condition::Customer(vec![CustomerRef::Id(CustomerId::new("C"))])),
            ]))),
            Filter::Is(Condition::Customer(vec![])),
        ]);
        assert_eq!(filter.with_ids(&people), expected);
    }
}
