//! Opening a conversation and reading it again.

use domain::{Conversation, ConversationId, ConversationState, Locale, Principal, Scope, Turn};

use crate::{Attachments, Desk, DeskError, audit::Unrecorded, people::secret};

/// A conversation that was just opened, with the visitor's only key to it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The conversation.
    pub conversation: Conversation,
    /// The bearer token; stored as a hash, so it cannot be shown again.
    pub token: String,
}

/// A conversation as its customer sees it.
#[derive(Debug, Clone)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: Conversation,
    /// Its turns, oldest first.
    pub turns: Vec<Turn>,
    /// The files of the team's replies.
    pub attachments: Attachments,
    /// The number of its ticket, if it has one.
    pub ticket_number: Option<i64>,
}

impl Desk {
    /// Opens a conversation for anybody.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn start_conversation(&self, locale: Option<Locale>) -> Result<Opened, DeskError> {
        let now = self.now();
        let conversation = Conversation {
            id: ConversationId::new(self.id()),
            locale: locale.unwrap_or_else(|| self.site().default_locale.clone()),
            customer_id: None,
            state: ConversationState::Bot { n_failures: 0 },
            n_turns: 0,
            created_at: now,
            updated_at: now,
        };
        let token = secret::token(&self.0.ids.secret());
        let mut tx = self.begin_unrecorded(&Principal::anonymous(), Unrecorded::Turn).await?;
        tx.insert_conversation(&conversation, &secret::digest(&token)).await?;
        tx.commit().await?;
        Ok(Opened { conversation, token })
    }

    /// Who holds this conversation token, if it is one.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn conversation_principal(&self, token: &str) -> Result<Option<Principal>, DeskError> {
        let found = self.0.store.find_conversation_by_token(&secret::digest(token)).await?;
        Ok(found.map(|conversation| Principal::Visitor { conversation: Some(conversation.id) }))
    }

    /// A conversation with its turns.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is not this principal's to read.
    pub async fn conversation(
        &self,
        principal: &Principal,
        id: &ConversationId,
    ) -> Result<ConversationView, DeskError> {
        let conversation = self.0.store.find_conversation(principal, id).await?.ok_or(DeskError::NotFound)?;
        let turns = self.0.store.list_turns(principal, id).await?;
        let ticket_number = self.ticket_number(&conversation).await?;
        let attachments = match conversation.ticket_id() {
            Some(id) => self.attachments_of(principal, id).await?,
            None => Attachments::default(),
        };
        Ok(ConversationView { conversation, turns, attachments, ticket_number })
    }

    /// A conversation, for who may speak in it as its customer: whoever holds its token, or may write conversations. Being
    /// allowed to read it is not enough.
    pub(crate) async fn conversation_to_speak_in(
        &self,
        principal: &Principal,
        id: &ConversationId,
    ) -> Result<Conversation, DeskError> {
        let found = self.0.store.find_conversation(principal, id).await?.ok_or(DeskError::NotFound)?;
        match principal {
            Principal::Visitor { .. } | Principal::Customer { .. } => Ok(found),
            _ => Self::require(principal, Scope::ConversationsWrite).map(|()| found),
        }
    }

    pub(crate) async fn ticket_number(&self, conversation: &Conversation) -> Result<Option<i64>, DeskError> {
        match conversation.ticket_id() {
            None => Ok(None),
            Some(id) => {
                Ok(self.0.store.find_ticket(&Principal::System, id).await?.map(|ticket| ticket.number))
            }
        }
    }
}
