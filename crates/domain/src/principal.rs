//! Who is asking, what they may do and which articles they may read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, ConversationId, CustomerId, CustomerSegment, Role, UserId};

/// Who may read an article. One per article; the same predicate runs in SQL, in the text index and in the vectors.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Everybody, search engines included.
    Public,
    /// Customers who have signed in.
    SignedIn,
    /// Customers of one segment, by its key.
    Segment(String),
    /// Staff only.
    Agents,
}

/// A text that names no audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an audience: {0:?}; one of public, signed_in, agents, segment:<key>")]
pub struct InvalidAudience(pub String);

impl Audience {
    /// The key under which databases and indexes store it: `public`, `signed_in`, `agents`, `segment:<key>`.
    pub fn key(&self) -> String {
        match self {
            Self::Public => "public".to_owned(),
            Self::SignedIn => "signed_in".to_owned(),
            Self::Agents => "agents".to_owned(),
            Self::Segment(key) => format!("segment:{key}"),
        }
    }

    /// Parses a key.
    ///
    /// # Errors
    /// [`InvalidAudience`] for any other text; a segment key is 1 to 64 of `a-z 0-9 _ -`.
    pub fn parse(key: &str) -> Result<Self, InvalidAudience> {
        match key {
            "public" => Ok(Self::Public),
            "signed_in" => Ok(Self::SignedIn),
            "agents" => Ok(Self::Agents),
            other => match other.strip_prefix("segment:") {
                Some(segment) if CustomerSegment::is_key(segment) => Ok(Self::Segment(segment.to_owned())),
                _ => Err(InvalidAudience(key.to_owned())),
            },
        }
    }
}

impl TryFrom<String> for Audience {
    type Error = InvalidAudience;
    fn try_from(key: String) -> Result<Self, InvalidAudience> {
        Self::parse(&key)
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.key()
    }
}

/// The audiences whose articles a principal may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readable {
    /// No limit: staff and the system itself.
    Everything,
    /// Only articles of these audiences.
    Only(BTreeSet<Audience>),
}

impl Readable {
    /// Whether an article of this audience may be read.
    pub fn includes(&self, audience: &Audience) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(set) => set.contains(audience),
        }
    }
}

/// What a key or a role may do. An operation names the one it needs; OpenAPI shows it as `x-required-scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Read articles of every audience, drafts included.
    #[serde(rename = "kb:read")]
    KbRead,
    /// Create, change, publish and unpublish articles.
    #[serde(rename = "kb:write")]
    KbWrite,
    /// Read tickets, their messages and traces.
    #[serde(rename = "tickets:read")]
    TicketsRead,
    /// Reply, note, change tickets, ask for suggestions.
    #[serde(rename = "tickets:write")]
    TicketsWrite,
    /// Read customers and organisations, their notes, segments and possible duplicates.
    #[serde(rename = "customers:read")]
    CustomersRead,
    /// Add and change customers and organisations, their identities and notes; merge customers.
    #[serde(rename = "customers:write")]
    CustomersWrite,
    /// Speak in conversations as their visitor, and read them.
    #[serde(rename = "conversations:write")]
    ConversationsWrite,
    /// Read reports, of the teams whose tickets are seen.
    #[serde(rename = "reports:read")]
    ReportsRead,
    /// Everything.
    #[serde(rename = "admin")]
    Admin,
    /// People, roles and teams.
    #[serde(rename = "admin:users")]
    AdminUsers,
    /// API keys.
    #[serde(rename = "admin:keys")]
    AdminKeys,
    /// Webhooks.
    #[serde(rename = "admin:webhooks")]
    AdminWebhooks,
    /// How the site works: learning, schedules, routing, SLA, fields, segments, views for everybody.
    #[serde(rename = "admin:settings")]
    AdminSettings,
    /// Rules, and the macros and canned replies that everybody has.
    #[serde(rename = "admin:rules")]
    AdminRules,
}

