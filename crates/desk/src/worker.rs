//! What runs beside the requests: the follower of the change log and the watchdog of hand-overs.

use std::time::Duration;

use tokio::sync::watch;

use crate::Desk;

/// How often the change log is looked at for changes that other processes made.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);
/// How often the watchdog looks for hand-overs that are late.
const WATCH_EVERY: Duration = Duration::from_secs(1);

impl Desk {
    /// Runs until `stop` turns true. An error is logged and tried again at the next round.
    pub async fn run_worker(&self, mut stop: watch::Receiver<bool>) {
        let mut follow = tokio::time::interval(FOLLOW_EVERY);
        let mut watchdog = tokio::time::interval(WATCH_EVERY);
        follow.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        watchdog.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                _ = follow.tick() => {
                    if let Err(error) = self.catch_up().await {
                        tracing::error!(error = &error as &dyn std::error::Error, "cannot follow the change log");
                    }
                }
                _ = watchdog.tick() => match self.open_overdue_handoffs().await {
                    Ok(0) => {}
                    Ok(n_opened) => tracing::info!(n_opened, "opened tickets of overdue hand-overs"),
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "cannot open overdue hand-overs");
                    }
                },
            }
        }
    }
}

/// Waits until it is time to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The sender is gone only when the process ends, which is a reason to stop too.
    let _ = stop.wait_for(|stop| *stop).await;
}
