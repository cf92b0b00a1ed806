//! Everything that people would take with them, as JSON: customers, organisations, people, tickets with what was said, what was
//! changed of them, and articles. In pages, each as it is when it is read.

use std::collections::BTreeSet;

use domain::{
    Attachment, AuditAction, CustomerId, Filter, HistoryEntry, HistoryId, Identity, Locale, Note, NoteAbout,
    OrganisationId, Principal, Scope, TicketSort, Timestamp,
};
use serde_json::{Value, json};
use store::OrganisationsBy;

use crate::{
    ARTICLES_PER_PAGE_MAX, ArticleQuery, ArticleView, Desk, DeskError, TICKETS_PER_PAGE_MAX, TicketList,
    TicketView, Within,
};

/// Customers on one page.
const CUSTOMERS_PER_PAGE: i64 = 1_000;
/// Changes of tickets on one page.
const CHANGES_PER_PAGE: usize = 1_000;
/// What stands before a place among the tickets of the archive.
const IN_ARCHIVE: &str = "archive:";

/// What is exported, a file each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportPart {
    /// Customers with what they are known by and the notes on them, by id; who was merged too.
    Customers,
    /// Organisations with the notes on them, by id.
    Organisations,
    /// People who sign in, without secrets, by name.
    People,
    /// Tickets with conversations and messages, oldest first.
    Tickets,
    /// What was changed of tickets, oldest first. One ticket may have more of it than belongs into one record.
    TicketHistory,
    /// Articles with their working text in each locale, by id.
    Articles,
}

/// A page of records.
#[derive(Debug, Clone)]
pub struct ExportPage {
    /// One JSON object each.
    pub records: Vec<Value>,
    /// Where the next page begins, unless this is the last one.
    pub next: Option<String>,
}

impl ExportPart {
    /// Every part, in the order in which they are exported.
    pub const ALL: [Self; 6] = [
        Self::Customers,
        Self::Organisations,
        Self::People,
        Self::Tickets,
        Self::TicketHistory,
        Self::Articles,
    ];

    /// What its file is called.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Customers => "customers.jsonl",
            Self::Organisations => "organisations.jsonl",
            Self::People => "people.jsonl",
            Self::Tickets => "tickets.jsonl",
            Self::TicketHistory => "ticket-history.jsonl",
            Self::Articles => "articles.jsonl",
        }
    }
}

impl Desk {
    /// Records that all is exported.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets.
    pub async fn begin_export(&self, principal: &Principal) -> Result<(), DeskError> {
        Self::require_export(principal)?;
        let mut tx = self.begin(principal).await?;
        tx.record_alone(AuditAction::SiteExported, json!({}));
        tx.commit().await
    }

    /// A page of what is exported.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets; [`DeskError::Invalid`]
    /// for a place that is none.
    pub async fn export_page(
        &self,
        principal: &Principal,
        part: ExportPart,
        after: Option<String>,
    ) -> Result<ExportPage, DeskError> {
        Self::require_export(principal)?;
        match part {
            ExportPart::Customers => self.export_customers(after).await,
            ExportPart::Organisations => self.export_organisations(after).await,
            ExportPart::People => self.export_people().await,
            ExportPart::Tickets => self.export_tickets(principal, after).await,
            ExportPart::TicketHistory => self.export_ticket_history(principal, after).await,
            ExportPart::Articles => self.export_articles(principal, after).await,
        }
    }

    async fn export_customers(&self, after: Option<String>) -> Result<ExportPage, DeskError> {
        let after = after.map(CustomerId::new);
        let customers = self.0.store.list_customers(after.as_ref(), CUSTOMERS_PER_PAGE).await?;
        let is_full = i64::try_from(customers.len()).unwrap_or(i64::MAX) == CUSTOMERS_PER_PAGE;
        let next = customers.last().filter(|_| is_full).map(|customer| customer.id.to_string());
        let ids: BTreeSet<CustomerId> = customers.iter().map(|customer| customer.id.clone()).collect();
        let identities = self.0.store.identities_of(&ids).await?;
        let mut records = Vec::with_capacity(customers.len());
        for customer in &customers {
            let notes = self.0.store.list_notes(&NoteAbout::Customer(customer.id.clone())).await?;
            let identities = identities.get(&customer.id).map(Vec::as_slice).unwrap_or_default();
            records.push(json!({
                "id": customer.id,
                "name": customer.name,
                "email": customer.email,
                "identities": identities.iter().map(identity).collect::<Vec<_>>(),
                "locale": customer.locale,
                "organisation_id": customer.organisation_id,
                "tags": customer.tags,
                "fields": customer.fields,
                "notes": notes.iter().map(note).collect::<Vec<_>>(),
                "merged_into": customer.merged_into,
                "created_at": iso(customer.created_at),
                "seen_at": customer.seen_at.map(iso),
            }));
        }
        Ok(ExportPage { records, next })
    }

