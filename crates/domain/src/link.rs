//! Links between tickets, each seen from both of its ends.

use serde::{Deserialize, Serialize};

use crate::{Author, LinkId, TicketId, Timestamp};

/// Most links of one ticket: all are read with it.
pub const LINKS_MAX: usize = 100;
/// Most generations of tickets above one: a loop among parents is looked for so far up, and longer rows are refused.
pub const PARENTS_MAX: usize = 20;

/// What a ticket is to another one, as it is stored: once for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// The first is the parent of the second.
    Parent,
    /// They have to do with each other.
    Related,
    /// The first asks what the second asks already.
    Duplicate,
}

impl LinkKind {
    /// The kind as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Related => "related",
            Self::Duplicate => "duplicate",
        }
    }

    /// Parses a stored kind.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Parent, Self::Related, Self::Duplicate].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What the other ticket is to the one at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkEnd {
    /// The parent of this one.
    Parent,
    /// A child of this one.
    Child,
    /// Related to this one.
    Related,
    /// What this one is a duplicate of.
    DuplicateOf,
    /// A duplicate of this one.
    Duplicate,
}

impl LinkEnd {
    /// The end as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Child => "child",
            Self::Related => "related",
            Self::DuplicateOf => "duplicate_of",
            Self::Duplicate => "duplicate",
        }
    }

    /// The same link, seen from the other ticket.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Parent => Self::Child,
            Self::Child => Self::Parent,
            Self::Related => Self::Related,
            Self::DuplicateOf => Self::Duplicate,
            Self::Duplicate => Self::DuplicateOf,
        }
    }
}

/// A link between two tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// What the first is to the second.
    pub kind: LinkKind,
    /// The first.
    pub ticket_id: TicketId,
    /// The second.
    pub other_id: TicketId,
    /// Who made it.
    pub by: Author,
    /// When.
    pub at: Timestamp,
}

impl Link {
    /// The link by which `other` is this to `ticket`.
    pub fn new(
        id: LinkId,
        ticket: &TicketId,
        end: LinkEnd,
        other: &TicketId,
        by: Author,
        at: Timestamp,
    ) -> Self {
        let (kind, first, second) = match end {
            LinkEnd::Parent => (LinkKind::Parent, other, ticket),
            LinkEnd::Child => (LinkKind::Parent, ticket, other),
            LinkEnd::Related => (LinkKind::Related, ticket, other),
            LinkEnd::DuplicateOf => (LinkKind::Duplicate, ticket, other),
            LinkEnd::Duplicate => (LinkKind::Duplicate, other, ticket),
        };
        Self { id, kind, ticket_id: first.clone(), other_id: second.clone(), by, at }
    }

    /// What the other ticket is to this one, and which it is; nothing where the link is not this ticket's.
    pub fn seen_from(&self, ticket: &TicketId) -> Option<(LinkEnd, &TicketId)> {
        let end = match self.kind {
            LinkKind::Parent => LinkEnd::Child,
            LinkKind::Related => LinkEnd::Related,
            LinkKind::Duplicate => LinkEnd::DuplicateOf,
        };
        if self.ticket_id == *ticket {
            Some((end, &self.other_id))
        } else {
            (self.other_id == *ticket).then_some((end.reversed(), &self.ticket_id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_the_same_from_both_ends() {
        let (a, b) = (TicketId::new("a"), TicketId::new("b"));
        for end in
            [LinkEnd::Parent, LinkEnd::Child, LinkEnd::Related, LinkEnd::DuplicateOf, LinkEnd::Duplicate]
        {
            let link = Link::new(LinkId::new("l"), &a, end, &b, Author::System, Timestamp(0));
            assert_eq!(link.seen_from(&a), Some((end, &b)));
            assert_eq!(link.seen_from(&b), Some((end.reversed(), &a)));
            assert_eq!(link.seen_from(&TicketId::new("c")), None);
        }
    }
}
