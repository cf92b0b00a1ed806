//! Requests that are sent again: with the same key, what was done once is not done twice.
//!
//! A key is claimed before anything is done and gets its response afterwards. A process that dies in between leaves the claim,
//! so that the request is refused rather than done again; so does a request that changed something and then failed.

use domain::Principal;
use store::StoreError;

use crate::{Desk, DeskError, audit::Unrecorded};

/// How long a key is remembered.
pub(crate) const KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// What is known of a request's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is new: the request is to be done, then [`Desk::finish_request`] or [`Desk::release_request`].
    New,
    /// The request was done; this was its response.
    Done(String),
    /// The request is being done, was when the process died, or was done and its response is not known.
    Running,
    /// Another request has the key.
    Taken,
}

impl Desk {
    /// Claims a key for a request. `owner` tells callers apart, `request_hash` requests.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn claim_request(
        &self,
        owner: &str,
        key: &str,
        request_hash: &str,
    ) -> Result<Claim, DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        match tx.insert_idempotent(owner, key, request_hash, "", self.now()).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(Claim::New);
            }
            Err(StoreError::Conflict(_)) => tx.rollback().await?,
            Err(error) => return Err(error.into()),
        }
        Ok(match self.0.store.find_idempotent(owner, key).await? {
            Some(known) if known.request_hash != request_hash => Claim::Taken,
            Some(known) if !known.response.is_empty() => Claim::Done(known.response),
            // Where it has just been released, the caller may try again.
            _ => Claim::Running,
        })
    }

    /// Keeps the response of a claimed request.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn finish_request(&self, owner: &str, key: &str, response: &str) -> Result<(), DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        tx.set_idempotent_response(owner, key, response).await?;
        tx.commit().await
    }

    /// Gives a claim back: the request changed nothing and may be sent again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn release_request(&self, owner: &str, key: &str) -> Result<(), DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Bookkeeping).await?;
        tx.delete_idempotent(owner, key).await?;
        tx.commit().await
    }
}
