//! What agents wait for: pages of views with their counts, searches, opening a ticket, opening a new one, changing one.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::Context as _;
use desk::{Desk, NewTicket, TicketChange, TicketList};
use domain::{Clock, Filter, IdSource, Principal, Priority, TicketGroup, TicketSort, Timestamp};
use embed::HashEmbedder;
use serde::Serialize;

use super::{
    Percentiles, deciding, elapsed_ms, percentiles,
    reports::{self, ReportReport},
    seed::{self, Random},
    tickets::{self, SearchReport},
};
use crate::{
    Config, Seams, WriteAccess,
    system::{NoMail, SystemIds},
};

/// Lists that agents keep, with their order and groups.
const VIEWS: [(&str, &str, Option<TicketGroup>); 18] = [
    ("assignee:me status:new,open,pending,on_hold", "-updated", None),
    ("assignee:me status:open", "-priority", None),
    ("status:new,open,pending,on_hold", "-created", None),
    ("status:new,open,pending,on_hold", "-priority", Some(TicketGroup::Team)),
    ("team:mine assignee:none status:new,open", "created", None),
    ("team:mine status:new,open,pending,on_hold", "-updated", Some(TicketGroup::Assignee)),
    ("priority>=high status:new,open", "updated", None),
    ("tag:topic-1 status:new,open,pending", "-created", None),
    ("status:pending updated<-3d", "updated", None),
    ("(team:billing or tag:topic-3) status:new,open", "-created", None),
    ("status:solved solved>-7d", "-updated", None),
    ("team:mine status:closed", "-created", None),
    ("tag:topic-7", "-created", None),
    ("customer:customer9@example.org", "-created", None),
    ("created:yesterday", "-created", None),
    ("team:mine status:new,open,pending,on_hold", "due", None),
    ("sla:breached,warned assignee:me", "-updated", None),
    ("", "-updated", None),
];

#[derive(Debug, Serialize)]
pub(super) struct DeskReport {
    n_tickets: String,
    /// A page of 50 of any of the views, with its live count, in milliseconds.
    view_ms: Percentiles,
    /// The same for each view.
    views: Vec<ViewReport>,
    /// Building the index of tickets, or following what happened since, in seconds.
    index_s: f64,
    /// A page of 20 of any of the searches, with its excerpts.
    search_ms: Percentiles,
    /// The same for each search.
    searches: Vec<SearchReport>,
    /// Counting everything for reports, or what happened since, in seconds.
    count_s: f64,
    /// Any report of a quarter, by anything.
    report_ms: Percentiles,
    /// The same for each report.
    reports: Vec<ReportReport>,
    /// A ticket with everything in it.
    open_ms: Percentiles,
    /// A new ticket, with rules, promises and the choice of an agent.
    create_ms: Percentiles,
    /// New tickets that were given to an agent: all of them.
    n_assigned: usize,
    /// Another priority.
    change_ms: Percentiles,
}

#[derive(Debug, Serialize)]
struct ViewReport {
    filter: String,
    sort: &'static str,
    group_by: Option<TicketGroup>,
    n: usize,
    list_ms: Percentiles,
    count_ms: Percentiles,
}

/// A clock that stands where the generated desk stands.
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        seed::NOW
    }
}

