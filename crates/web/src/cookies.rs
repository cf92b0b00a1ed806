//! The cookies: the staff session, a visitor's conversation, and which browser asked for a link or has a code to
//! give or is at the provider. All are opaque tokens that
//! scripts cannot read.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::state::Web;

/// Which token a cookie carries.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cookie {
    /// A signed-in person of the team.
    Session,
    /// A visitor's conversation.
    Conversation,
    /// The browser that asked for a link to sign in with.
    Asked,
    /// A sign-in that waits for a code.
    Step,
    /// A browser that is at the provider.
    Provider,
}

impl Cookie {
    /// Over https the prefix binds the cookie to this very host (RFC 6265bis, 4.1.3.2); plain http cannot have it.
    fn name(self, web: &Web) -> &'static str {
        match (self, web.is_https()) {
            (Self::Session, true) => "__Host-askwell_session",
            (Self::Session, false) => "askwell_session",
            (Self::Conversation, true) => "__Host-askwell_conversation",
            (Self::Conversation, false) => "askwell_conversation",
            (Self::Asked, true) => "__Host-askwell_asked",
            (Self::Asked, false) => "askwell_asked",
            (Self::Step, true) => "__Host-askwell_step",
            (Self::Step, false) => "askwell_step",
            (Self::Provider, true) => "__Host-askwell_provider",
            (Self::Provider, false) => "askwell_provider",
        }
    }

    /// As long as the desk keeps a session, a link or a waiting sign-in; 30 days for a conversation that waits for an answer.
    fn max_age_s(self) -> u32 {
        match self {
            Self::Session => 14 * 24 * 3600,
            Self::Conversation => 30 * 24 * 3600,
            Self::Asked => (desk::ASKED_LINK_MS / 1_000) as u32,
            Self::Step | Self::Provider => 10 * 60,
        }
    }

    /// The token of a request, if it carries one.
    pub(crate) fn read(self, web: &Web, headers: &HeaderMap) -> Option<String> {
        let name = self.name(web);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, value)| *found == name && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    }

    /// The `Set-Cookie` that keeps a token.
    pub(crate) fn keep(self, web: &Web, token: &str) -> HeaderValue {
        self.line(web, token, self.max_age_s())
    }

    /// The `Set-Cookie` that forgets it.
    pub(crate) fn forget(self, web: &Web) -> HeaderValue {
        self.line(web, "", 0)
    }

    fn line(self, web: &Web, token: &str, max_age_s: u32) -> HeaderValue {
        let secure = if web.is_https() { "; Secure" } else { "" };
        let name = self.name(web);
        let line = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}");
        HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static(""))
    }
}
