//! Requests and their bounded answers.

use std::{sync::Arc, time::Duration};

use reqwest::{RequestBuilder, Url, header::HeaderValue, redirect::Policy};
use serde::Serialize;

use super::{
    AllowList, OutboundError,
    resolver::{GuardedResolver, NotAllowed},
};

/// How long a connection may take: longer than any healthy one, short enough to leave time for a second try.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// What the product calls itself towards others.
const USER_AGENT: &str = concat!("askwell/", env!("CARGO_PKG_VERSION"));

/// The one client for outbound HTTP. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OutboundClient {
    http: reqwest::Client,
    allow: Arc<AllowList>,
}

impl OutboundClient {
    /// A client that reaches the public internet and what is listed.
    ///
    /// # Errors
    /// [`OutboundError::Failed`] when the TLS library cannot be set up.
    pub fn new(allow: AllowList) -> Result<Self, OutboundError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Somebody else may be first in the same moment; then theirs is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let allow = Arc::new(allow);
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            // A proxy of the environment would resolve names by itself, past the guard.
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(GuardedResolver(Arc::clone(&allow)))
            .build()
            .map_err(|_| OutboundError::Failed)?;
        Ok(Self { http, allow })
    }

    /// A client that reaches the public internet and the host of one address that an administrator configured.
    ///
    /// # Errors
    /// [`OutboundError::Address`] for what is no address.
    pub fn allowing(base_url: &str) -> Result<Self, OutboundError> {
        Self::new(AllowList::of_url(&parse(base_url)?).ok_or(OutboundError::Address)?)
    }

    /// Begins a GET request.
    ///
    /// # Errors
    /// [`OutboundError::Address`] or [`OutboundError::NotAllowed`].
    pub fn get(&self, url: &str) -> Result<OutboundRequest, OutboundError> {
        Ok(OutboundRequest(self.http.get(self.admitted(url)?)))
    }

    /// Begins a POST request.
    ///
    /// # Errors
    /// [`OutboundError::Address`] or [`OutboundError::NotAllowed`].
    pub fn post(&self, url: &str) -> Result<OutboundRequest, OutboundError> {
        Ok(OutboundRequest(self.http.post(self.admitted(url)?)))
    }

    fn admitted(&self, url: &str) -> Result<Url, OutboundError> {
        let url = parse(url)?;
        let host = url.host_str().ok_or(OutboundError::Address)?;
        if self.allow.admits_host(host) { Ok(url) } else { Err(OutboundError::NotAllowed) }
    }
}

fn parse(url: &str) -> Result<Url, OutboundError> {
    let url = Url::parse(url).map_err(|_| OutboundError::Address)?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err(OutboundError::Address),
    }
}

/// A request that is being written. Its `Debug` shows nothing.
pub struct OutboundRequest(RequestBuilder);

impl std::fmt::Debug for OutboundRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutboundRequest")
    }
}

impl OutboundRequest {
    /// Adds a secret as `Authorization: Bearer`; it is marked so that no log shows it.
    ///
    /// # Errors
    /// [`OutboundError::Address`] when the secret has characters that no header can carry.
    pub fn bearer(self, secret: &str) -> Result<Self, OutboundError> {
        let mut value =
            HeaderValue::try_from(format!("Bearer {secret}")).map_err(|_| OutboundError::Address)?;
        value.set_sensitive(true);
        Ok(Self(self.0.header(reqwest::header::AUTHORIZATION, value)))
    }

    /// Adds a header; one with characters that no header can carry makes [`OutboundRequest::send`] fail.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sets the body, byte by byte as it is given.
    #[must_use]
    pub fn body(self, content_type: &str, body: &str) -> Self {
        Self(self.0.header(reqwest::header::CONTENT_TYPE, content_type).body(body.to_owned()))
    }

    /// Sets the body to a value as JSON.
    #[must_use]
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        Self(self.0.json(body))
    }

    /// Sends it. `timeout` holds for everything up to the last byte of the answer.
    ///
    /// # Errors
    /// [`OutboundError`]; an answer with an error status is an answer.
    pub async fn send(self, timeout: Duration) -> Result<OutboundResponse, OutboundError> {
        self.0.timeout(timeout).send().await.map(OutboundResponse).map_err(|error| generic(&error))
    }
}

/// An answer, read piece by piece or up to a limit.
#[derive(Debug)]
pub struct OutboundResponse(reqwest::Response);

impl OutboundResponse {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    /// The next piece of the body; `None` at its end. The caller counts.
    ///
    /// # Errors
    /// [`OutboundError::Late`] or [`OutboundError::Failed`].
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, OutboundError> {
        let piece = self.0.chunk().await.map_err(|error| generic(&error))?;
        Ok(piece.map(|bytes| bytes.to_vec()))
    }

    /// The whole body, of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// [`OutboundError::TooLarge`] as soon as it is clear, and as for [`OutboundResponse::chunk`].
    pub async fn bytes(mut self, bytes_max: usize) -> Result<Vec<u8>, OutboundError> {
        let mut body = Vec::new();
        while let Some(piece) = self.chunk().await? {
            if body.len() + piece.len() > bytes_max {
                return Err(OutboundError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

fn generic(error: &reqwest::Error) -> OutboundError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<NotAllowed>() {
            return OutboundError::NotAllowed;
        }
        source = cause.source();
    }
    if error.is_timeout() { OutboundError::Late } else { OutboundError::Failed }
}

#[cfg(test)]
mod tests;
