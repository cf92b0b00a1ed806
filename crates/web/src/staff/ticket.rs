//! A ticket: its thread, what the bot tried, drafts, and the field to answer in.

use askama::Template;
use axum::extract::{Path, Query, State};
use desk::TicketView;
use domain::{
    BotTurn, Citation, Locale, Priority, Scope, Suggestion, SuggestionSource, Tag, TicketStatus, Turn,
    TurnContent,
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
    status_label: &'static str,
    priority_label: &'static str,
    is_pressing: bool,
    /// The keys behind what is chosen now.
    was_status: &'static str,
    was_priority: &'static str,
    was_assignee: String,
    team: String,
    /// With commas between.
    tags: String,
    summary: Html,
    customer: CustomerView,
    language: String,
    opened: When,
    entries: Vec<ThreadEntry>,
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

/// Who asked.
struct CustomerView {
    name: String,
    initials: String,
    email: Option<String>,
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
}

/// `GET /app/tickets/{number}`
pub(crate) async fn ticket(
    State(web): State<Web>,
    staff: Staff,
    Path(number): Path<i64>,
    Query(query): Query<TicketPageQuery>,
) -> Result<TicketPage, Failure> {
    page(&web, &staff, number, query.insert.as_deref(), Compose::default()).await
}

/// The page, with what was typed when it could not be sent.
pub(crate) async fn page(
    web: &Web,
    staff: &Staff,
    number: i64,
    insert: Option<&str>,
    compose: Compose,
) -> Result<TicketPage, Failure> {
    let view = web.desk.ticket_by_number(&staff.principal, number).await?;
    let agents = web.desk.agents(&staff.principal).await?;
    let (rows, _) = list(web, staff, None, None, None, Some(number)).await?;
    let locale = &web.desk.site().default_locale;
    let now = web.now();
    let customer = CustomerView::new(&view);
    let entries = thread(&view, &customer.name, now, locale);
    let TicketView { ticket, tried, suggestions, turns, assignee, .. } = view;
    let drafts = || suggestions.iter().filter(|draft| draft.outcome.is_none());
    let inserted = insert.and_then(|id| drafts().find(|draft| draft.id.as_str() == id));
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
        status_label: status_label(ticket.status),
        priority_label: priority_label(ticket.priority),
        is_pressing: ticket.priority > Priority::Normal,
        summary: markup::message(&ticket.summary),
        customer,
        language: ticket.locale.as_str().to_owned(),
        opened: When::new(ticket.created_at, now),
        entries,
        tried: tried_by_bot(&turns, tried, locale),
        suggestions: drafts().map(|draft| SuggestionView::new(draft, locale)).collect(),
        inserted,
        statuses: statuses(ticket.status),
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
        was_status: ticket.status.as_str(),
        was_priority: ticket.priority.as_str(),
        was_assignee: ticket.assignee_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        subject: ticket.subject,
        tags: ticket.tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(", "),
        team: ticket.team,
        compose,
    })
}

fn statuses(current: TicketStatus) -> Vec<Choice> {
    TicketStatus::ALL
        .into_iter()
        .filter(|&next| next == current || current.may_become(next))
        .map(|status| Choice {
            value: status.as_str().to_owned(),
            label: status_label(status).to_owned(),
            is_selected: status == current,
        })
        .collect()
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
        Self { name, initials, email }
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
