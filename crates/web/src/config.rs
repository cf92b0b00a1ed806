//! What the web layer needs to know besides the desk.

use std::{net::IpAddr, time::Duration};

/// Settings of the web layer; filled by `app`.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// The public address. With `https://` cookies are bound to the host and never leave over plain http.
    pub base_url: String,
    /// Questions a minute from one address. Searches may be four times as many, since typing one makes several.
    pub requests_per_minute: u32,
    /// Requests to the API a minute with one key.
    pub key_requests_per_minute: u32,
    /// Requests to the API a minute in one session of a person.
    pub session_requests_per_minute: u32,
    /// Requests to the API a minute from one address, without a key or a session.
    pub address_requests_per_minute: u32,
    /// Proxies whose `X-Forwarded-For` is believed. From anybody else it is ignored.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests that are worked on at once; the next one is told to come back.
    pub n_requests_max: usize,
    /// Answers that stream at once.
    pub n_streams_max: usize,
    /// Programs that follow the events at once.
    pub n_followers_max: usize,
    /// How long a request may take. An answer's own promise is 10 s.
    pub timeout: Duration,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1".to_owned(),
            requests_per_minute: 300,
            key_requests_per_minute: 12_000,
            session_requests_per_minute: 3_000,
            address_requests_per_minute: 3_000,
            trusted_proxies: vec![],
            n_requests_max: 256,
            n_streams_max: 128,
            n_followers_max: 128,
            timeout: Duration::from_secs(30),
        }
    }
}
