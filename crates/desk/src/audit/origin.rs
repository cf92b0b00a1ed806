//! From where something is done: said once around a request, read where an entry is written.
//!
//! It is of no concern to any use case in between, and a use case that forgot to pass it on would make the log say less than it
//! knows (docs/decisions/0020).

use domain::{AuditOrigin, Door};

tokio::task_local! {
    static ORIGIN: AuditOrigin;
}

/// Does some work, all of whose changes come from there.
pub async fn acting_from<F: Future>(origin: AuditOrigin, work: F) -> F::Output {
    ORIGIN.scope(origin, work).await
}

/// The same work with the origin that is known here, for a task of its own, which would not know it.
pub fn from_here<F: Future>(work: F) -> impl Future<Output = F::Output> {
    ORIGIN.scope(origin(), work)
}

/// From where this is done. Who says nothing holds the data directory: a command.
pub(crate) fn origin() -> AuditOrigin {
    ORIGIN.try_with(Clone::clone).unwrap_or(AuditOrigin { door: Door::CommandLine, network: None })
}
