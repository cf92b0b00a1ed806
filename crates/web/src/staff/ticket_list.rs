//! The tickets, newest first, by status; or those that some words find, best first.

use askama::Template;
use axum::extract::{Query, State};
use desk::{FoundTicket, TicketList, TicketPage, TicketRow, TicketSearch};
use domain::{Condition, Filter, HandoffReason, Priority, Tag, TicketStatus, TimeField};
use serde::Deserialize;

use super::{
    frame::{Frame, Place},
    session::Staff,
};
use crate::{
    address,
    api::ticket_search::not_yet,
    dates::When,
    failure::Failure,
    markup::{self, Html},
    page::pages,
    state::Web,
};

/// Tickets on one page.
const TICKETS_PER_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "staff/tickets.html")]
pub(crate) struct TicketsPage {
    frame: Frame,
    filters: Vec<StatusFilter>,
    rows: Vec<TicketRowView>,
    /// What is searched for; empty for a list.
    words: String,
    current: String,
    /// The tag that all of them have; empty for any.
    tag: String,
    /// The address of the next page.
    next: Option<String>,
}

pages!(TicketsPage);

/// An entry of the status filter.
pub(crate) struct StatusFilter {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    pub(crate) is_current: bool,
}

/// A ticket in the list.
pub(crate) struct TicketRowView {
    pub(crate) number: i64,
    pub(crate) href: String,
    pub(crate) subject: String,
    pub(crate) who: String,
    pub(crate) status: TicketStatus,
    pub(crate) status_label: &'static str,
    pub(crate) priority: Priority,
    pub(crate) team: String,
    pub(crate) tags: Vec<String>,
    pub(crate) assignee: Option<String>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) updated: When,
    pub(crate) is_current: bool,
    /// What was said that matches a search.
    pub(crate) snippet: Option<Html>,
}

impl TicketRowView {
    pub(crate) fn is_pressing(&self) -> bool {
        self.priority > Priority::Normal
    }

