//! Actions: what can be done to a ticket at once, by a macro of somebody's or by a rule.
//!
//! A closed set. Lists of actions are written as JSON; what is wrong with one is said with its place.

mod parse;
#[cfg(test)]
mod tests;

pub use parse::ActionError;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{CannedReplyId, Priority, Tag, UserId};

/// Most actions of a list: what a person can still survey before a click.
pub const ACTIONS_MAX: usize = 20;
/// Most notes of a list. Replies are one at most: a customer is not to get several letters from one click.
pub const ACTION_NOTES_MAX: usize = 3;
/// Longest template, in bytes: some ten pages.
pub const TEMPLATE_BYTES_MAX: usize = 32 << 10;

/// One thing that is done to a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Moves it to this status, by key: a built-in one, or one of the site's own.
    SetStatus(String),
    /// Makes it this urgent.
    SetPriority(Priority),
    /// Gives it to this team, by key.
    SetTeam(String),
    /// Gives it to somebody, or takes it from everybody.
    SetAssignee(NewAssignee),
    /// Adds tags.
    AddTags(BTreeSet<Tag>),
    /// Takes tags away, where it has them.
    RemoveTags(BTreeSet<Tag>),
    /// Gives a custom field a value, or takes it away with null.
    SetField {
        /// The field's key.
        key: String,
        /// The value as JSON, checked by the field's type when it is done.
        value: Value,
    },
    /// Writes a note that the team reads.
    AddNote(Words),
    /// Writes to the customer.
    Reply(Words),
}

/// Who gets a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewAssignee {
    /// Nobody.
    Nobody,
    /// Whoever runs the macro.
    Me,
    /// This person.
    Person(UserId),
}

/// What is written: a template, or that of a canned reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// This template.
    Template(String),
    /// The body of a canned reply, as it is when it is written.
    Canned(CannedReplyId),
}

/// For what a list of actions is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionsOf {
    /// A macro, which somebody runs.
    Macro,
    /// A rule, which nobody runs: there is no `me`.
    Rule,
}

/// Actions in the order in which they are done: 1 to [`ACTIONS_MAX`], none of which undoes another of the same kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Actions(Vec<Action>);

impl Actions {
    /// The actions that JSON describes.
    ///
    /// # Errors
    /// [`ActionError`] with the place and what would be right there.
    pub fn parse(list: &[Value], of: ActionsOf) -> Result<Self, ActionError> {
        parse::parse(list, of).map(Self)
    }

    /// In order.
    pub fn iter(&self) -> std::slice::Iter<'_, Action> {
        self.0.iter()
    }

    /// As they are written.
    pub fn to_json(&self) -> Vec<Value> {
        self.0.iter().map(Action::to_json).collect()
    }

    /// The texts that are templates, each with its number in the list, from 1.
    pub fn templates(&self) -> impl Iterator<Item = (usize, &str)> {
        self.words().filter_map(|(n, words)| match words {
            Words::Template(text) => Some((n, text.as_str())),
            Words::Canned(_) => None,
        })
    }

    /// The canned replies that are written, each with its number in the list, from 1.
    pub fn canned_replies(&self) -> impl Iterator<Item = (usize, &CannedReplyId)> {
        self.words().filter_map(|(n, words)| match words {
            Words::Canned(id) => Some((n, id)),
            Words::Template(_) => None,
        })
    }

    fn words(&self) -> impl Iterator<Item = (usize, &Words)> {
        (1..).zip(&self.0).filter_map(|(n, action)| match action {
            Action::AddNote(words) | Action::Reply(words) => Some((n, words)),
            _ => None,
        })
    }
}

impl<'a> IntoIterator for &'a Actions {
    type Item = &'a Action;
    type IntoIter = std::slice::Iter<'a, Action>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Action {
    /// What kind of action it is, as JSON names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SetStatus(_) => "set_status",
            Self::SetPriority(_) => "set_priority",
            Self::SetTeam(_) => "set_team",
            Self::SetAssignee(_) => "set_assignee",
            Self::AddTags(_) => "add_tags",
            Self::RemoveTags(_) => "remove_tags",
            Self::SetField { .. } => "set_field",
            Self::AddNote(_) => "add_note",
            Self::Reply(_) => "reply",
        }
    }

    /// As it is written.
    pub fn to_json(&self) -> Value {
        let mut json = match self {
            Self::SetStatus(status) => json!({ "status": status }),
            Self::SetPriority(priority) => json!({ "priority": priority }),
            Self::SetTeam(team) => json!({ "team": team }),
            Self::SetAssignee(assignee) => json!({ "assignee": assignee.as_str() }),
            Self::AddTags(tags) | Self::RemoveTags(tags) => {
                json!({ "tags": tags.iter().map(Tag::as_str).collect::<Vec<_>>() })
            }
            Self::SetField { key, value } => json!({ "key": key, "value": value }),
            Self::AddNote(words) | Self::Reply(words) => match words {
                Words::Template(body) => json!({ "body": body }),
                Words::Canned(id) => json!({ "canned_reply_id": id }),
            },
        };
        json["type"] = Value::from(self.kind());
        json
    }
}

impl NewAssignee {
    /// As it is written: `none`, `me` or an id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Nobody => "none",
            Self::Me => "me",
            Self::Person(id) => id.as_str(),
        }
    }
}
