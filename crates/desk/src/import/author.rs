//! Who said something in another system, as somebody here.

use std::collections::HashMap;

use domain::{Author, CustomerId, Message, MessageKind, TicketId, Timestamp, User};
use ingest::{DESCRIPTION, ParsedMessage, PersonRef, PersonRole};

use super::{id::message_id, resolve::People};

/// The people of the team, by address.
pub(super) struct Team(HashMap<String, User>);

impl Team {
    pub(super) fn new(users: Vec<User>) -> Self {
        Self(users.into_iter().map(|user| (user.email.clone(), user)).collect())
    }

    /// Who of the team has the address that somebody had elsewhere.
    pub(super) fn find(&self, person: &PersonRef) -> Option<&User> {
        self.0.get(person.email.as_ref()?)
    }
}

/// The ticket in which something was said.
pub(super) struct Said<'a> {
    pub(super) source: &'a str,
    pub(super) ticket_id: &'a TicketId,
    /// Who asked, as the other system names them, where that is known.
    pub(super) requester: Option<&'a PersonRef>,
    /// Who asked, here.
    pub(super) customer_id: Option<&'a CustomerId>,
    /// When the ticket was opened.
    pub(super) created_at: Timestamp,
}

impl Said<'_> {
    /// The message as it is stored; nothing for one without words.
    pub(super) fn message(&self, parsed: &ParsedMessage, team: &Team, people: &People) -> Option<Message> {
        let (author, told) = self.author(&parsed.author, team, people);
        let kind = match (&author, parsed.kind) {
            // What nobody said is for the team.
            (Author::System, _) if parsed.external_id == DESCRIPTION => MessageKind::Note,
            (Author::System, MessageKind::Reply) => MessageKind::Event,
            (_, kind) => kind,
        };
        let words = match &author {
            Author::Customer => &parsed.plain,
            _ => parsed.rich.as_ref().unwrap_or(&parsed.plain),
        };
        if words.trim().is_empty() {
            return None;
        }
        let body = match told {
            Some(name) => format!("{name} wrote:\n\n{words}"),
            None => words.clone(),
        };
        let created_at = parsed.created_at.unwrap_or(self.created_at);
        Some(Message {
            id: message_id(self.source, &parsed.ticket_id, &parsed.external_id, created_at),
            ticket_id: self.ticket_id.clone(),
            author,
            kind,
            body,
            html: None,
            created_at,
        })
    }

    /// Who it was, and the name to be told beside the words of a customer who is not the ticket's.
    fn author(&self, who: &PersonRef, team: &Team, people: &People) -> (Author, Option<String>) {
        let is_requester = self.requester.is_some_and(|requester| requester == who || requester.is_same(who));
        if is_requester && !who.is_nobody() {
            return (Author::Customer, None);
        }
        if who.is_nobody() {
            return (Author::System, None);
        }
        if let Some(user) = team.find(who) {
            return (Author::Agent { id: user.id.to_string(), name: user.name.clone() }, None);
        }
        let known = people.find(who);
        if who.role != Some(PersonRole::Agent)
            && let Some(customer) = known
        {
            if Some(&customer.id) == self.customer_id {
                return (Author::Customer, None);
            }
            let name = [customer.name.as_str(), customer.email.as_deref().unwrap_or_default()];
            let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or("Somebody else");
            return (Author::Customer, Some(name.to_owned()));
        }
        if who.role == Some(PersonRole::Customer) {
            return (Author::Customer, Some(who.name.clone().unwrap_or_else(|| "Somebody else".to_owned())));
        }
        let id = who.external_id.as_deref().or(who.email.as_deref()).unwrap_or("somebody");
        let id = format!("{}:{id}", self.source);
        let name = who.name.clone().or_else(|| who.email.clone()).unwrap_or_else(|| id.clone());
        (Author::Agent { id, name }, None)
    }
}