    pub(crate) fn priority_label(&self) -> &'static str {
        priority_label(self.priority)
    }

    pub(crate) fn dot(&self) -> &'static str {
        match self.status {
            TicketStatus::New | TicketStatus::Open if self.is_pressing() => "hot",
            TicketStatus::New => "new",
            TicketStatus::Open => "open",
            TicketStatus::Pending | TicketStatus::OnHold | TicketStatus::Solved | TicketStatus::Closed => {
                "still"
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct TicketsQuery {
    #[serde(default)]
    status: String,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// A list of tickets that agents choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Those of a status that are not snoozed.
    Status(TicketStatus),
    /// Those that are snoozed.
    Snoozed,
}

impl Queue {
    fn parse(text: &str) -> Option<Self> {
        TicketStatus::parse(text).map(Self::Status).or((text == "snoozed").then_some(Self::Snoozed))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Status(status) => status.as_str(),
            Self::Snoozed => "snoozed",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Status(status) => status_label(status),
            Self::Snoozed => "Snoozed",
        }
    }
}

/// `GET /app/tickets`
pub(crate) async fn tickets(
    State(web): State<Web>,
    staff: Staff,
    Query(query): Query<TicketsQuery>,
) -> Result<TicketsPage, Failure> {
    let queue = Queue::parse(&query.status);
    let tag = Tag::parse(&query.tag);
    let words = query.q.trim().to_owned();
    let (rows, next) = if words.is_empty() {
        list(&web, &staff, queue, tag.clone(), query.after, None).await?
    } else {
        search(&web, &staff, filter(queue, tag.clone()), &words, query.after).await?
    };
    let current = queue.map(Queue::as_str).unwrap_or_default().to_owned();
    let tag = tag.map(|tag| tag.to_string()).unwrap_or_default();
    let next = next
        .map(|after| address_of(&[("status", &current), ("tag", &tag), ("q", &words), ("after", &after)]));
    Ok(TicketsPage {
        frame: Frame::new(&web, &staff, Place::Tickets, "Tickets"),
        filters: filters(queue, &words),
        rows,
        words,
        current,
        tag,
        next,
    })
}

/// One page of tickets, and the id after which the next one starts.
pub(crate) async fn list(
    web: &Web,
    staff: &Staff,
    queue: Option<Queue>,
    tag: Option<Tag>,
    after: Option<String>,
    current_number: Option<i64>,
) -> Result<(Vec<TicketRowView>, Option<String>), Failure> {
    let list = TicketList { after, ..TicketList::newest(filter(queue, tag), TICKETS_PER_PAGE) };
    let TicketPage { rows, next } = web.desk.list_tickets(&staff.principal, list).await?;
    let now = web.now();
    let rows = rows.into_iter().map(|row| view(row, now, current_number)).collect();
    Ok((rows, next))
}

/// One page of the tickets that words find, and the place after which the next one starts.
async fn search(
    web: &Web,
    staff: &Staff,
    filter: Filter,
    words: &str,
    after: Option<String>,
) -> Result<(Vec<TicketRowView>, Option<String>), Failure> {
    let search =
        TicketSearch { words: words.to_owned(), filter, as_you_type: false, after, limit: TICKETS_PER_PAGE };
    let found = web.desk.search_tickets(&staff.principal, search).await.map_err(not_yet)?;
    let now = web.now();
    let rows = found.hits.into_iter().map(|FoundTicket { row, snippet, .. }| TicketRowView {
        snippet: Some(markup::snippet(&snippet)),
        ..view(row, now, None)
    });
    Ok((rows.collect(), found.next))
}

fn filter(queue: Option<Queue>, tag: Option<Tag>) -> Filter {
    let mut filter = Filter::everything();
    let is_awake = Filter::Is(Condition::Never(TimeField::Snoozed));
    match queue {
        None => {}
        Some(Queue::Status(status)) => {
            filter = filter.and(Filter::Is(Condition::Status([status].into())));
            // What is done is never snoozed.
            if !status.is_done() {
                filter = filter.and(is_awake);
            }
        }
        Some(Queue::Snoozed) => filter = filter.and(Filter::Not(Box::new(is_awake))),
    }
    if let Some(tag) = tag {
        filter = filter.and(Filter::Is(Condition::Tag(vec![Some(tag)])));
    }
    filter
}

/// The address of the list with what of this is not empty.
fn address_of(parts: &[(&str, &str)]) -> String {
    let given = parts.iter().filter(|(_, value)| !value.is_empty());
    let given: Vec<String> =
        given.map(|(name, value)| format!("{name}={}", address::escape(value))).collect();
    if given.is_empty() { "/app/tickets".to_owned() } else { format!("/app/tickets?{}", given.join("&")) }
}

fn view(row: TicketRow, now: domain::Timestamp, current_number: Option<i64>) -> TicketRowView {
    let TicketRow { ticket, customer, assignee, .. } = row;
    TicketRowView {
        number: ticket.number,
        href: format!("/app/tickets/{}", ticket.number),
        subject: ticket.subject,
        who: customer.map_or_else(|| "Visitor".to_owned(), |customer| customer_name(&customer)),
        status: ticket.status,
        status_label: status_label(ticket.status),
        priority: ticket.priority,
        team: ticket.team,
        tags: ticket.tags.iter().map(ToString::to_string).collect(),
        assignee,
        reason: ticket.handoff_reason.as_ref().map(HandoffReason::label),
        updated: When::new(ticket.updated_at, now),
        is_current: current_number == Some(ticket.number),
        snippet: None,
    }
}

/// The status filter, with everything first; what is searched for stays.
fn filters(current: Option<Queue>, words: &str) -> Vec<StatusFilter> {
    let all = StatusFilter { href: address_of(&[("q", words)]), label: "All", is_current: current.is_none() };
    let queues = TicketStatus::ALL.into_iter().map(Queue::Status).chain([Queue::Snoozed]);
    let each = queues.map(|queue| StatusFilter {
        href: address_of(&[("status", queue.as_str()), ("q", words)]),
        label: queue.label(),
        is_current: current == Some(queue),
    });
    std::iter::once(all).chain(each).collect()
}

/// The name, else the address, of a customer.
pub(crate) fn customer_name(customer: &domain::Customer) -> String {
    if customer.name.is_empty() {
        customer.email.clone().unwrap_or_else(|| "Visitor".to_owned())
    } else {
        customer.name.clone()
    }
}

/// A status as people read it.
pub(crate) fn status_label(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::New => "New",
        TicketStatus::Open => "Open",
        TicketStatus::Pending => "Pending",
        TicketStatus::OnHold => "On hold",
        TicketStatus::Solved => "Solved",
        TicketStatus::Closed => "Closed",
    }
}

/// A priority as people read it.
pub(crate) fn priority_label(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "Low",
        Priority::Normal => "Normal",
        Priority::High => "High",
        Priority::Urgent => "Urgent",
    }
}
