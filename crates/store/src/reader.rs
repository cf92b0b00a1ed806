//! Who may read what, as conditions of SQL: the one place where a principal becomes a `WHERE`.

use domain::{Principal, Readable, Scope, TicketReader as Reader};

use crate::{
    archive,
    dialect::Dialect,
    placeholders::{self, Bound},
};

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
    pub(crate) fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        self.audiences.iter().flatten().fold(query, |query, key| query.bind(key.clone()))
    }
}

/// The tickets and conversations a principal may read, as a condition on `tickets t` or `conversations c`.
pub(crate) struct TicketReader(domain::TicketReader);

impl TicketReader {
    pub(crate) fn of(principal: &Principal) -> Self {
        Self(principal.ticket_reader())
    }

    /// For conversations: who may speak in them sees them too, as far as their teams reach.
    pub(crate) fn of_conversations(principal: &Principal) -> Self {
        match principal {
            Principal::Staff { .. } | Principal::ApiKey { .. }
                if principal.may(Scope::ConversationsWrite) && !principal.may(Scope::TicketsRead) =>
            {
                Self(principal.sight().into())
            }
            _ => Self::of(principal),
        }
    }

    /// Whether this reader sees every ticket.
    pub(crate) fn sees_all(&self) -> bool {
        matches!(self.0, Reader::All)
    }

    /// Whether this reader is of the team, and sees more of a ticket than its customer does.
    pub(crate) fn is_team(&self) -> bool {
        self.0.is_team()
    }

    /// The condition on `tickets t`, with placeholders from `$first` on; they are the statement's last.
    pub(crate) fn ticket(&self, first: usize) -> String {
        match &self.0 {
            Reader::All => "1 = 1".to_owned(),
            Reader::Teams(teams) => format!("t.team IN ({})", placeholders::list(first, teams.len())),
            Reader::Customer(_) => format!("t.customer_id = ${first}"),
            Reader::Visitor(_) => format!("t.conversation_id = ${first}"),
            Reader::Nobody => "1 = 0".to_owned(),
        }
    }

    /// The same for a list, which has an order: the tickets of several teams are not looked up and sorted.
    pub(crate) fn listed(&self, first: usize, dialect: Dialect) -> String {
        match &self.0 {
            Reader::Teams(teams) if teams.len() > 1 => {
                format!("{}{}", dialect.unindexed(), self.ticket(first))
            }
            _ => self.ticket(first),
        }
    }

    /// The condition on `conversations c`, likewise. Who sees some teams' tickets sees the conversations they came from.
    pub(crate) fn conversation(&self, first: usize) -> String {
        match &self.0 {
            Reader::Customer(_) => format!("c.customer_id = ${first}"),
            Reader::Visitor(_) => format!("c.id = ${first}"),
            Reader::Teams(_) => {
                let seen = format!(
                    "EXISTS (SELECT 1 FROM tickets t WHERE t.conversation_id = c.id AND {})",
                    self.ticket(first)
                );
                archive::either(&seen)
            }
            Reader::All | Reader::Nobody => self.ticket(first),
        }
    }

    /// Binds the conditions' values.
    pub(crate) fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        match &self.0 {
            Reader::All | Reader::Nobody => query,
            Reader::Teams(teams) => teams.iter().fold(query, |query, team| query.bind(team.clone())),
            Reader::Customer(id) => query.bind(id.to_string()),
            Reader::Visitor(id) => query.bind(id.to_string()),
        }
    }
}
