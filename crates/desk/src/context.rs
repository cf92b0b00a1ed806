//! The desk: everything a use case needs, behind one handle that is cheap to clone.

use std::sync::Arc;

use answer::Answerer;
use channels::{llm::ChatClient, webhook::WebhookSender};
use domain::{Clock, IdSource, Principal, Scope, TicketSight, Timestamp};
use embed::EmbedderHandle;
use search::SearchEngine;
use store::Store;

use crate::{
    Deliver, DeskConfig, DeskError, Files, IndexedTickets, Learning, RuleCache, RuleFloors, Seen,
    SingleSignOn, SiteConfig, SiteKey,
};

/// The use cases over one installation.
#[derive(Clone)]
pub struct Desk(pub(crate) Arc<Parts>);

/// What the desk is made of.
pub struct Parts {
    /// The database: the truth.
    pub store: Store,
    /// The text index and the vectors: derived.
    pub engine: SearchEngine,
    /// The embedding model.
    pub embedder: EmbedderHandle,
    /// Questions and hits to answers.
    pub answerer: Answerer,
    /// The language model, where one is configured.
    pub llm: Option<ChatClient>,
    /// Sends messages to webhooks.
    pub webhooks: WebhookSender,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and secrets.
    pub ids: Arc<dyn IdSource>,
    /// What secrets that must be used again are sealed with; absent where a command needs none.
    pub site_key: Option<SiteKey>,
    /// The site's settings.
    pub config: DeskConfig,
    /// Held while changes are applied to the index, so that they are applied in order.
    pub indexing: tokio::sync::Mutex<()>,
    /// The index of tickets; nothing where a command has no use for it.
    pub tickets: IndexedTickets,
    /// What is in use of what was learned, beside what the engine has.
    pub learning: Learning,
    /// The provider that says who somebody is, where one is set up.
    pub single_sign_on: Option<SingleSignOn>,
    /// Brings letters to people.
    pub delivery: Arc<dyn Deliver>,
    /// Where files are kept.
    pub files: Files,
    /// Rules, as they were last read.
    pub rules: RuleCache,
    /// Where the sweeps of rules begin that are tried as time passes.
    pub floors: RuleFloors,
    /// What was used since it was last written down.
    pub seen: Seen,
}

impl Desk {
    /// A desk over these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What the site is called, its address and its locale.
    pub fn site(&self) -> &SiteConfig {
        &self.0.config.site
    }

    /// The time, as the clock that was handed in tells it.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn id(&self) -> String {
        self.0.ids.id(self.now())
    }

    pub(crate) fn require(principal: &Principal, scope: Scope) -> Result<(), DeskError> {
        if principal.may(scope) { Ok(()) } else { Err(DeskError::Forbidden) }
    }

    /// Refuses who lacks the scope, and who sees the tickets of some teams only: what is done concerns all of them.
    pub(crate) fn require_of_all(principal: &Principal, scope: Scope) -> Result<(), DeskError> {
        Self::require(principal, scope)?;
        if principal.sight() == TicketSight::All { Ok(()) } else { Err(DeskError::Limited) }
    }

    /// Refuses who may not change how the whole site works: what fields and statuses tickets have, what is promised, what is
    /// learned. It holds for every team.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::Limited`] for who sees the tickets of some teams only.
    pub(crate) fn require_settings(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::AdminSettings)
    }

    /// Refuses who may not change how one team works. A team whose tickets they do not see is not there for them.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin:settings`, [`DeskError::NotFound`].
    pub(crate) fn require_settings_of_team(principal: &Principal, team: &str) -> Result<(), DeskError> {
        Self::require(principal, Scope::AdminSettings)?;
        if principal.sees_team(team) { Ok(()) } else { Err(DeskError::NotFound) }
    }
}