    async fn export_organisations(&self, after: Option<String>) -> Result<ExportPage, DeskError> {
        let after = after.map(OrganisationId::new);
        let limit = usize::try_from(CUSTOMERS_PER_PAGE).unwrap_or(usize::MAX);
        let found = self.0.store.list_organisations(OrganisationsBy::Any, after.as_ref(), limit).await?;
        let next =
            found.last().filter(|_| found.len() == limit).map(|organisation| organisation.id.to_string());
        let mut records = Vec::with_capacity(found.len());
        for organisation in &found {
            let notes = self.0.store.list_notes(&NoteAbout::Organisation(organisation.id.clone())).await?;
            records.push(json!({
                "id": organisation.id,
                "name": organisation.name,
                "domains": organisation.domains,
                "external_id": organisation.external_id,
                "tags": organisation.tags,
                "fields": organisation.fields,
                "notes": notes.iter().map(note).collect::<Vec<_>>(),
                "created_at": iso(organisation.created_at),
            }));
        }
        Ok(ExportPage { records, next })
    }

    async fn export_people(&self) -> Result<ExportPage, DeskError> {
        let mut records = vec![];
        for user in self.0.store.list_users().await? {
            records.push(json!({
                "id": user.id,
                "name": user.name,
                "email": user.email,
                "role": user.role.as_str(),
                "sees": user.sees.as_str(),
                "teams": self.0.store.teams_of(&user.id).await?,
                "created_at": iso(user.created_at),
            }));
        }
        Ok(ExportPage { records, next: None })
    }