impl Scope {
    /// Every scope, in the order in which they are documented.
    pub const ALL: [Self; 14] = [
        Self::KbRead,
        Self::KbWrite,
        Self::TicketsRead,
        Self::TicketsWrite,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::ConversationsWrite,
        Self::ReportsRead,
        Self::Admin,
        Self::AdminUsers,
        Self::AdminKeys,
        Self::AdminWebhooks,
        Self::AdminSettings,
        Self::AdminRules,
    ];

    /// The scope as it is written in keys and documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KbRead => "kb:read",
            Self::KbWrite => "kb:write",
            Self::TicketsRead => "tickets:read",
            Self::TicketsWrite => "tickets:write",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::ConversationsWrite => "conversations:write",
            Self::ReportsRead => "reports:read",
            Self::Admin => "admin",
            Self::AdminUsers => "admin:users",
            Self::AdminKeys => "admin:keys",
            Self::AdminWebhooks => "admin:webhooks",
            Self::AdminSettings => "admin:settings",
            Self::AdminRules => "admin:rules",
        }
    }

    /// Whether it is about the site and its people, not about its work.
    pub fn is_admin(self) -> bool {
        matches!(
            self,
            Self::Admin
                | Self::AdminUsers
                | Self::AdminKeys
                | Self::AdminWebhooks
                | Self::AdminSettings
                | Self::AdminRules
        )
    }

    /// Parses a scope, or says that there is none of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Whose tickets somebody sees who may read tickets at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketSight {
    /// Those of every team.
    All,
    /// Those of these teams, by key, and nothing that tells of others.
    Teams(BTreeSet<String>),
}

impl TicketSight {
    /// Whether the tickets of a team, by key, are among them.
    pub fn sees(&self, team: &str) -> bool {
        match self {
            Self::All => true,
            Self::Teams(teams) => teams.contains(team),
        }
    }
}

/// The tickets and conversations that somebody may read: one predicate, which runs in SQL and in the index of tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketReader {
    /// All of them.
    All,
    /// Those of these teams, by key; at least one.
    Teams(BTreeSet<String>),
    /// A customer's own, without what the team keeps to itself.
    Customer(CustomerId),
    /// The one of a visitor's conversation, likewise.
    Visitor(ConversationId),
    /// None.
    Nobody,
}

impl TicketReader {
    /// Whether this reader is of the team, and sees more of a ticket than its customer does.
    pub fn is_team(&self) -> bool {
        matches!(self, Self::All | Self::Teams(_))
    }
}

impl From<TicketSight> for TicketReader {
    fn from(sight: TicketSight) -> Self {
        match sight {
            TicketSight::All => Self::All,
            TicketSight::Teams(teams) if teams.is_empty() => Self::Nobody,
            TicketSight::Teams(teams) => Self::Teams(teams),
        }
    }
}

/// Who is asking. Every read of tickets or articles takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Anybody with a browser; may hold the token of one conversation.
    Visitor {
        /// The conversation whose token was presented.
        conversation: Option<ConversationId>,
    },
    /// A customer who is known.
    Customer {
        /// Who.
        id: CustomerId,
        /// The segments the customer belongs to.
        segments: BTreeSet<String>,
    },
    /// A person of the team, signed in.
    Staff {
        /// Who.
        id: UserId,
        /// What they may do.
        scopes: BTreeSet<Scope>,
        /// Whose tickets they see.
        sight: TicketSight,
    },
    /// A program with an API key.
    ApiKey {
        /// Which key.
        id: ApiKeyId,
        /// What it may do.
        scopes: BTreeSet<Scope>,
        /// Whose tickets it sees.
        sight: TicketSight,
    },
    /// Askwell itself: the worker, the command line on the data directory.
    System,
}

impl Principal {
    /// Anybody without a token.
    pub fn anonymous() -> Self {
        Self::Visitor { conversation: None }
    }

    /// A person in a built-in role, who sees every team's tickets.
    pub fn staff(id: UserId, role: Role) -> Self {
        Self::Staff { id, scopes: role.scopes().iter().copied().collect(), sight: TicketSight::All }
    }