/// Measures on a directory that `bench seed` has filled. What it writes stays in it.
pub(super) async fn measure(dir: &Path, n_runs: usize) -> anyhow::Result<DeskReport> {
    let config = Config::read(dir, None)?;
    crate::wiring::require_site(dir, &config)?;
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds::default());
    let delivery = Arc::new(NoMail);
    let seams = Seams { model: Arc::new(HashEmbedder), clock: Arc::new(StoppedClock), ids, delivery };
    let opened = crate::open_with_seams(dir, config, WriteAccess::Required, seams).await?;
    let desk = &opened.desk;
    let agent = seed::agent();
    opened.open_ticket_index()?;
    let started = Instant::now();
    desk.follow_tickets(&mut |_| {}).await.context("cannot build the index of tickets")?;
    let index_s = started.elapsed().as_secs_f64();
    let started = Instant::now();
    desk.follow_reports(&mut |_| {}).await.context("cannot count for reports")?;
    let count_s = started.elapsed().as_secs_f64();
    let (reports, report_ms) = reports::measure(desk, n_runs).await?;
    let (searches, search_ms) = tickets::measure(desk, &agent, n_runs).await?;
    let (mut all, mut views) = (vec![], vec![]);
    for (filter, sort, group_by) in VIEWS {
        let (report, mut times) = view(desk, &agent, (filter, sort, group_by), n_runs).await?;
        views.push(report);
        all.append(&mut times);
    }
    let newest = TicketList::newest(Filter::everything(), 1);
    let newest = desk.list_tickets(&agent, newest).await?.rows.pop().context("the desk has no tickets")?;
    let n_tickets = newest.ticket.number;
    let mut random = Random::new(7);
    let mut number = || 1 + random.below(n_tickets as u64) as i64;
    let mut open = vec![];
    let mut change = vec![];
    for n in 0..n_runs * 10 {
        let number = number();
        let started = Instant::now();
        let view = desk.ticket_by_number(&agent, number).await?;
        open.push(elapsed_ms(started));
        let priority = if n % 2 == 0 { Priority::High } else { Priority::Low };
        let to = TicketChange { priority: Some(priority), ..TicketChange::default() };
        let started = Instant::now();
        desk.change_ticket(&agent, &view.ticket.id, to, None).await?;
        change.push(elapsed_ms(started));
    }
    deciding::set_up(desk).await.context("cannot set up what decides about tickets")?;
    let (mut create, mut n_assigned) = (vec![], 0);
    for n in 0..n_runs * 10 {
        let new = NewTicket {
            body: super::words::sentence(n as u64, 40),
            customer_email: Some(format!("customer{n}@example.org")),
            ..NewTicket::default()
        };
        let started = Instant::now();
        let created = desk.create_ticket(&agent, new).await?;
        create.push(elapsed_ms(started));
        n_assigned += usize::from(created.ticket.assignee_id.is_some());
    }
    Ok(DeskReport {
        n_tickets: n_tickets.to_string(),
        view_ms: percentiles(&mut all),
        views,
        index_s,
        search_ms,
        searches,
        count_s,
        report_ms,
        reports,
        open_ms: percentiles(&mut open),
        create_ms: percentiles(&mut create),
        n_assigned,
        change_ms: percentiles(&mut change),
    })
}

async fn view(
    desk: &Desk,
    agent: &Principal,
    (filter, sort, group_by): (&'static str, &'static str, Option<TicketGroup>),
    n_runs: usize,
) -> anyhow::Result<(ViewReport, Vec<f64>)> {
    let parsed: Filter = filter.parse()?;
    let (mut list, mut count, mut both) = (vec![], vec![], vec![]);
    let mut n = 0;
    for _ in 0..n_runs {
        let sort = TicketSort::parse(sort).context("a view has an order that is none")?;
        let page = TicketList {
            within: desk::Within::Desk,
            filter: parsed.clone(),
            sort,
            group_by,
            after: None,
            limit: 50,
        };
        let started = Instant::now();
        desk.list_tickets(agent, page).await?;
        let list_ms = elapsed_ms(started);
        let started = Instant::now();
        n = desk.count_tickets(agent, &parsed).await?.n;
        let count_ms = elapsed_ms(started);
        list.push(list_ms);
        count.push(count_ms);
        both.push(list_ms + count_ms);
    }
    let report = ViewReport {
        filter: filter.to_owned(),
        sort,
        group_by,
        n,
        list_ms: percentiles(&mut list),
        count_ms: percentiles(&mut count),
    };
    Ok((report, both))
}
