//! A ticket: its thread, what the bot tried, drafts, and the field to answer in.

use askama::Template;
use axum::extract::{Path, Query, State};
use desk::{TICKET_HISTORY_PER_PAGE_MAX, TicketView};
use domain::{
    BotTurn, Citation, LinkEnd, Locale, Priority, Scope, Status, Suggestion, SuggestionSource, Tag, Ticket,
    TicketStatus, Turn, TurnContent,
};
use serde::Deserialize;

use super::{
    frame::{Frame, Place},
    session::Staff,
    thread::{ThreadBody, ThreadEntry, thread},
    ticket_list::{TicketRowView, customer_name, list, priority_label, status_label},
};
use crate::{
    address,
    dates::When,
    failure::Failure,
    help::{Source, sources},
    markup::{self, Html},
    page::pages,
    state::Web,
};

#[derive(Template)]
#[template(path = "staff/ticket.html")]
pub(crate) struct TicketPage {
    frame: Frame,
    rows: Vec<TicketRowView>,
    number: i64,
    subject: String,
    status_label: String,
    priority_label: &'static str,
    is_pressing: bool,
    /// The keys behind what is chosen now.
    was_status: String,
    was_priority: &'static str,
    was_assignee: String,
    team: String,
    /// With commas between.
    tags: String,
    /// What was arranged around it, a line each.
    arranged: Vec<Arranged>,
    checklist: Vec<ChecklistLine>,
    summary: Html,
    customer: CustomerView,
    language: String,
    opened: When,
    /// When it went to the archive.
    archived: Option<When>,
    entries: Vec<ThreadEntry>,
    /// Where the thread has the changes before those that stand in it.
    earlier: Option<String>,
    tried: Vec<Source>,
    suggestions: Vec<SuggestionView>,
    inserted: Option<SuggestionView>,
    statuses: Vec<Choice>,
    priorities: Vec<Choice>,
    assignees: Vec<Choice>,
    may_write: bool,
    is_closed: bool,
    compose: Compose,
}

pages!(TicketPage);

/// Something that was arranged around a ticket.
struct Arranged {
    what: &'static str,
    text: String,
    /// The ticket that it is about.
    href: Option<String>,
}

/// An item of the checklist.
struct ChecklistLine {
    text: String,
    /// Who did it and when.
    done: Option<String>,
}
/// What else a customer is known by, as far as the side panel shows it.
const KNOWN_BY_MAX: usize = 5;

/// Who asked.
struct CustomerView {
    name: String,
    initials: String,
    email: Option<String>,
    organisation: Option<String>,
    /// What else they are known by.
    known_by: Vec<String>,
}

/// An option of a select.
struct Choice {
    value: String,
    label: String,
    is_selected: bool,
}

/// What stands in the composer.
#[derive(Debug, Default)]
pub(crate) struct Compose {
    pub(crate) body: String,
    pub(crate) error: Option<String>,
}

/// A draft.
pub(crate) struct SuggestionView {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) html: Html,
    pub(crate) why: String,
    pub(crate) sources: Vec<SuggestionLink>,
}

/// Where a draft comes from.
pub(crate) struct SuggestionLink {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) quote: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct TicketPageQuery {
    /// The draft to put into the composer.
    insert: Option<String>,
    /// Before which change those are that stand in the thread; the last ones when absent.
    changes: Option<String>,
}

/// `GET /app/tickets/{number}`
pub(crate) async fn ticket(
    State(web): State<Web>,
    staff: Staff,
    Path(number): Path<i64>,
    Query(query): Query<TicketPageQuery>,
) -> Result<TicketPage, Failure> {
    page(&web, &staff, number, query, Compose::default()).await
}

