//! Who may read what, as conditions of SQL: the one place where a principal becomes a `WHERE`.

use domain::{Principal, Readable, Scope, TicketSight};
use sqlx::{Any, any::AnyArguments, query::Query};

use crate::{dialect::Dialect, placeholders};

/// The articles a principal may read, as a condition on `articles a` and `translations t`.
pub(crate) struct ArticleReader {
    audiences: Option<Vec<String>>,
}

impl ArticleReader {
    pub(crate) fn of(principal: &Principal) -> Self {
        let audiences = match principal.readable() {
            Readable::Everything => None,
            Readable::Only(set) => Some(set.iter().map(domain::Audience::key).collect()),
        };
        Self { audiences }
    }

    /// Whether working texts, drafts and past versions are this reader's to see.
    pub(crate) fn sees_drafts(&self) -> bool {
        self.audiences.is_none()
    }

    /// The condition on `a.audience`, with placeholders from `$first` on; they are the statement's last.
    pub(crate) fn condition(&self, first: usize) -> String {
        match &self.audiences {
            None => "1 = 1".to_owned(),
            Some(keys) => format!("a.audience IN ({})", placeholders::list(first, keys.len())),
        }
    }

    /// Binds the condition's values.
    pub(crate) fn bind<'q>(&self, query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        self.audiences.iter().flatten().fold(query, |query, key| query.bind(key.clone()))
    }
}

/// The tickets and conversations a principal may read, as a condition on `tickets t` or `conversations c`: all of them,
/// those of some teams, one's own, or none.
pub(crate) enum TicketReader {
    All,
    Teams(Vec<String>),
    Customer(String),
    Visitor(String),
    Nobody,
}

impl TicketReader {
    pub(crate) fn of(principal: &Principal) -> Self {
        match principal {
            Principal::Customer { id, .. } => Self::Customer(id.to_string()),
            Principal::Visitor { conversation: Some(id) } => Self::Visitor(id.to_string()),
            _ if !principal.may(Scope::TicketsRead) => Self::Nobody,
            _ => Self::of_sight(principal.sight()),
        }
    }

    /// For conversations: who may speak in them sees them too, as far as their teams reach.
    pub(crate) fn of_conversations(principal: &Principal) -> Self {
        match principal {
            Principal::Staff { .. } | Principal::ApiKey { .. }
                if principal.may(Scope::ConversationsWrite) && !principal.may(Scope::TicketsRead) =>
            {
                Self::of_sight(principal.sight())
            }
            _ => Self::of(principal),
        }
    }

    fn of_sight(sight: TicketSight) -> Self {
        match sight {
            TicketSight::All => Self::All,
            TicketSight::Teams(teams) if teams.is_empty() => Self::Nobody,
            TicketSight::Teams(teams) => Self::Teams(teams.into_iter().collect()),
        }
    }

    /// Whether this reader is of the team, and sees more of a ticket than its customer does.
    pub(crate) fn is_team(&self) -> bool {
        matches!(self, Self::All | Self::Teams(_))
    }

    /// The condition on `tickets t`, with placeholders from `$first` on; they are the statement's last.
    pub(crate) fn ticket(&self, first: usize) -> String {
        match self {
            Self::All => "1 = 1".to_owned(),
            Self::Teams(teams) => format!("t.team IN ({})", placeholders::list(first, teams.len())),
            Self::Customer(_) => format!("t.customer_id = ${first}"),
            Self::Visitor(_) => format!("t.conversation_id = ${first}"),
            Self::Nobody => "1 = 0".to_owned(),
        }
    }

    /// The same for a list, which has an order: the tickets of several teams are not looked up and sorted.
    pub(crate) fn listed(&self, first: usize, dialect: Dialect) -> String {
        match self {
            Self::Teams(teams) if teams.len() > 1 => {
                format!("{}{}", dialect.unindexed(), self.ticket(first))
            }
            _ => self.ticket(first),
        }
    }

    /// The condition on `conversations c`, likewise. Who sees some teams' tickets sees the conversations they came from.
    pub(crate) fn conversation(&self, first: usize) -> String {
        match self {
            Self::Customer(_) => format!("c.customer_id = ${first}"),
            Self::Visitor(_) => format!("c.id = ${first}"),
            Self::Teams(_) => format!(
                "EXISTS (SELECT 1 FROM tickets t WHERE t.conversation_id = c.id AND {})",
                self.ticket(first)
            ),
            Self::All | Self::Nobody => self.ticket(first),
        }
    }

    /// Binds the conditions' values.
    pub(crate) fn bind<'q>(&self, query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        match self {
            Self::All | Self::Nobody => query,
            Self::Teams(teams) => teams.iter().fold(query, |query, team| query.bind(team.clone())),
            Self::Customer(id) | Self::Visitor(id) => query.bind(id.clone()),
        }
    }
}
