//! What runs beside the requests: the followers of the change log and of the events, the watchdog of hand-overs, the clocks
//! and routing of tickets, rules that act as time passes, bulk jobs, replies that wait, webhooks, and forgetting.

use std::time::Duration;

use domain::{AuditOrigin, Door};
use tokio::sync::watch;

use crate::{Desk, ReportProgress, TicketProgress, acting_from};

/// How often the change log is looked at for changes that other processes made, and the events for tickets that changed.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);
/// Tickets between two lines of the log while their index is built.
const TICKETS_PER_LINE: u64 = 100_000;
/// How often it is looked for hand-overs that are late, clocks that have something to say, tickets that wait for somebody,
/// snoozes that have ended, and replies that are due.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How often it is counted for reports what has happened.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked for bulk jobs; while there are some, they go on with short rests.
const BULK_EVERY: Duration = Duration::from_millis(500);
/// How often rules are tried because time has passed: their conditions count in minutes at the finest.
const RULES_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether another process has changed what is in use of what was learned, and whether it is time
/// to learn.
const LEARN_EVERY: Duration = Duration::from_secs(60);
/// How often it is written down when sessions were last used.
const SEEN_EVERY: Duration = Duration::from_secs(30);
/// How often it is looked for customers whose erasure has begun: soon after the request that could not wait for its end.
const ERASE_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked for tickets that are to be closed or go to the archive.
const RETIRE_EVERY: Duration = Duration::from_secs(60);
/// How often sessions, sign-in links and other things that have ended are deleted. They open nothing meanwhile.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

impl Desk {
    /// Runs until `stop` turns true. An error is logged and tried again at the next round.
    pub async fn run_worker(&self, stop: watch::Receiver<bool>) {
        if let Ok(Some(zone)) = self.outdated_report_zone().await {
            tracing::warn!(%zone, "reports count by the days of another zone; run askwell report rebuild");
        }
        let work = async {
            // Side by side: an import of an hour must not keep the watchdog waiting. Each on the heap: together they are too large
            // for the stack of a thread.
            tokio::join!(
                every(FOLLOW_EVERY, stop.clone(), || Box::pin(self.follow())),
                every(FOLLOW_EVERY, stop.clone(), || Box::pin(self.index_tickets())),
                every(WATCH_EVERY, stop.clone(), || Box::pin(self.watch())),
                every(WATCH_EVERY, stop.clone(), || Box::pin(self.watch_clocks())),
                every(WATCH_EVERY, stop.clone(), || Box::pin(self.watch_routing())),
                every(WATCH_EVERY, stop.clone(), || Box::pin(self.watch_snoozed())),
                every(COUNT_EVERY, stop.clone(), || Box::pin(self.count_for_reports())),
                every(WATCH_EVERY, stop.clone(), || Box::pin(self.send_replies())),
                every(BULK_EVERY, stop.clone(), || Box::pin(self.run_bulk())),
                every(RULES_EVERY, stop.clone(), || Box::pin(self.sweep_rules())),
                every(ERASE_EVERY, stop.clone(), || Box::pin(self.erase())),
                every(ERASE_EVERY, stop.clone(), || Box::pin(self.rewrite())),
                every(FORGET_EVERY, stop.clone(), || Box::pin(self.forget())),
                every(RETIRE_EVERY, stop.clone(), || Box::pin(self.retire())),
                every(FORGET_EVERY, stop.clone(), || Box::pin(self.delete_old())),
                every(SEEN_EVERY, stop.clone(), || Box::pin(self.note_seen())),
                every(LEARN_EVERY, stop.clone(), || Box::pin(self.learn_nightly())),
                self.run_webhooks(stop),
            );
        };
        acting_from(AuditOrigin { door: Door::Worker, network: None }, work).await;
    }