    async fn export_tickets(
        &self,
        principal: &Principal,
        after: Option<String>,
    ) -> Result<ExportPage, DeskError> {
        let sort = TicketSort::parse("created").unwrap_or(TicketSort::NEWEST);
        let (within, after) = match after {
            Some(place) => match place.strip_prefix(IN_ARCHIVE) {
                Some(place) => (Within::Archive, Some(place.to_owned()).filter(|place| !place.is_empty())),
                None => (Within::Desk, Some(place)),
            },
            None => (Within::Desk, None),
        };
        let newest = TicketList::newest(Filter::everything(), TICKETS_PER_PAGE_MAX);
        let page = self.list_tickets(principal, TicketList { within, after, sort, ..newest }).await?;
        let mut records = Vec::with_capacity(page.rows.len());
        for row in &page.rows {
            match self.ticket(principal, &row.ticket.id).await {
                Ok(view) => records.push(ticket(&view)),
                // It went meanwhile.
                Err(DeskError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        // The archive comes after the others.
        let next = match within {
            Within::Desk => Some(page.next.unwrap_or_else(|| IN_ARCHIVE.to_owned())),
            Within::Archive => page.next.map(|place| format!("{IN_ARCHIVE}{place}")),
        };
        Ok(ExportPage { records, next })
    }

    async fn export_ticket_history(
        &self,
        principal: &Principal,
        after: Option<String>,
    ) -> Result<ExportPage, DeskError> {
        let after = after.map(HistoryId::new);
        let found = self.0.store.history_after(principal, after.as_ref(), CHANGES_PER_PAGE).await?;
        let next = found.last().filter(|_| found.len() == CHANGES_PER_PAGE).map(|entry| entry.id.to_string());
        Ok(ExportPage { records: found.iter().map(change).collect(), next })
    }

    async fn export_articles(
        &self,
        principal: &Principal,
        after: Option<String>,
    ) -> Result<ExportPage, DeskError> {
        let query = ArticleQuery { after, limit: ARTICLES_PER_PAGE_MAX, ..ArticleQuery::default() };
        let list = self.list_articles(principal, query).await?;
        let of_one = list.articles.chunk_by(|a, b| a.article.id == b.article.id);
        Ok(ExportPage { records: of_one.filter_map(article).collect(), next: list.next })
    }

    fn require_export(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::Admin)
    }
}

fn identity(identity: &Identity) -> Value {
    json!({
        "kind": identity.kind,
        "value": identity.value,
        "verified_at": identity.verified_at.map(iso),
        "created_at": iso(identity.created_at),
    })
}

fn note(note: &Note) -> Value {
    json!({ "id": note.id, "author": note.author, "body": note.body, "created_at": iso(note.created_at) })
}

fn ticket(view: &TicketView) -> Value {
    let ticket = &view.ticket;
    let messages = view.messages.iter().map(|message| {
        json!({
            "id": message.id,
            "kind": message.kind.as_str(),
            "author": message.author,
            "body": message.body,
            "html": message.html,
            "attachments": view.attachments.of(&message.id).iter().map(file).collect::<Vec<_>>(),
            "created_at": iso(message.created_at),
        })
    });
    let waiting = view.waiting.iter().map(|reply| {
        json!({
            "id": reply.id,
            "by": reply.writer,
            "body": reply.body,
            "html": reply.html,
            "send_at": iso(reply.send_at),
            "attachments": view.attachments.of(&reply.id).iter().map(file).collect::<Vec<_>>(),
        })
    });
    let turns = view.turns.iter().map(|turn| json!({ "said": turn.content, "at": iso(turn.created_at) }));
    let links = view
        .links
        .iter()
        .map(|link| json!({ "is": link.end.as_str(), "ticket_id": link.ticket.id, "at": iso(link.at) }));
    json!({
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status.as_str(),
        "custom_status": ticket.status_key(),
        "priority": ticket.priority.as_str(),
        "team": ticket.team,
        "tags": ticket.tags.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "fields": ticket.fields,
        "assignee_id": ticket.assignee_id,
        "customer_id": ticket.customer_id,
        "channel": ticket.channel,
        "organisation_id": ticket.organisation_id,
        "locale": ticket.locale,
        "summary": ticket.summary,
        "created_at": iso(ticket.created_at),
        "updated_at": iso(ticket.updated_at),
        "solved_at": ticket.solved_at.map(iso),
        "closed_at": ticket.handling.closed_at.map(iso),
        "first_replied_at": ticket.handling.first_replied_at.map(iso),
        "snoozed_until": ticket.handling.snoozed_until.map(iso),
        "merged_into_id": ticket.handling.merged.as_ref().map(|merged| &merged.into),
        "split_from_id": ticket.handling.split_from,
        "links": links.collect::<Vec<_>>(),
        "followers": ticket.handling.followers,
        "cc": ticket.handling.cc,
        "checklist": ticket.handling.checklist,
        "archived_at": ticket.archived_at.map(iso),
        "conversation": turns.collect::<Vec<_>>(),
        "messages": messages.collect::<Vec<_>>(),
        "waiting_replies": waiting.collect::<Vec<_>>(),
    })
}

fn change(entry: &HistoryEntry) -> Value {
    json!({
        "id": entry.id,
        "ticket_id": entry.ticket_id,
        "at": iso(entry.at),
        "by": entry.by,
        "field": entry.field.key(),
        "from": entry.from,
        "to": entry.to,
    })
}

/// A file of a message. What is in it stays where files are kept, under its id.
fn file(file: &Attachment) -> Value {
    json!({
        "id": file.id,
        "name": file.name,
        "media_type": file.media_type,
        "n_bytes": file.n_bytes,
        "sha256": file.sha256,
    })
}

/// One article of its texts.
fn article(texts: &[ArticleView]) -> Option<Value> {
    let first = texts.first()?;
    let of_locale = |view: &ArticleView| -> Value {
        let text = &view.translation;
        let locale: &Locale = &text.locale;
        json!({
            "locale": locale,
            "title": text.title,
            "state": text.state.as_str(),
            "questions": text.questions,
            "body": text.body,
            "updated_at": iso(text.updated_at),
        })
    };
    Some(json!({
        "id": first.article.id,
        "slug": first.article.slug,
        "external_id": first.article.external_id,
        "audience": first.article.audience.key(),
        "collection": first.collection.as_ref().map(|collection| collection.slug.as_str()),
        "created_at": iso(first.article.created_at),
        "texts": texts.iter().map(of_locale).collect::<Vec<_>>(),
    }))
}

fn iso(at: Timestamp) -> String {
    at.iso()
}