/// The page, with what was typed when it could not be sent.
pub(crate) async fn page(
    web: &Web,
    staff: &Staff,
    number: i64,
    query: TicketPageQuery,
    compose: Compose,
) -> Result<TicketPage, Failure> {
    let TicketPageQuery { insert, changes } = query;
    let mut view = web.desk.ticket_by_number(&staff.principal, number).await?;
    if changes.is_some() {
        let of = &view.ticket.id;
        let page =
            web.desk.ticket_history(&staff.principal, of, changes, TICKET_HISTORY_PER_PAGE_MAX).await?;
        view.history = page.rows.into_iter().rev().collect();
        view.history_next = page.next;
    }
    let agents = web.desk.agents(&staff.principal).await?;
    let known = web.desk.list_statuses(&staff.principal).await?;
    let (rows, _) = list(web, staff, None, None, None, Some(number)).await?;
    let locale = &web.desk.site().default_locale;
    let now = web.now();
    let customer = CustomerView::new(&view);
    let entries = thread(&view, &customer.name, now, locale);
    let arranged = arranged(&view, now);
    let TicketView { ticket, tried, suggestions, turns, assignee, history_next, .. } = view;
    let drafts = || suggestions.iter().filter(|draft| draft.outcome.is_none());
    let inserted = insert.and_then(|id| drafts().find(|draft| draft.id.as_str() == id.as_str()));
    let inserted = inserted.map(|draft| SuggestionView::new(draft, locale));
    let compose = match &inserted {
        Some(draft) if compose.body.is_empty() => Compose { body: draft.body.clone(), ..compose },
        _ => compose,
    };
    let nobody = Choice {
        value: String::new(),
        label: "Nobody".to_owned(),
        is_selected: ticket.assignee_id.is_none(),
    };
    // Who may no longer sign in is still the assignee until somebody changes it.
    let gone = ticket.assignee_id.as_ref().filter(|id| agents.iter().all(|user| user.id != **id));
    let gone = gone.map(|id| Choice {
        value: id.to_string(),
        label: assignee.unwrap_or_default(),
        is_selected: true,
    });
    let assignees = agents.into_iter().map(|user| Choice {
        is_selected: ticket.assignee_id.as_ref() == Some(&user.id),
        value: user.id.to_string(),
        label: user.name,
    });
    Ok(TicketPage {
        frame: Frame::new(web, staff, Place::Tickets, format!("#{number} {}", ticket.subject)),
        rows,
        number,
        status_label: status_name(&known, &ticket),
        arranged,
        checklist: checklist(&ticket, now),
        priority_label: priority_label(ticket.priority),
        is_pressing: ticket.priority > Priority::Normal,
        summary: markup::message(&ticket.summary),
        customer,
        language: ticket.locale.as_str().to_owned(),
        opened: When::new(ticket.created_at, now),
        archived: ticket.archived_at.map(|at| When::new(at, now)),
        entries,
        earlier: history_next.map(|place| format!("/app/tickets/{number}?changes={place}")),
        tried: tried_by_bot(&turns, tried, locale),
        suggestions: drafts().map(|draft| SuggestionView::new(draft, locale)).collect(),
        inserted,
        statuses: statuses(&known, &ticket),
        priorities: Priority::ALL
            .into_iter()
            .map(|priority| Choice {
                value: priority.as_str().to_owned(),
                label: priority_label(priority).to_owned(),
                is_selected: priority == ticket.priority,
            })
            .collect(),
        assignees: std::iter::once(nobody).chain(gone).chain(assignees).collect(),
        may_write: staff.may(Scope::TicketsWrite),
        is_closed: ticket.status == TicketStatus::Closed,
        was_status: ticket.status_key().to_owned(),
        was_priority: ticket.priority.as_str(),
        was_assignee: ticket.assignee_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        subject: ticket.subject,
        tags: ticket.tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(", "),
        team: ticket.team,
        compose,
    })
}

/// What agents call the status of a ticket.
fn status_name(known: &[Status], ticket: &Ticket) -> String {
    let own = known.iter().find(|status| status.key == ticket.status_key());
    own.map_or_else(|| status_label(ticket.status).to_owned(), |status| status.name.clone())
}

/// The status of a ticket, and those that it can be moved to.
fn statuses(known: &[Status], ticket: &Ticket) -> Vec<Choice> {
    let current = known.iter().find(|status| status.key == ticket.status_key());
    let is_choice =
        |next: &&Status| current.is_some_and(|current| next.key == current.key || current.may_become(next));
    let choices = known.iter().filter(is_choice).map(|status| Choice {
        value: status.key.clone(),
        label: status.name.clone(),
        is_selected: status.key == ticket.status_key(),
    });
    choices.collect()
}