    async fn follow(&self) {
        if let Err(error) = self.catch_up().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot follow the change log");
        }
    }

    async fn index_tickets(&self) {
        let mut told = 0;
        let mut progress = |at: TicketProgress| {
            if at.n_tickets >= told + TICKETS_PER_LINE {
                told = at.n_tickets;
                tracing::info!(n_tickets = at.n_tickets, n_all = at.n_all, "building the index of tickets");
            }
        };
        if let Err(error) = self.follow_tickets(&mut progress).await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot follow tickets");
        }
    }

    async fn watch(&self) {
        match self.open_overdue_handoffs().await {
            Ok(0) => {}
            Ok(n_opened) => tracing::info!(n_opened, "opened tickets of overdue hand-overs"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot open overdue hand-overs");
            }
        }
    }

    async fn watch_clocks(&self) {
        if let Err(error) = self.tell_due_clocks().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot follow the clocks of tickets");
        }
    }

    async fn watch_routing(&self) {
        if let Err(error) = self.route_waiting().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot route waiting tickets");
        }
    }

    async fn watch_snoozed(&self) {
        if let Err(error) = self.wake_snoozed().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot wake snoozed tickets");
        }
    }

    async fn sweep_rules(&self) {
        if let Err(error) = self.run_time_rules().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot let rules act");
        }
    }

    async fn run_bulk(&self) {
        if let Err(error) = self.work_off_bulk_jobs().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot go on with bulk jobs");
        }
    }

    async fn send_replies(&self) {
        if let Err(error) = self.send_due_replies().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot send replies that are due");
        }
    }

    async fn count_for_reports(&self) {
        let mut told = 0;
        let mut n_counted = 0;
        let mut progress = |at: ReportProgress| {
            n_counted += at.n_tickets;
            if n_counted >= told + TICKETS_PER_LINE {
                told = n_counted;
                tracing::info!(n_counted, n_all = at.n_all, "counting tickets for reports");
            }
        };
        if let Err(error) = self.follow_reports(&mut progress).await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot count for reports");
        }
    }

    async fn learn_nightly(&self) {
        let done = match self.learn_when_due().await {
            Ok(()) => self.refresh_learned().await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot learn from solved tickets");
        }
    }

    async fn note_seen(&self) {
        if let Err(error) = self.write_seen().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot write down what was used");
        }
    }

    async fn erase(&self) {
        match self.go_on_erasing().await {
            Ok(0) => {}
            Ok(n_erased) => tracing::info!(n_erased, "erased customers"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot erase a customer");
            }
        }
    }

    async fn rewrite(&self) {
        if let Err(error) = self.rewrite_indexes().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot take erased words out of the indexes"
            );
        }
    }

    async fn retire(&self) {
        let done = match self.close_solved().await {
            Ok(n_closed) => self.archive_closed().await.map(|n_archived| (n_closed, n_archived)),
            Err(error) => Err(error),
        };
        match done {
            Ok((0, 0)) => {}
            Ok((n_closed, n_archived)) => tracing::info!(n_closed, n_archived, "closed and archived tickets"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot close and archive tickets");
            }
        }
    }

    async fn delete_old(&self) {
        match self.delete_old_tickets().await {
            Ok(0) => {}
            Ok(n_deleted) => tracing::info!(n_deleted, "deleted tickets because of their age"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot delete old tickets");
            }
        }
    }

    async fn forget(&self) {
        if let Err(error) = self.forget_expired().await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot delete what has ended");
        }
    }
}

/// Does something at once and then again and again, a while after it has ended. What is under way when it is time to
/// stop is given up: all of it can be done again.
async fn every<F: Future<Output = ()>>(
    pause: Duration,
    mut stop: watch::Receiver<bool>,
    mut once: impl FnMut() -> F,
) {
    let rounds = async {
        loop {
            once().await;
            tokio::time::sleep(pause).await;
        }
    };
    tokio::select! {
        // The sender is gone only when the process ends, which is a reason to stop too.
        _ = stop.wait_for(|stop| *stop) => {}
        () = rounds => {}
    }
}
