//! Finding tickets by their words.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use domain::{Facts, Filter, FilterPeople, Principal, Scope, Snippet, Ticket, TicketId};
use search::{SearchError, TicketHit, TicketHitPlace, TicketHits, TicketRequest, TicketWords};

use super::index;
use crate::{Desk, DeskError, TicketRow, input};

/// Longest query, in bytes; what is longer is a text to be read, not words to find something by.
const WORDS_BYTES_MAX: usize = 4 << 10;
/// Most hits of one page.
pub const TICKET_HITS_MAX: usize = 50;
/// Most text of one hit in which its excerpt is looked for, in bytes; the newest is kept.
const EXCERPT_BYTES_MAX: usize = 32 << 10;

/// Which tickets to find.
#[derive(Debug, Clone)]
pub struct TicketSearch {
    /// What somebody typed: all words must match, `"phrases"` to the letter.
    pub words: String,
    /// Which of them.
    pub filter: Filter,
    /// Whether the last word may be unfinished.
    pub as_you_type: bool,
    /// After which place: `next` of the page before.
    pub after: Option<String>,
    /// How many; at most [`TICKET_HITS_MAX`].
    pub limit: usize,
}

/// A page of what was found.
#[derive(Debug, Clone)]
pub struct TicketsFound {
    /// Best first, then the newest.
    pub hits: Vec<FoundTicket>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A ticket that was found.
#[derive(Debug, Clone)]
pub struct FoundTicket {
    /// The ticket with the people in it.
    pub row: TicketRow,
    /// How well it matches; comparable within one query only.
    pub score: f64,
    /// The marked excerpt of what was said in it.
    pub snippet: Snippet,
}

impl Desk {
    /// Finds the tickets that the principal may read by their words. Customers and visitors find their own, never by what the
    /// team keeps to itself, and have no filter.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`; [`DeskError::Invalid`] for no words, for a place that is none and for a
    /// status or a field that is not there;
    /// [`DeskError::TooLarge`]; [`DeskError::Busy`] while the index is being built.
    pub async fn search_tickets(
        &self,
        principal: &Principal,
        search: TicketSearch,
    ) -> Result<TicketsFound, DeskError> {
        let started = Instant::now();
        let is_own =
            matches!(principal, Principal::Customer { .. } | Principal::Visitor { conversation: Some(_) });
        if !is_own || search.filter != Filter::everything() {
            Self::require(principal, Scope::TicketsRead)?;
        }
        input::text("q", &search.words, WORDS_BYTES_MAX)?;
        let words = if search.as_you_type {
            TicketWords::as_you_type(&search.words)
        } else {
            TicketWords::parse(&search.words)
        };
        let after = search.after.as_deref().map(|place| {
            let message = "not a place of this search; send next of the page before, with the same words";
            TicketHitPlace::parse(place).ok_or_else(|| DeskError::invalid("after", message))
        });
        self.check_filter("filter", &search.filter).await?;
        let limit = search.limit.clamp(1, TICKET_HITS_MAX);
        let request = TicketRequest {
            filter: self.with_ids(search.filter).await?,
            ctx: self.filter_context(principal).await?,
            reader: principal.ticket_reader(),
            after: after.transpose()?,
            limit: limit + 1,
            words,
        };
        let (hits, next) = self.page_of_hits(principal, request, limit).await?;
        Ok(TicketsFound { hits, next, took_ms: crate::conversation::elapsed_ms(started) })
    }

    async fn page_of_hits(
        &self,
        principal: &Principal,
        request: TicketRequest,
        limit: usize,
    ) -> Result<(Vec<FoundTicket>, Option<String>), DeskError> {
        let index = self.0.tickets.get()?;
        // Signs and pictures are no words: nothing is looked for, and nothing found.
        let found = if request.words.is_empty() {
            index.ready().map(|()| TicketHits::default())
        } else {
            index.search(request.clone()).await
        };
        let TicketHits { mut hits, marked } = found.map_err(|error| match error {
            SearchError::Incomplete => DeskError::Busy,
            error => DeskError::failed("cannot search tickets", error),
        })?;
        let has_more = hits.len() > limit;
        hits.truncate(limit);
        let next = hits.last().filter(|_| has_more).map(|hit| hit.place.to_string());
        Ok((self.found(principal, &request, hits, &marked).await?, next))
    }

    /// The tickets as the database has them now: what this principal may not read, or what the filter does not admit any
    /// more, is not shown, whatever the index says.
    async fn found(
        &self,
        principal: &Principal,
        request: &TicketRequest,
        hits: Vec<TicketHit>,
        marked: &BTreeSet<String>,
    ) -> Result<Vec<FoundTicket>, DeskError> {
        let ids: Vec<TicketId> = hits.iter().map(|hit| hit.ticket_id.clone()).collect();
        let is_admitted = |ticket: &Ticket| {
            let facts = Facts {
                ticket,
                assignee_email: None,
                customer_emails: &[],
                organisation_name: None,
                sla: ticket.handling.sla,
            };
            request.filter.matches(facts, &request.ctx)
        };
        let mut tickets = self.0.store.tickets_of(principal, &ids).await?;
        tickets.retain(is_admitted);
        let mut said = self.0.store.said_in(principal, &ids, EXCERPT_BYTES_MAX).await?;
        let rows = self.ticket_rows(principal, tickets).await?;
        let mut rows: HashMap<TicketId, TicketRow> =
            rows.into_iter().map(|row| (row.ticket.id.clone(), row)).collect();
        let found = hits.into_iter().filter_map(|TicketHit { ticket_id, score, .. }| {
            let row = rows.remove(&ticket_id)?;
            let (mut texts, notes) = index::texts(said.remove(&ticket_id).unwrap_or_default());
            texts.extend(notes);
            Some(FoundTicket { row, score, snippet: search::excerpt(&texts, marked) })
        });
        Ok(found.collect())
    }

    /// A filter with the people whom it names by address.
    async fn with_ids(&self, filter: Filter) -> Result<Filter, DeskError> {
        let names = filter.names();
        let people = FilterPeople {
            agents: self.0.store.user_ids_of(&names.agents).await?,
            customers: self.0.store.customer_ids_of(&names.customers).await?,
            organisations: self.0.store.organisation_ids_of(&names.organisations).await?,
        };
        Ok(filter.with_ids(&people))
    }
}
