//! Merging two customers who are one person, and undoing that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    ConversationId, Customer, CustomerId, FieldValues, IdentityId, Locale, MergeId, NoteId, OrganisationBy,
    OrganisationId, ProposalId, TAGS_MAX, Tag, TicketId, Timestamp,
};

/// How long a merge can be undone, in milliseconds: 30 days, in which a mistake shows.
pub const MERGE_UNDO_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Most tickets and conversations that one merge moves: each ticket is a change of its own, all in one transaction.
pub const MERGE_MOVES_MAX: usize = 500;
/// How often somebody can be merged further: a customer into a second, that one into a third.
pub const MERGE_DEPTH_MAX: usize = 8;

/// A customer who was found to be another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// Who goes on.
    pub kept_id: CustomerId,
    /// Who was merged.
    pub merged_id: CustomerId,
    /// When.
    pub at: Timestamp,
    /// Until when it can be undone.
    pub ends_at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// What was moved.
    pub moved: Moved,
}

/// All that a merge moved, so that it can be moved back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The tickets of who was merged.
    pub tickets: Vec<TicketId>,
    /// Their conversations.
    pub conversations: Vec<ConversationId>,
    /// Their identities, with since when each was verified.
    pub identities: Vec<(IdentityId, Option<Timestamp>)>,
    /// The notes on them.
    pub notes: Vec<NoteId>,
    /// Their tickets that were remembered for learning.
    pub solved: Vec<TicketId>,
    /// The questions proposed in their words.
    pub proposals: Vec<ProposalId>,
    /// The address that answers went to.
    pub email: Option<String>,
    /// What was known of who goes on, before.
    pub before: Profile,
    /// And after.
    pub after: Profile,
}

/// What is known of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    name: String,
    email: Option<String>,
    locale: Option<Locale>,
    organisation_id: Option<OrganisationId>,
    organisation_by: OrganisationBy,
    tags: Vec<Tag>,
    fields: FieldValues,
    created_at: Timestamp,
    seen_at: Option<Timestamp>,
}

impl Profile {
    /// What is known of a customer.
    pub fn of(customer: &Customer) -> Self {
        Self {
            name: customer.name.clone(),
            email: customer.email.clone(),
            locale: customer.locale.clone(),
            organisation_id: customer.organisation_id.clone(),
            organisation_by: customer.organisation_by,
            tags: customer.tags.clone(),
            fields: customer.fields.clone(),
            created_at: customer.created_at,
            seen_at: customer.seen_at,
        }
    }

    fn put_on(self, customer: Customer) -> Customer {
        Customer {
            name: self.name,
            email: self.email,
            locale: self.locale,
            organisation_id: self.organisation_id,
            organisation_by: self.organisation_by,
            tags: self.tags,
            fields: self.fields,
            created_at: self.created_at,
            seen_at: self.seen_at,
            ..customer
        }
    }
}

/// Who goes on, with what the other knew better: their own values win, the other's fill the gaps, tags come together.
pub fn merged(kept: &Customer, other: &Customer) -> Customer {
    let (organisation_id, organisation_by) = match (&kept.organisation_id, kept.organisation_by) {
        // Somebody has said that they belong nowhere.
        (None, OrganisationBy::Hand) => (None, OrganisationBy::Hand),
        (None, OrganisationBy::Domain) => (other.organisation_id.clone(), other.organisation_by),
        (id, by) => (id.clone(), by),
    };
    let tags: BTreeSet<Tag> = kept.tags.iter().chain(&other.tags).cloned().collect();
    let tags = if tags.len() > TAGS_MAX { kept.tags.clone() } else { tags.into_iter().collect() };
    let mut fields = other.fields.clone();
    fields.extend(kept.fields.clone());
    Customer {
        name: if kept.name.trim().is_empty() { other.name.clone() } else { kept.name.clone() },
        email: kept.email.clone().or_else(|| other.email.clone()),
        locale: kept.locale.clone().or_else(|| other.locale.clone()),
        organisation_id,
        organisation_by,
        tags,
        fields,
        created_at: kept.created_at.min(other.created_at),
        seen_at: kept.seen_at.max(other.seen_at),
        ..kept.clone()
    }
}

