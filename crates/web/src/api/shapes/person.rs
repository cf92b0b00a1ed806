//! People who sign in, and where they are signed in.

use desk::Invite;
use domain::{Principal, Scope, Session, SessionId, User};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dates::iso;

/// Who is asking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeJson {
    /// `person`, `key` or `visitor`.
    kind: &'static str,
    /// The person, key or conversation.
    id: Option<String>,
    /// A person's name.
    name: Option<String>,
    /// The address a person signs in with.
    email: Option<String>,
    /// A person's role.
    role: Option<String>,
    /// What may be done. Nothing as long as the site asks a person for a second factor that they have not set up.
    scopes: Vec<&'static str>,
    /// Whether a code is asked for when the person signs in.
    second_factor: Option<bool>,
}

/// A person who signs in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserJson {
    id: String,
    /// The name that customers and colleagues see.
    name: String,
    /// The address they sign in with.
    email: String,
    role: String,
    /// `all` or `own_teams`: whose tickets they see.
    sees: &'static str,
    /// Whether they may sign in.
    active: bool,
    /// Whether a code is asked for when they sign in.
    second_factor: bool,
    created_at: String,
    deactivated_at: Option<String>,
    /// Counts their changes, from 1; the `ETag`.
    revision: i64,
}

/// A person who was just added.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedUserJson {
    #[serde(flatten)]
    pub(crate) user: UserJson,
    /// By which they set their password; absent where they were given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invite: Option<InviteJson>,
}

/// An invite.
#[derive(Serialize, ToSchema)]
pub(crate) struct InviteJson {
    /// Leads to the page on which they set their password; shown once.
    url: String,
    expires_at: String,
}

/// People.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsersJson {
    /// Everybody, by name.
    pub(crate) users: Vec<UserJson>,
}

/// Where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionJson {
    id: String,
    /// As in "Firefox on Linux".
    browser: String,
    /// The network it was begun from, shortened.
    network: String,
    created_at: String,
    /// A few minutes more or less.
    last_seen_at: String,
    expires_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// Sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionsJson {
    /// The last used first.
    pub(crate) sessions: Vec<SessionJson>,
}

impl MeJson {
    /// `user` is the person, where it is one.
    pub(crate) fn new(principal: &Principal, user: Option<&User>) -> Self {
        let (kind, id) = match principal {
            Principal::Staff { id, .. } => ("person", Some(id.to_string())),
            Principal::ApiKey { id, .. } => ("key", Some(id.to_string())),
            Principal::Visitor { conversation } => {
                ("visitor", conversation.as_ref().map(ToString::to_string))
            }
            Principal::Customer { id, .. } => ("customer", Some(id.to_string())),
            Principal::System => ("system", None),
        };
        Self {
            kind,
            id,
            name: user.map(|user| user.name.clone()),
            email: user.map(|user| user.email.clone()),
            role: user.map(|user| user.role.as_str().to_owned()),
            second_factor: user.map(|user| user.has_second_factor),
            scopes: Scope::ALL.into_iter().filter(|&scope| principal.may(scope)).map(Scope::as_str).collect(),
        }
    }
}

impl InviteJson {
    /// `base` is the address that people reach the site under.
    pub(crate) fn new(invite: &Invite, base: &str) -> Self {
        Self { url: format!("{base}/app/invite?token={}", invite.token), expires_at: iso(invite.expires_at) }
    }
}

impl UserJson {
    pub(crate) fn new(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            role: user.role.as_str().to_owned(),
            sees: user.sees.as_str(),
            active: user.is_active(),
            second_factor: user.has_second_factor,
            created_at: iso(user.created_at),
            deactivated_at: user.deactivated_at.map(iso),
            revision: user.revision,
        }
    }
}

impl SessionsJson {
    pub(crate) fn new(sessions: &[Session], current: Option<&SessionId>) -> Self {
        let session = |session: &Session| SessionJson {
            id: session.id.to_string(),
            browser: session.device.browser.clone(),
            network: session.device.network.clone(),
            created_at: iso(session.created_at),
            last_seen_at: iso(session.last_seen_at),
            expires_at: iso(session.expires_at),
            current: Some(&session.id) == current,
        };
        Self { sessions: sessions.iter().map(session).collect() }
    }
}
