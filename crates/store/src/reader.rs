//! Who may read what, as conditions of SQL: the one place where a principal becomes a `WHERE`.

use domain::{Principal, Readable, Scope};
use sqlx::{Any, any::AnyArguments, query::Query};

use crate::placeholders;

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

/// The conversations and tickets a principal may read. Three values for a condition such as
/// `($1 = 1 OR customer_id = $2 OR conversation_id = $3)`: an absent one equals nothing.
pub(crate) struct TicketReader<'a> {
    pub(crate) all: i64,
    pub(crate) customer_id: Option<&'a str>,
    pub(crate) conversation_id: Option<&'a str>,
}

impl<'a> TicketReader<'a> {
    pub(crate) fn of(principal: &'a Principal) -> Self {
        let all = i64::from(principal.may(Scope::TicketsRead));
        let (customer_id, conversation_id) = match principal {
            Principal::Customer { id, .. } => (Some(id.as_str()), None),
            Principal::Visitor { conversation } => {
                (None, conversation.as_ref().map(domain::ConversationId::as_str))
            }
            Principal::Staff { .. } | Principal::ApiKey { .. } | Principal::System => (None, None),
        };
        Self { all, customer_id, conversation_id }
    }

    /// Binds the three values, in the order of the fields.
    pub(crate) fn bind<'q>(&self, query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        query
            .bind(self.all)
            .bind(self.customer_id.map(str::to_owned))
            .bind(self.conversation_id.map(str::to_owned))
    }
}
