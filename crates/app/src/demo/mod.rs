//! The demo: the manual, and a desk of three teams with ninety days of tickets behind it, made through the same use cases
//! that people use.

mod automation;
mod manual;
mod play;
mod site;
mod story;

use anyhow::Context as _;
use desk::Desk;
use domain::{Clock as _, Filter, Principal, Timestamp};

use crate::{
    print,
    system::{PlayedClock, SystemClock},
};

/// How far back the first ticket lies, in milliseconds: 90 days.
const PAST_MS: i64 = 90 * 86_400_000;

/// Fills an empty installation, or goes on with one that it has begun. Any other is left as it is. The clock is the desk's
/// own; it shows the machine's time afterwards.
///
/// # Errors
/// Those of the database, the model and the index; a second start goes on where it stopped, and leaves tickets that were
/// under way as they stand.
pub(crate) async fn fill(desk: &Desk, clock: &PlayedClock) -> anyhow::Result<()> {
    if !manual::is_ours(desk).await? {
        print::say("--demo fills an empty data directory; this one is not, and is left as it is");
        return Ok(());
    }
    let end = SystemClock.now();
    let begin = Timestamp(end.0 - PAST_MS);
    clock.show(begin);
    let filled = fill_from(desk, clock, begin, end).await;
    clock.follow_the_machine();
    filled
}

async fn fill_from(desk: &Desk, clock: &PlayedClock, begin: Timestamp, end: Timestamp) -> anyhow::Result<()> {
    manual::import(desk).await?;
    let stories = story::all()?;
    let n_opened = desk.count_tickets(&Principal::System, &Filter::everything()).await?.n;
    if n_opened >= stories.len() {
        return Ok(());
    }
    let site = site::set_up(desk).await.context("cannot set up the demo's teams")?;
    play::play(desk, clock, &site, &stories, n_opened, (begin, end)).await
}
