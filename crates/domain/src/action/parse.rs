//! JSON to actions. Every refusal says which action and which part of it, and what would be right.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{ACTION_NOTES_MAX, ACTIONS_MAX, Action, ActionsOf, NewAssignee, TEMPLATE_BYTES_MAX, Words};
use crate::{CannedReplyId, Field, Priority, TAG_CHARS_MAX, TAGS_MAX, Tag, TicketStatus, UserId};

/// The kinds of actions, as a refusal lists them.
const KINDS: &str =
    "set_status, set_priority, set_team, set_assignee, add_tags, remove_tags, set_field, add_note, reply";
/// Longest key of a team or id, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Why a list is none of actions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {message}")]
pub struct ActionError {
    /// Where: `action 2, status`; counted from 1.
    pub at: String,
    /// What is wrong there, and what would be right.
    pub message: String,
}

pub(super) fn parse(list: &[Value], of: ActionsOf) -> Result<Vec<Action>, ActionError> {
    let whole = |message: String| ActionError { at: "the list".to_owned(), message };
    if list.is_empty() || list.len() > ACTIONS_MAX {
        return Err(whole(format!("1 to {ACTIONS_MAX} actions")));
    }
    let mut actions: Vec<Action> = Vec::with_capacity(list.len());
    for (n, json) in (1..).zip(list) {
        let mut parts = Parts { n, kind: "", left: parts_of(n, json)? };
        let action = parts.action(of)?;
        if let Some(other) = actions.iter().position(|other| is_same_part(other, &action)) {
            return Err(parts.refused("type", format!("{} stands at {} already", action.kind(), other + 1)));
        }
        actions.push(action);
    }
    let n_notes = actions.iter().filter(|action| matches!(action, Action::AddNote(_))).count();
    if n_notes > ACTION_NOTES_MAX {
        return Err(whole(format!("at most {ACTION_NOTES_MAX} notes")));
    }
    Ok(actions)
}

/// Whether one action writes what the other has just written.
fn is_same_part(one: &Action, other: &Action) -> bool {
    match (one, other) {
        (Action::SetField { key, .. }, Action::SetField { key: other, .. }) => key == other,
        (Action::AddNote(_), Action::AddNote(_)) => false,
        (one, other) => one.kind() == other.kind(),
    }
}

fn parts_of(n: usize, json: &Value) -> Result<Map<String, Value>, ActionError> {
    json.as_object().cloned().ok_or_else(|| ActionError {
        at: format!("action {n}"),
        message: "send an object with a type".to_owned(),
    })
}

/// What is left of an action to be read.
struct Parts {
    n: usize,
    kind: &'static str,
    left: Map<String, Value>,
}

impl Parts {
    fn action(&mut self, of: ActionsOf) -> Result<Action, ActionError> {
        let kind = self.text("type", &format!("one of {KINDS}"))?;
        let action = match kind.as_str() {
            "set_status" => {
                self.kind = "status";
                let message =
                    "the key of a status: open, pending, on_hold, solved, closed or one of your own";
                let status = self.name("status", message)?;
                // Nothing becomes new again.
                if !Field::is_key(&status) || status == TicketStatus::New.as_str() {
                    return Err(self.refused("status", message));
                }
                Action::SetStatus(status)
            }
            "set_priority" => {
                self.kind = "priority";
                let message = "one of low, normal, high, urgent";
                let priority = self.text("priority", message)?;
                let priority = Priority::parse(&priority);
                Action::SetPriority(priority.ok_or_else(|| self.refused("priority", message))?)
            }
            "set_team" => {
                self.kind = "team";
                Action::SetTeam(self.name("team", "the key of a team")?)
            }
            "set_assignee" => {
                self.kind = "assignee";
                Action::SetAssignee(self.assignee(of)?)
            }
            "add_tags" => Action::AddTags(self.tags()?),
            "remove_tags" => Action::RemoveTags(self.tags()?),
            "set_field" => {
                self.kind = "key, value";
                let message = "the key of a custom field";
                let key = self.text("key", message)?;
                if !Field::is_key(&key) {
                    return Err(self.refused("key", message));
                }
                let message = "the value, or null to take it away";
                let value = self.left.remove("value").ok_or_else(|| self.refused("value", message))?;
                Action::SetField { key, value }
            }
            "add_note" => Action::AddNote(self.words()?),
            "reply" => Action::Reply(self.words()?),
            _ => return Err(self.refused("type", format!("one of {KINDS}"))),
        };
        match self.left.keys().next() {
            None => Ok(action),
            Some(part) => {
                let message = format!("no part of {}, which has type, {}", action.kind(), self.kind);
                Err(self.refused(&part.clone(), message))
            }
        }
    }

    fn assignee(&mut self, of: ActionsOf) -> Result<NewAssignee, ActionError> {
        let message = match of {
            ActionsOf::Macro => "the id of a person, me or none",
            ActionsOf::Rule => "the id of a person or none; nobody runs a rule, so there is no me",
        };
        Ok(match (self.name("assignee", message)?.as_str(), of) {
            ("none", _) => NewAssignee::Nobody,
            ("me", ActionsOf::Macro) => NewAssignee::Me,
            ("me", ActionsOf::Rule) => return Err(self.refused("assignee", message)),
            (id, _) => NewAssignee::Person(UserId::new(id)),
        })
    }

    fn tags(&mut self) -> Result<BTreeSet<Tag>, ActionError> {
        self.kind = "tags";
        let message = format!("1 to {TAGS_MAX} tags, each 1 to {TAG_CHARS_MAX} characters without a comma");
        let json = self.left.remove("tags");
        let texts = json.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let tags: Option<BTreeSet<Tag>> =
            texts.iter().map(|text| text.as_str().and_then(Tag::parse)).collect();
        tags.filter(|tags| (1..=TAGS_MAX).contains(&tags.len())).ok_or_else(|| self.refused("tags", message))
    }

    fn words(&mut self) -> Result<Words, ActionError> {
        self.kind = "and either body or canned_reply_id";
        let message = "either body, a template, or canned_reply_id";
        match (self.left.contains_key("body"), self.left.contains_key("canned_reply_id")) {
            (true, false) => {
                let message = format!("a template of 1 to {TEMPLATE_BYTES_MAX} bytes");
                let body = self.text("body", &message)?;
                if body.trim().is_empty() || body.len() > TEMPLATE_BYTES_MAX {
                    return Err(self.refused("body", message));
                }
                Ok(Words::Template(body))
            }
            (false, true) => {
                let id = self.name("canned_reply_id", "the id of a canned reply")?;
                Ok(Words::Canned(CannedReplyId::new(id)))
            }
            _ => Err(self.refused("body", message)),
        }
    }

    fn name(&mut self, part: &str, message: &str) -> Result<String, ActionError> {
        let name = self.text(part, message)?;
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(self.refused(part, message));
        }
        Ok(name)
    }

    fn text(&mut self, part: &str, message: &str) -> Result<String, ActionError> {
        match self.left.remove(part) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(self.refused(part, message)),
        }
    }

    fn refused(&self, part: &str, message: impl Into<String>) -> ActionError {
        // A name that somebody sent may be of any length.
        let part: String = part.chars().take(NAME_BYTES_MAX).collect();
        ActionError { at: format!("action {}, {part}", self.n), message: message.into() }
    }
}
