//! The history of a ticket: who changed what, when, from what to what.

use std::{borrow::Cow, collections::BTreeSet};

use crate::{Author, Field, HistoryId, Required, Tag, Ticket, TicketId, Timestamp, UserId};

/// A part of a ticket whose changes are recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TicketField {
    /// Where it stands.
    Status,
    /// How urgent it is.
    Priority,
    /// The team, by key.
    Team,
    /// The agent who owns it, by id.
    Assignee,
    /// Who asked, by id.
    Customer,
    /// The organisation, by id.
    Organisation,
    /// Its tags, with commas between.
    Tags,
    /// The site's own status, by key; none for the built-in one.
    CustomStatus,
    /// Until when it is snoozed, in UTC.
    SnoozedUntil,
    /// The ticket into which it was merged, by id.
    MergedInto,
    /// A ticket that was merged into it, by id.
    Merged,
    /// The ticket of which it was a part, or that is a part of it, by id.
    Split,
    /// A link, as what the other ticket is and its id.
    Links,
    /// Who follows it, by id, with commas between.
    Followers,
    /// The addresses in copy, with commas between.
    Cc,
    /// An item of its checklist, as `[x] text`.
    Checklist,
    /// When all items of its checklist must be done.
    ChecklistRequired,
    /// A custom field, by key; its value as filters read it, with commas between several: a long text is cut.
    Custom(String),
    /// No part of it: a macro was run on it, whose name is the new value.
    Macro,
    /// No part of it: a bulk job changed it, whose id is the new value, or was undone, whose id is the old one.
    BulkJob,
    /// No part of it: what became of a rule that could not do all it says, in words.
    Rule,
}

/// What stands before the key of a custom field.
const CUSTOM: &str = "field.";

impl TicketField {
    /// Every field that tickets always have, in the order in which changes are listed.
    pub const BUILT_IN: [Self; 17] = [
        Self::Status,
        Self::CustomStatus,
        Self::Priority,
        Self::Team,
        Self::Assignee,
        Self::Customer,
        Self::Organisation,
        Self::Tags,
        Self::SnoozedUntil,
        Self::MergedInto,
        Self::Merged,
        Self::Split,
        Self::Links,
        Self::Followers,
        Self::Cc,
        Self::Checklist,
        Self::ChecklistRequired,
    ];

    /// The field as it is stored: a name, or `field.` and the key of a custom one.
    pub fn key(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Team => "team",
            Self::Assignee => "assignee",
            Self::Customer => "customer",
            Self::Organisation => "organisation",
            Self::Tags => "tags",
            Self::CustomStatus => "custom_status",
            Self::SnoozedUntil => "snoozed_until",
            Self::MergedInto => "merged_into",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Links => "links",
            Self::Followers => "followers",
            Self::Cc => "cc",
            Self::Checklist => "checklist",
            Self::ChecklistRequired => "checklist_required",
            Self::Custom(key) => return Cow::Owned(format!("{CUSTOM}{key}")),
            Self::Macro => "macro",
            Self::BulkJob => "bulk_job",
            Self::Rule => "rule",
        })
    }

    /// Parses a stored field.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(CUSTOM) {
            Some(key) => Field::is_key(key).then(|| Self::Custom(key.to_owned())),
            None => {
                let others = [Self::Macro, Self::BulkJob, Self::Rule];
                Self::BUILT_IN.into_iter().chain(others).find(|field| field.key() == text)
            }
        }
    }

    fn of(&self, ticket: &Ticket) -> Option<String> {
        let handling = &ticket.handling;
        match self {
            Self::Status => Some(ticket.status.as_str().to_owned()),
            Self::Priority => Some(ticket.priority.as_str().to_owned()),
            Self::Team => Some(ticket.team.clone()),
            Self::Assignee => ticket.assignee_id.as_ref().map(ToString::to_string),
            Self::Customer => ticket.customer_id.as_ref().map(ToString::to_string),
            Self::Organisation => ticket.organisation_id.as_ref().map(ToString::to_string),
            Self::Tags => {
                let tags: Vec<&str> = ticket.tags.iter().map(Tag::as_str).collect();
                (!tags.is_empty()).then(|| tags.join(", "))
            }
            Self::CustomStatus => handling.custom_status.clone(),
            Self::SnoozedUntil => handling.snoozed_until.map(Timestamp::iso),
            Self::MergedInto => handling.merged.as_ref().map(|merged| merged.into.to_string()),
            Self::Followers => {
                let ids: Vec<&str> = handling.followers.iter().map(UserId::as_str).collect();
                (!ids.is_empty()).then(|| ids.join(", "))
            }
            Self::Cc => {
                let all: Vec<&str> = handling.cc.iter().map(String::as_str).collect();
                (!all.is_empty()).then(|| all.join(", "))
            }
            Self::ChecklistRequired => {
                let required = handling.checklist.required;
                (required != Required::Never).then(|| required.as_str().to_owned())
            }
            // These are no values of a ticket: what happened to it is told one by one.
            Self::Merged | Self::Split | Self::Links | Self::Checklist => None,
            Self::Custom(key) => ticket.fields.get(key).map(|value| value.texts().join(", ")),
            Self::Macro | Self::BulkJob | Self::Rule => None,
        }
    }
}

/// One change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its id.
    pub id: HistoryId,
    /// Of which ticket.
    pub ticket_id: TicketId,
    /// When.
    pub at: Timestamp,
    /// Who changed it.
    pub by: Author,
    /// What.
    pub field: TicketField,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

impl Ticket {
    /// The fields in which another state of this ticket differs, each with its value here and there.
    pub fn changes(&self, after: &Self) -> Vec<(TicketField, Option<String>, Option<String>)> {
        let custom: BTreeSet<&String> = self.fields.keys().chain(after.fields.keys()).collect();
        let custom = custom.into_iter().map(|key| TicketField::Custom(key.clone()));
        let fields = TicketField::BUILT_IN.into_iter().chain(custom);
        let values = fields.map(|field| {
            let (from, to) = (field.of(self), field.of(after));
            let differs = match &field {
                // Of a long text the history keeps how it begins; it may have changed behind that.
                TicketField::Custom(key) => self.fields.get(key) != after.fields.get(key),
                _ => from != to,
            };
            differs.then_some((field, from, to))
        });
        let items = self.handling.checklist.changes(&after.handling.checklist);
        let items = items.into_iter().map(|(from, to)| (TicketField::Checklist, from, to));
        values.flatten().chain(items).collect()
    }
}
