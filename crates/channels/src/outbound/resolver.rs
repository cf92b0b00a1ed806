//! Resolves names, and hides the addresses that may not be reached.

use std::{net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::AllowList;

/// Most addresses of one name that are tried.
const ADDRESSES_MAX: usize = 16;

/// The system's resolver behind the allow-list. The connection goes to exactly the addresses that were checked.
pub(super) struct GuardedResolver(pub(super) Arc<AllowList>);

/// A name that resolves to nothing that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("target not allowed")]
pub(super) struct NotAllowed;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.0);
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await?.take(ADDRESSES_MAX);
            let admitted: Vec<SocketAddr> =
                found.filter(|address| allow.admits(host, address.ip())).collect();
            if admitted.is_empty() {
                return Err(NotAllowed.into());
            }
            let addresses: Addrs = Box::new(admitted.into_iter());
            Ok(addresses)
        })
    }
}
