//! What an export says elsewhere of the people, groups and fields that its tickets name by id.

use std::collections::HashMap;

use super::{ParsedField, ParsedMessage, ParsedPerson, ParsedTicket, ParsedValue, PersonRef, PersonRole};

/// Most agents that are remembered: they are held in memory, customers are not.
pub const AGENTS_MAX: usize = 100_000;

/// Agents, groups and fields by their ids in the other system.
#[derive(Debug, Default)]
pub struct Directory {
    agents: HashMap<String, PersonRef>,
    groups: HashMap<String, String>,
    fields: HashMap<String, ParsedField>,
}

impl Directory {
    /// Remembers an agent. Says whether there was room.
    pub fn add_agent(&mut self, person: ParsedPerson) -> bool {
        let Some(id) = person.who.external_id.clone() else { return false };
        let has_room = self.agents.len() < AGENTS_MAX || self.agents.contains_key(&id);
        if has_room {
            self.agents.insert(id, PersonRef { role: Some(PersonRole::Agent), ..person.who });
        }
        has_room
    }

    /// Remembers a group.
    pub fn add_group(&mut self, external_id: String, name: String) {
        if self.groups.len() < AGENTS_MAX {
            self.groups.insert(external_id, name);
        }
    }

    /// Remembers a field.
    pub fn add_field(&mut self, field: ParsedField) {
        if self.fields.len() < AGENTS_MAX {
            self.fields.insert(field.external_id.clone(), field);
        }
    }

    /// Puts names where a ticket has ids, as far as they are known.
    pub fn complete(&self, ticket: &mut ParsedTicket) {
        // Full exports embed who opened and who owns a ticket, and both write comments.
        let mut known: Vec<PersonRef> = ticket.requester.iter().chain(&ticket.assignee).cloned().collect();
        known.retain(|person| person.email.is_some() || person.name.is_some());
        for person in ticket.requester.iter_mut().chain(&mut ticket.assignee) {
            self.complete_person(person);
        }
        if let Some(assignee) = &mut ticket.assignee {
            assignee.role = Some(PersonRole::Agent);
        }
        for message in &mut ticket.messages {
            if let Some(person) = known.iter().find(|person| person.is_same(&message.author)) {
                fill(&mut message.author, person);
            }
            self.complete_message(message);
        }
        if let Some(name) = ticket.team.as_ref().and_then(|id| self.groups.get(id)) {
            ticket.team = Some(name.clone());
        }
        for value in &mut ticket.values {
            self.complete_value(value);
        }
    }

    /// Puts names where a message has ids.
    pub fn complete_message(&self, message: &mut ParsedMessage) {
        self.complete_person(&mut message.author);
    }

    fn complete_person(&self, person: &mut PersonRef) {
        if let Some(known) = person.external_id.as_ref().and_then(|id| self.agents.get(id)) {
            fill(person, known);
            person.role = Some(PersonRole::Agent);
        }
    }

    fn complete_value(&self, value: &mut ParsedValue) {
        if let Some(field) = self.fields.get(&value.field) {
            value.field.clone_from(&field.title);
            value.kind.clone_from(&field.kind);
        }
    }
}

fn fill(person: &mut PersonRef, known: &PersonRef) {
    person.email = person.email.take().or_else(|| known.email.clone());
    person.name = person.name.take().or_else(|| known.name.clone());
    person.role = person.role.or(known.role);
}
