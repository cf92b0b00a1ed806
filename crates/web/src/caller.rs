//! Who is calling: a visitor with or without a token, a program with a key, a person with a session, and from which
//! address.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use desk::OpenSession;
use domain::Principal;

use crate::{
    cookies::Cookie,
    failure::Failure,
    guard,
    limits::{Spend, Spent, Who},
    state::Web,
};

/// Anybody: the principal of the bearer or of the session, or an anonymous visitor. A bearer that is no longer valid is
/// refused, so that a program notices; a session that has ended leaves a visitor.
pub(crate) struct Caller(pub(crate) Principal);

/// Somebody who is known: by an API key, a conversation token, or the session of a person of the team.
pub(crate) struct Bearer(pub(crate) Principal);

/// A person of the team with a session.
pub(crate) struct Person(pub(crate) OpenSession);

/// What a request shows to say who sends it. Never anything in the address: addresses end up in logs.
pub(crate) enum Credential {
    /// `Authorization: Bearer`.
    Bearer(String),
    /// The session cookie, from a page of this site as far as its browser says.
    Session(String),
}

/// Whom a request comes from, as the database says now. The API looks it up once, before anything of the request is read, and
/// leaves it among the request's extensions.
pub(crate) enum Known {
    /// Nobody that is known: no credential, or a session that has ended.
    Nobody,
    /// The cookie of a session on a request that changes something and does not say that it comes from a page of this site.
    CrossSite,
    /// The holder of a key or of a conversation's token.
    Bearer { token: String, principal: Principal },
    /// A person.
    Person { token: String, open: Box<OpenSession> },
}

/// The address a request came from, and what is counted for it meanwhile.
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    spent: Spent,
}

impl FromRequestParts<Web> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        Ok(Self(Known::from_parts(parts, web).await?.caller()))
    }
}

impl FromRequestParts<Web> for Bearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        Known::from_parts(parts, web).await?.somebody().cloned().map(Self)
    }
}

impl FromRequestParts<Web> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        Known::from_parts(parts, web).await?.person().cloned().map(Self)
    }
}

impl Known {
    /// Looks up whom a request comes from.
    ///
    /// # Errors
    /// 401 for a bearer that is no longer valid, so that a program notices.
    pub(crate) async fn of(web: &Web, method: &Method, headers: &HeaderMap) -> Result<Self, Failure> {
        Ok(match Credential::of(web, method, headers) {
            Ok(None) => Self::Nobody,
            Ok(Some(Credential::Bearer(token))) => {
                Self::Bearer { principal: principal_of(web, &token).await?, token }
            }
            Ok(Some(Credential::Session(token))) => match web.desk.session(&token).await? {
                Some(open) => Self::Person { token, open: Box::new(open) },
                None => Self::Nobody,
            },
            Err(failure) if failure.kind == "cross-site" => Self::CrossSite,
            Err(failure) => return Err(failure),
        })
    }

    async fn from_parts(parts: &Parts, web: &Web) -> Result<Arc<Self>, Failure> {
        match parts.extensions.get::<Arc<Self>>() {
            Some(known) => Ok(Arc::clone(known)),
            None => Self::of(web, &parts.method, &parts.headers).await.map(Arc::new),
        }
    }

    /// The principal; a visitor where nobody is known.
    pub(crate) fn caller(&self) -> Principal {
        self.somebody().map_or_else(|_| Principal::anonymous(), Clone::clone)
    }

    /// The principal of who is known.
    ///
    /// # Errors
    /// 401 where nobody is; 403 for a session on a page of another site.
    pub(crate) fn somebody(&self) -> Result<&Principal, Failure> {
        match self {
            Self::Nobody => Err(Failure::unauthorized()),
            Self::CrossSite => Err(Failure::cross_site()),
            Self::Bearer { principal, .. } => Ok(principal),
            Self::Person { open, .. } => Ok(&open.principal),
        }
    }

    /// The session of a person.
    ///
    /// # Errors
    /// As [`Known::somebody`], and 403 for who is no person.
    pub(crate) fn person(&self) -> Result<&OpenSession, Failure> {
        match self {
            Self::Person { open, .. } => Ok(open),
            _ => self.somebody().and_then(|_| Err(Failure::people_only())),
        }
    }