/// Who went on, as they were before, but for what somebody changed since.
pub fn unmerged(now: Customer, before: &Profile, after: &Profile) -> Customer {
    fn part<T: PartialEq + Clone>(now: T, before: &T, after: &T) -> T {
        if now == *after { before.clone() } else { now }
    }
    let was = Profile::of(&now);
    let mut fields = was.fields.clone();
    for (key, value) in &after.fields {
        if was.fields.get(key) == Some(value) && !before.fields.contains_key(key) {
            fields.remove(key);
        }
    }
    let tags = was.tags.iter().filter(|tag| before.tags.contains(tag) || !after.tags.contains(tag));
    let (organisation_id, organisation_by) = part(
        (was.organisation_id, was.organisation_by),
        &(before.organisation_id.clone(), before.organisation_by),
        &(after.organisation_id.clone(), after.organisation_by),
    );
    let profile = Profile {
        name: part(was.name, &before.name, &after.name),
        email: part(was.email, &before.email, &after.email),
        locale: part(was.locale, &before.locale, &after.locale),
        organisation_id,
        organisation_by,
        tags: tags.cloned().collect(),
        fields,
        created_at: part(was.created_at, &before.created_at, &after.created_at),
        seen_at: part(was.seen_at, &before.seen_at, &after.seen_at),
    };
    profile.put_on(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldValue;

    fn customer(id: &str, name: &str) -> Customer {
        Customer::new(CustomerId::new(id), name.to_owned(), None, Timestamp(10))
    }

    #[test]
    fn own_values_win_and_gaps_are_filled_and_undoing_keeps_what_came_since() {
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let tag = |text: &str| Tag::parse(text).unwrap();
        let a = Customer {
            tags: vec![tag("b")],
            fields: [("plan".to_owned(), text("pro"))].into(),
            ..customer("a", "")
        };
        let b = Customer {
            email: Some("b@example.org".to_owned()),
            organisation_id: Some(OrganisationId::new("o")),
            tags: vec![tag("a"), tag("b")],
            fields: [("plan".to_owned(), text("free")), ("size".to_owned(), text("7"))].into(),
            created_at: Timestamp(5),
            ..customer("b", "Cy")
        };
        let kept = merged(&a, &b);
        assert_eq!((kept.name.as_str(), kept.email.as_deref()), ("Cy", Some("b@example.org")));
        assert_eq!(kept.tags, [tag("a"), tag("b")]);
        assert_eq!(kept.fields["plan"], text("pro"));
        assert_eq!(kept.fields["size"], text("7"));
        assert_eq!(
            (kept.organisation_id.clone(), kept.created_at),
            (b.organisation_id.clone(), Timestamp(5))
        );

        let (before, after) = (Profile::of(&a), Profile::of(&kept));
        assert_eq!(unmerged(kept.clone(), &before, &after), a);
        let changed = Customer { name: "Cyra".to_owned(), tags: vec![tag("a"), tag("b"), tag("c")], ..kept };
        let back = unmerged(changed, &before, &after);
        assert_eq!((back.name.as_str(), back.tags), ("Cyra", vec![tag("b"), tag("c")]));
    }

    #[test]
    fn who_was_said_to_belong_nowhere_stays_so() {
        let a = Customer { organisation_by: OrganisationBy::Hand, ..customer("a", "A") };
        let b = Customer { organisation_id: Some(OrganisationId::new("o")), ..customer("b", "B") };
        assert_eq!(merged(&a, &b).organisation_id, None);
        assert_eq!(merged(&b, &a).organisation_id, b.organisation_id);
    }
}
