//! What every request handler shares.

use std::sync::Arc;

use desk::Desk;
use domain::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::{WebConfig, failure::Failure, limits::Limits};

/// The desk and the web layer's own settings and limits; cheap to clone.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) desk: Desk,
    pub(crate) config: Arc<WebConfig>,
    pub(crate) limits: Arc<Limits>,
    /// One permit per request that is worked on.
    pub(crate) requests: Arc<Semaphore>,
    /// One permit per answer that streams.
    streams: Arc<Semaphore>,
    /// One permit per program that follows the events.
    followers: Arc<Semaphore>,
    /// Turns true when the process is asked to end.
    stopped: watch::Receiver<bool>,
}

impl Web {
    pub(crate) fn new(desk: Desk, config: &WebConfig, stopped: watch::Receiver<bool>) -> Self {
        Self {
            desk,
            limits: Arc::new(Limits::new(config)),
            requests: Arc::new(Semaphore::new(config.n_requests_max)),
            streams: Arc::new(Semaphore::new(config.n_streams_max)),
            followers: Arc::new(Semaphore::new(config.n_followers_max)),
            config: Arc::new(config.clone()),
            stopped,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.desk.now()
    }

    /// Whether browsers reach this site by https, as far as its public address says.
    pub(crate) fn is_https(&self) -> bool {
        self.config.base_url.starts_with("https://")
    }

    /// Room for one more answer that streams.
    ///
    /// # Errors
    /// 503 when there is none, or the process is on its way out.
    pub(crate) fn stream_permit(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.permit(&self.streams)
    }

    /// Room for one more program that follows the events.
    ///
    /// # Errors
    /// As [`Web::stream_permit`].
    pub(crate) fn follower_permit(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.permit(&self.followers)
    }

    fn permit(&self, of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Failure> {
        if self.is_stopping() {
            return Err(Failure::busy());
        }
        Arc::clone(of).try_acquire_owned().map_err(|_| Failure::busy())
    }

    /// Whether the process is on its way out.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopped.borrow()
    }
}
