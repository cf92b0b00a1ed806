//! From where something is done: said once around a request, read where an entry is written. And the other way: whether anything
//! was changed, noted where it is committed, asked around a request.
//!
//! Both are of no concern to any use case in between, and a use case that forgot to pass them on would make the log say less than
//! it knows (docs/decisions/0020).

use std::cell::Cell;

use domain::{AuditOrigin, Door};

tokio::task_local! {
    static ORIGIN: AuditOrigin;
    static CHANGED: Cell<bool>;
}

/// Does some work, all of whose changes come from there.
pub async fn acting_from<F: Future>(origin: AuditOrigin, work: F) -> F::Output {
    ORIGIN.scope(origin, work).await
}

/// The same work with the origin that is known here, for a task of its own, which would not know it.
pub fn from_here<F: Future>(work: F) -> impl Future<Output = F::Output> {
    ORIGIN.scope(origin(), work)
}

/// Does some work, and tells whether it changed anything, however it ended. What tasks of their own change is not told.
pub async fn noting_changes<F: Future>(work: F) -> (F::Output, bool) {
    let told = async {
        let output = work.await;
        (output, CHANGED.with(Cell::get))
    };
    CHANGED.scope(Cell::new(false), told).await
}

/// Notes that something was changed, for whoever asks.
pub(crate) fn note_change() {
    // Outside of a request nobody does.
    CHANGED.try_with(|changed| changed.set(true)).ok();
}

/// From where this is done. Who says nothing holds the data directory: a command.
pub(crate) fn origin() -> AuditOrigin {
    ORIGIN.try_with(Clone::clone).unwrap_or(AuditOrigin { door: Door::CommandLine, network: None })
}