/// What was arranged around a ticket.
fn arranged(view: &TicketView, now: domain::Timestamp) -> Vec<Arranged> {
    let handling = &view.ticket.handling;
    let of_ticket = |what, number: i64| Arranged {
        what,
        text: format!("#{number}"),
        href: Some(format!("/app/tickets/{number}")),
    };
    let mut lines = vec![];
    lines.extend(view.merged_into.map(|number| of_ticket("Merged into", number)));
    lines.extend(view.merged.iter().map(|thread| of_ticket("Merged here", thread.ticket.number)));
    lines.extend(view.split_from.map(|number| of_ticket("Split from", number)));
    lines.extend(view.links.iter().map(|link| Arranged {
        what: link_label(link.end),
        text: format!("#{} {}", link.ticket.number, link.ticket.subject),
        href: Some(format!("/app/tickets/{}", link.ticket.number)),
    }));
    let line = |what, text: String| Arranged { what, text, href: None };
    lines.extend(handling.snoozed_until.map(|until| line("Snoozed until", When::new(until, now).full)));
    if !view.followers.is_empty() {
        let names: Vec<&str> = view.followers.iter().map(|user| user.name.as_str()).collect();
        lines.push(line("Followers", names.join(", ")));
    }
    if !handling.cc.is_empty() {
        let addresses: Vec<&str> = handling.cc.iter().map(String::as_str).collect();
        lines.push(line("In copy", addresses.join(", ")));
    }
    lines
}

fn link_label(end: LinkEnd) -> &'static str {
    match end {
        LinkEnd::Parent => "Parent",
        LinkEnd::Child => "Child",
        LinkEnd::Related => "Related",
        LinkEnd::DuplicateOf => "Duplicate of",
        LinkEnd::Duplicate => "Duplicate",
    }
}

fn checklist(ticket: &Ticket, now: domain::Timestamp) -> Vec<ChecklistLine> {
    let items = ticket.handling.checklist.items.iter().map(|item| ChecklistLine {
        text: item.text.clone(),
        done: item.done.as_ref().map(|done| format!("{}, {}", done.by, When::new(done.at, now).full)),
    });
    items.collect()
}

/// What the bot quoted or named, then what it only offered when it asked back.
fn tried_by_bot(turns: &[Turn], tried: Vec<Citation>, locale: &Locale) -> Vec<Source> {
    let quoted: Vec<String> = tried.iter().map(|citation| citation.slug.clone()).collect();
    let mut all = sources(&numbered(tried), locale);
    let options = turns.iter().flat_map(|turn| match &turn.content {
        TurnContent::Bot { turn: BotTurn::Clarify { options, .. }, .. } => options.as_slice(),
        _ => &[],
    });
    for option in options.filter(|option| !quoted.contains(&option.slug)) {
        let href = address::article(&option.slug);
        if all.iter().all(|source| source.href != href) {
            all.push(Source { title: option.title.clone(), href, quote: String::new(), chips: vec![] });
        }
    }
    all
}

/// Several turns count their citations from 1 each; on the ticket they are counted through.
fn numbered(tried: Vec<Citation>) -> Vec<Citation> {
    tried.into_iter().zip(1..).map(|(citation, n)| Citation { n, ..citation }).collect()
}

impl CustomerView {
    fn new(view: &TicketView) -> Self {
        let name = view.customer.as_ref().map_or_else(|| "Visitor".to_owned(), customer_name);
        let initials = name
            .split_whitespace()
            .filter_map(|word| word.chars().next())
            .take(2)
            .flat_map(char::to_uppercase)
            .collect();
        let email = view.customer.as_ref().and_then(|customer| customer.email.clone());
        let others = view.identities.iter().filter(|identity| Some(&identity.value) != email.as_ref());
        let known_by = others.take(KNOWN_BY_MAX).map(|identity| identity.value.clone()).collect();
        Self { name, initials, email, organisation: view.organisation.clone(), known_by }
    }
}

impl SuggestionView {
    fn new(suggestion: &Suggestion, locale: &Locale) -> Self {
        let mut sources: Vec<SuggestionLink> = Vec::new();
        for source in &suggestion.sources {
            let link = SuggestionLink::new(source, locale);
            // Several quotes of one article are one source to look at.
            if sources.iter().all(|known| known.label != link.label) {
                sources.push(link);
            }
        }
        Self {
            id: suggestion.id.to_string(),
            body: suggestion.body.clone(),
            html: markup::message(&suggestion.body),
            why: suggestion.why.clone(),
            sources,
        }
    }
}

impl SuggestionLink {
    fn new(source: &SuggestionSource, locale: &Locale) -> Self {
        match source {
            SuggestionSource::Article { citation } => Self {
                href: address::quote(citation, locale),
                label: citation.title.clone(),
                quote: markup::quote(&citation.quote),
            },
            SuggestionSource::Ticket { number, subject, .. } => Self {
                href: format!("/app/tickets/{number}"),
                label: format!("#{number} {subject}"),
                quote: "The reply of a solved ticket".to_owned(),
            },
        }
    }
}
