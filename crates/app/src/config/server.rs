//! Limits of the server.

use anyhow::bail;
use serde::Deserialize;

/// Limits of the server. What one has used up is regained evenly.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Questions a minute from one address; searches may be four times as many.
    pub requests_per_minute: u32,
    /// Requests to the API a minute with one key.
    pub key_requests_per_minute: u32,
    /// Requests to the API a minute in one session of a person.
    pub session_requests_per_minute: u32,
    /// Requests to the API a minute from one address, without a key or a session.
    pub address_requests_per_minute: u32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

impl Default for Server {
    fn default() -> Self {
        let web = web::WebConfig::default();
        Self {
            requests_per_minute: web.requests_per_minute,
            key_requests_per_minute: web.key_requests_per_minute,
            session_requests_per_minute: web.session_requests_per_minute,
            address_requests_per_minute: web.address_requests_per_minute,
            trusted_proxies: vec![],
        }
    }
}

impl Server {
    /// # Errors
    /// A limit that lets nobody in.
    pub(super) fn validate(&self) -> anyhow::Result<()> {
        for (key, limit) in [
            ("requests_per_minute", self.requests_per_minute),
            ("key_requests_per_minute", self.key_requests_per_minute),
            ("session_requests_per_minute", self.session_requests_per_minute),
            ("address_requests_per_minute", self.address_requests_per_minute),
        ] {
            if limit == 0 {
                bail!("server.{key} is 0; use 1 or more");
            }
        }
        Ok(())
    }

    /// The web layer's settings for a public address.
    pub fn web(&self, base_url: &str) -> web::WebConfig {
        web::WebConfig {
            base_url: base_url.to_owned(),
            requests_per_minute: self.requests_per_minute,
            key_requests_per_minute: self.key_requests_per_minute,
            session_requests_per_minute: self.session_requests_per_minute,
            address_requests_per_minute: self.address_requests_per_minute,
            trusted_proxies: self.trusted_proxies.clone(),
            ..web::WebConfig::default()
        }
    }
}
