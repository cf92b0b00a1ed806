//! Who is calling: a visitor with or without a token, a program with a key, a person with a session, and from which
//! address.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use desk::OpenSession;
use domain::Principal;

use crate::{cookies::Cookie, failure::Failure, guard, limits::Spend, state::Web};

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

/// The address a request came from.
pub(crate) struct Client(pub(crate) IpAddr);

impl FromRequestParts<Web> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        match Credential::of(web, &parts.method, &parts.headers) {
            Ok(None) => Ok(Self(Principal::anonymous())),
            Ok(Some(Credential::Session(token))) => {
                let session = web.desk.session(&token).await?;
                Ok(Self(session.map_or_else(Principal::anonymous, |open| open.principal)))
            }
            Ok(Some(bearer)) => bearer.principal(web).await.map(Self),
            // Without the cookie, what a visitor may do anyway.
            Err(failure) if failure.kind == "cross-site" => Ok(Self(Principal::anonymous())),
            Err(failure) => Err(failure),
        }
    }
}

impl FromRequestParts<Web> for Bearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let credential = Credential::of(web, &parts.method, &parts.headers)?;
        credential.ok_or_else(Failure::unauthorized)?.principal(web).await.map(Self)
    }
}

impl FromRequestParts<Web> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        match Credential::of(web, &parts.method, &parts.headers)?.ok_or_else(Failure::unauthorized)? {
            Credential::Session(token) => {
                web.desk.session(&token).await?.map(Self).ok_or_else(Failure::unauthorized)
            }
            bearer @ Credential::Bearer(_) => {
                // A dead key hears that it is dead, a living one that it is no person.
                bearer.principal(web).await?;
                Err(Failure::from(desk::DeskError::Forbidden))
            }
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
        Ok(Self(client_behind(peer, &parts.headers, &web.config.trusted_proxies)))
    }
}

impl Client {
    /// Counts what an address does. Programs with a key are known and are not counted by address.
    pub(crate) fn spend(&self, web: &Web, principal: &Principal, spend: Spend) -> Result<(), Failure> {
        match principal {
            Principal::ApiKey { .. } | Principal::Staff { .. } => Ok(()),
            _ => web.limits.admit(self.0, spend, Instant::now()),
        }
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