    /// The secret that was shown, while it lives.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::Nobody | Self::CrossSite => None,
            Self::Bearer { token, .. } | Self::Person { token, .. } => Some(token),
        }
    }
}

impl Credential {
    /// What a request shows; a bearer counts before a cookie.
    ///
    /// # Errors
    /// 401 for an `Authorization` that is no bearer; 403 for a cookie on a request that changes something and does not
    /// come from a page of this site: the browser adds the cookie whoever wrote the page.
    pub(crate) fn of(web: &Web, method: &Method, headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        if let Some(token) = bearer(headers)? {
            return Ok(Some(Self::Bearer(token.to_owned())));
        }
        let Some(token) = Cookie::Session.read(web, headers) else { return Ok(None) };
        if guard::is_safe(method) || guard::says_same_origin(headers) {
            Ok(Some(Self::Session(token)))
        } else {
            Err(Failure::cross_site())
        }
    }

    /// Who it is now.
    ///
    /// # Errors
    /// 401 once it is dead.
    pub(crate) async fn principal(&self, web: &Web) -> Result<Principal, Failure> {
        match self {
            Self::Bearer(token) => principal_of(web, token).await,
            Self::Session(token) => {
                let session = web.desk.session(token).await?;
                session.map(|open| open.principal).ok_or_else(Failure::unauthorized)
            }
        }
    }
}

impl FromRequestParts<Web> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        // Without a socket (a handler called in a test) everybody is one address.
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let address = client_behind(peer, &parts.headers, &web.config.trusted_proxies);
        Ok(Self { address, spent: parts.extensions.get::<Spent>().cloned().unwrap_or_default() })
    }
}

impl Client {
    /// What was counted for the request; shared with whoever takes the client of the same request.
    pub(crate) fn spent(&self) -> Spent {
        self.spent.clone()
    }

    /// Counts what an address does. Programs with a key and people of the team are known, and are counted as such.
    ///
    /// # Errors
    /// 429 when it was too much.
    pub(crate) fn spend(&self, web: &Web, principal: &Principal, spend: Spend) -> Result<(), Failure> {
        match principal {
            Principal::ApiKey { .. } | Principal::Staff { .. } => Ok(()),
            _ => web.limits.admit(Who::at(self.address), spend, Instant::now(), &self.spent),
        }
    }

    /// Counts a request to the API: by the key, by the session, or else by the address.
    ///
    /// # Errors
    /// 429 when it was too much.
    pub(crate) fn request(&self, web: &Web, known: &Known) -> Result<(), Failure> {
        let (who, spend) = match known {
            Known::Bearer { principal: Principal::ApiKey { id, .. }, .. } => {
                (Who::Key(id.clone()), Spend::Key)
            }
            Known::Person { open, .. } => (Who::Session(open.session.id.clone()), Spend::Session),
            _ => (Who::at(self.address), Spend::Address),
        };
        web.limits.admit(who, spend, Instant::now(), &self.spent)
    }
}

pub(crate) async fn principal_of(web: &Web, token: &str) -> Result<Principal, Failure> {
    if let Some(principal) = web.desk.key_principal(token).await? {
        return Ok(principal);
    }
    web.desk.conversation_principal(token).await?.ok_or_else(Failure::unauthorized)
}

/// The token of `Authorization: Bearer`; another scheme is refused.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Failure> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) =
        value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(Failure::unauthorized)?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        Ok(Some(token.trim()))
    } else {
        Err(Failure::unauthorized())
    }
}

/// The nearest address in `X-Forwarded-For` that is no trusted proxy, read from the right; only a trusted peer's
/// header counts, anybody can write one.
fn client_behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut client = peer;
    let hops =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>();
    let hops = hops.join(",");
    for hop in hops.rsplit(',') {
        if !trusted.contains(&client.to_canonical()) {
            break;
        }
        match hop.trim().parse() {
            Ok(ip) => client = ip,
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_trusted_proxy_may_say_who_it_forwards_for() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        for (peer, forwarded, client) in [
            ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "203.0.113.66, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, 10.0.0.1", "198.51.100.1"),
            ("10.0.0.1", "rubbish", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            let found = client_behind(peer.parse().unwrap(), &headers, &[proxy]);
            assert_eq!(found.to_string(), client, "{peer} {forwarded}");
        }
    }
}
