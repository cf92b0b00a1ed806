//! What a bulk job changed of a ticket, part by part, and putting each back that nobody has changed since.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{FieldValue, Priority, Tag, Ticket, TicketField, TicketStatus, Timestamp, UserId};

/// What a job changed of a ticket, with what followed by itself in the same transaction.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BulkChange {
    /// What can be put back.
    pub parts: Vec<BulkPart>,
    /// Notes that were written. They stay.
    pub n_notes: usize,
    /// Replies that were sent. They stay.
    pub n_replies: usize,
}

impl BulkChange {
    /// What is different of a ticket, with so many notes and replies written.
    pub fn of(before: &Ticket, after: &Ticket, n_notes: usize, n_replies: usize) -> Self {
        let mut parts = BulkPart::between(before, after);
        for part in &mut parts {
            if let BulkPart::Status { from, .. } = part
                && from.status == TicketStatus::New
                && n_replies > 0
            {
                // It was answered, which is not taken back: it waits for the team, but it is not new.
                from.status = TicketStatus::Open;
            }
        }
        Self { parts, n_notes, n_replies }
    }
}

/// A status, with what goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkStatus {
    /// The category.
    pub status: TicketStatus,
    /// The site's own.
    pub custom: Option<String>,
    /// When the ticket was last solved.
    pub solved_at: Option<Timestamp>,
}

impl BulkStatus {
    fn of(ticket: &Ticket) -> Self {
        let custom = ticket.handling.custom_status.clone();
        Self { status: ticket.status, custom, solved_at: ticket.solved_at }
    }

    /// The key of the status.
    pub fn key(&self) -> &str {
        self.custom.as_deref().unwrap_or(self.status.as_str())
    }
}

/// One property of a ticket, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "part")]
pub enum BulkPart {
    /// Where it stands.
    Status {
        /// Before.
        from: BulkStatus,
        /// After.
        to: BulkStatus,
    },
    /// How urgent it is.
    Priority {
        /// Before.
        from: Priority,
        /// After.
        to: Priority,
    },
    /// The team, by key.
    Team {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// Who owns it.
    Assignee {
        /// Before.
        from: Option<UserId>,
        /// After.
        to: Option<UserId>,
    },
    /// Until when it is snoozed: what is solved rests no more.
    Snoozed {
        /// Before.
        from: Option<Timestamp>,
        /// After.
        to: Option<Timestamp>,
    },
    /// A tag that it has now.
    TagAdded {
        /// Which.
        tag: Tag,
    },
    /// A tag that it has no more.
    TagRemoved {
        /// Which.
        tag: Tag,
    },
    /// A custom field.
    Field {
        /// Which.
        key: String,
        /// Before.
        from: Option<FieldValue>,
        /// After.
        to: Option<FieldValue>,
    },
}

/// How a property stands since a job changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkStanding {
    /// It has the value that the job left.
    AsLeft,
    /// It has the value from before the job again.
    AsBefore,
    /// It has another one: somebody has changed it since.
    Changed,
}

impl BulkPart {
    /// The properties in which two states of a ticket differ.
    pub fn between(before: &Ticket, after: &Ticket) -> Vec<Self> {
        let mut parts = vec![];
        if before.status_key() != after.status_key() || before.status != after.status {
            parts.push(Self::Status { from: BulkStatus::of(before), to: BulkStatus::of(after) });
        }
        if before.priority != after.priority {
            parts.push(Self::Priority { from: before.priority, to: after.priority });
        }
        if before.team != after.team {
            parts.push(Self::Team { from: before.team.clone(), to: after.team.clone() });
        }
        if before.assignee_id != after.assignee_id {
            let (from, to) = (before.assignee_id.clone(), after.assignee_id.clone());
            parts.push(Self::Assignee { from, to });
        }
        let (from, to) = (before.handling.snoozed_until, after.handling.snoozed_until);
        if from != to {
            parts.push(Self::Snoozed { from, to });
        }
        let added = after.tags.iter().filter(|tag| !before.tags.contains(tag));
        parts.extend(added.map(|tag| Self::TagAdded { tag: tag.clone() }));
        let removed = before.tags.iter().filter(|tag| !after.tags.contains(tag));
        parts.extend(removed.map(|tag| Self::TagRemoved { tag: tag.clone() }));
        let keys: BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
        for key in keys {
            let (from, to) = (before.fields.get(key).cloned(), after.fields.get(key).cloned());
            if from != to {
                parts.push(Self::Field { key: key.clone(), from, to });
            }
        }
        parts
    }

    /// Which property it is, as the history names it.
    pub fn field(&self) -> TicketField {
        match self {
            Self::Status { .. } => TicketField::Status,
            Self::Priority { .. } => TicketField::Priority,
            Self::Team { .. } => TicketField::Team,
            Self::Assignee { .. } => TicketField::Assignee,
            Self::Snoozed { .. } => TicketField::SnoozedUntil,
            Self::TagAdded { .. } | Self::TagRemoved { .. } => TicketField::Tags,
            Self::Field { key, .. } => TicketField::Custom(key.clone()),
        }
    }

    /// How it stands now.
    pub fn standing(&self, now: &Ticket) -> BulkStanding {
        fn of<T: PartialEq + ?Sized>(now: &T, from: &T, to: &T) -> BulkStanding {
            match now {
                now if now == to => BulkStanding::AsLeft,
                now if now == from => BulkStanding::AsBefore,
                _ => BulkStanding::Changed,
            }
        }
        match self {
            Self::Status { from, to } => of(now.status_key(), from.key(), to.key()),
            Self::Priority { from, to } => of(&now.priority, from, to),
            Self::Team { from, to } => of(&now.team, from, to),
            Self::Assignee { from, to } => of(&now.assignee_id, from, to),
            Self::Snoozed { from, to } => of(&now.handling.snoozed_until, from, to),
            Self::TagAdded { tag } => of(&now.tags.contains(tag), &false, &true),
            Self::TagRemoved { tag } => of(&now.tags.contains(tag), &true, &false),
            Self::Field { key, from, to } => of(&now.fields.get(key), &from.as_ref(), &to.as_ref()),
        }
    }

    /// The same ticket with this property as it was before. A snooze that has ended meanwhile is none.
    #[must_use]
    pub fn put_back(&self, mut ticket: Ticket, now: Timestamp) -> Ticket {
        match self {
            Self::Status { from, .. } => {
                ticket = ticket.with_status(from.status, from.custom.clone());
                ticket.solved_at = from.solved_at;
            }
            Self::Priority { from, .. } => ticket.priority = *from,
            Self::Team { from, .. } => ticket.team.clone_from(from),
            Self::Assignee { from, .. } => ticket.assignee_id.clone_from(from),
            Self::Snoozed { from, .. } => {
                ticket.handling.snoozed_until = from.filter(|until| *until > now);
            }
            Self::TagAdded { tag } => ticket.tags.retain(|other| other != tag),
            Self::TagRemoved { tag } => {
                ticket.tags.push(tag.clone());
                ticket.tags.sort();
                ticket.tags.dedup();
            }
            Self::Field { key, from, .. } => {
                match from {
                    Some(value) => ticket.fields.insert(key.clone(), value.clone()),
                    None => ticket.fields.remove(key),
                };
            }
        }
        ticket
    }
}