    /// A program that sees every team's tickets.
    pub fn api_key(id: ApiKeyId, scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self::ApiKey { id, scopes: scopes.into_iter().collect(), sight: TicketSight::All }
    }

    /// Which articles this principal may read.
    pub fn readable(&self) -> Readable {
        match self {
            Self::System => Readable::Everything,
            Self::Staff { .. } | Self::ApiKey { .. } if self.may(Scope::KbRead) => Readable::Everything,
            Self::Visitor { .. } | Self::Staff { .. } | Self::ApiKey { .. } => {
                Readable::Only(BTreeSet::from([Audience::Public]))
            }
            Self::Customer { segments, .. } => {
                let mut set = BTreeSet::from([Audience::Public, Audience::SignedIn]);
                set.extend(segments.iter().cloned().map(Audience::Segment));
                Readable::Only(set)
            }
        }
    }

    /// Whether this principal may do what the scope names.
    pub fn may(&self, scope: Scope) -> bool {
        match self {
            Self::System => true,
            Self::Staff { scopes, .. } | Self::ApiKey { scopes, .. } => {
                scopes.contains(&scope) || scopes.contains(&Scope::Admin)
            }
            Self::Visitor { .. } | Self::Customer { .. } => false,
        }
    }

    /// Whose tickets this principal may have to do with, besides the ones that are their own. What they may do with them is
    /// up to their scopes.
    pub fn sight(&self) -> TicketSight {
        match self {
            Self::System => TicketSight::All,
            Self::Staff { sight, .. } | Self::ApiKey { sight, .. } => sight.clone(),
            Self::Visitor { .. } | Self::Customer { .. } => TicketSight::Teams(BTreeSet::new()),
        }
    }

    /// Which tickets this principal may read.
    pub fn ticket_reader(&self) -> TicketReader {
        match self {
            Self::Customer { id, .. } => TicketReader::Customer(id.clone()),
            Self::Visitor { conversation: Some(id) } => TicketReader::Visitor(id.clone()),
            _ if !self.may(Scope::TicketsRead) => TicketReader::Nobody,
            _ => self.sight().into(),
        }
    }

    /// Whether this principal may have to do with the tickets of a team, by key.
    pub fn sees_team(&self, team: &str) -> bool {
        self.sight().sees(team)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_staff_and_keys_that_may_read_articles_see_agents_only() {
        let key = |scopes: &[Scope]| Principal::api_key(ApiKeyId::new("k"), scopes.iter().copied());
        let staff = |role| Principal::staff(UserId::new("u"), role);
        for (principal, sees) in [
            (Principal::anonymous(), false),
            (Principal::Customer { id: CustomerId::new("c"), segments: BTreeSet::new() }, false),
            (key(&[Scope::TicketsRead]), false),
            (key(&[Scope::KbRead]), true),
            (staff(Role::Agent), true),
            (Principal::System, true),
        ] {
            assert_eq!(principal.readable().includes(&Audience::Agents), sees, "{principal:?}");
            assert!(principal.readable().includes(&Audience::Public), "{principal:?}");
        }
    }

    #[test]
    fn a_segment_is_read_by_its_members_only() {
        let member =
            Principal::Customer { id: CustomerId::new("c"), segments: BTreeSet::from(["gold".to_owned()]) };
        assert!(member.readable().includes(&Audience::Segment("gold".into())));
        assert!(!member.readable().includes(&Audience::Segment("silver".into())));
        assert!(!Principal::anonymous().readable().includes(&Audience::SignedIn));
    }

    #[test]
    fn audience_keys_round_trip_and_refuse_the_rest() {
        for key in ["public", "signed_in", "agents", "segment:gold-2"] {
            assert_eq!(Audience::parse(key).unwrap().key(), key);
        }
        for key in ["", "Public", "segment:", "segment:a b", "everyone"] {
            assert!(Audience::parse(key).is_err(), "{key}");
        }
    }
}
