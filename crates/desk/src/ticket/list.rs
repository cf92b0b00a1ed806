//! Lists of tickets: filtered, sorted, in pages, counted.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Customer, CustomerId, Filter, FilterContext, OrganisationId, Principal, Scope, Ticket, TicketGroup,
    TicketId, TicketSort, TicketSortBy, User, UserId,
};
use store::TicketPlace;
pub use store::{COUNT_MAX, TicketCount, Within};

use crate::{Desk, DeskError, TicketRow};

/// Most tickets on one page.
pub const TICKETS_PER_PAGE_MAX: usize = 100;

/// Which tickets, in which order, and how many.
#[derive(Debug, Clone)]
pub struct TicketList {
    /// Where they are.
    pub within: Within,
    /// Which.
    pub filter: Filter,
    /// In which order.
    pub sort: TicketSort,
    /// What they are grouped by, before that order. Only where the filter admits unsolved tickets alone.
    pub group_by: Option<TicketGroup>,
    /// After which place: `next` of the page before.
    pub after: Option<String>,
    /// How many; at most [`TICKETS_PER_PAGE_MAX`].
    pub limit: usize,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct TicketPage {
    /// The tickets.
    pub rows: Vec<TicketRow>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
}

impl TicketList {
    /// The newest tickets that a filter admits and that are not in the archive.
    pub fn newest(filter: Filter, limit: usize) -> Self {
        Self { within: Within::Desk, filter, sort: TicketSort::NEWEST, group_by: None, after: None, limit }
    }
}

impl Desk {
    /// Tickets, as a list asks for them.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`; [`DeskError::Invalid`] for a place that is none of this list, for groups
    /// and the order of what is due where the filter admits solved tickets or in the archive, which has no order by priority either,
    /// and for a status or a field that is not there.
    pub async fn list_tickets(
        &self,
        principal: &Principal,
        list: TicketList,
    ) -> Result<TicketPage, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        check_order(list.group_by, list.sort, &list.filter)?;
        self.check_filter("filter", &list.filter).await?;
        if list.within == Within::Archive {
            check_archived(&list)?;
        }
        let order = (list.group_by, list.sort);
        let after = list.after.as_deref().map(|place| {
            let message =
                "not a place of this list; send next of the page before, with the same sort and group_by";
            TicketPlace::parse(order, place).ok_or_else(|| DeskError::invalid("after", message))
        });
        let limit = list.limit.clamp(1, TICKETS_PER_PAGE_MAX);
        let query = store::TicketQuery {
            within: list.within,
            filter: list.filter,
            ctx: self.filter_context(principal).await?,
            sort: list.sort,
            group_by: list.group_by,
            after: after.transpose()?,
            limit: limit + 1,
        };
        let mut tickets = self.0.store.list_tickets(principal, &query).await?;
        let has_more = tickets.len() > limit;
        tickets.truncate(limit);
        let last = tickets.last().filter(|_| has_more);
        let next = last.map(|ticket| TicketPlace::of(order, ticket).to_string());
        Ok(TicketPage { rows: self.ticket_rows(principal, tickets).await?, next })
    }

    /// How many tickets a filter admits; counting stops at [`COUNT_MAX`].
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::Invalid`] for a status or a field that is not there.
    pub async fn count_tickets(
        &self,
        principal: &Principal,
        filter: &Filter,
    ) -> Result<TicketCount, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        self.check_filter("filter", filter).await?;
        let ctx = self.filter_context(principal).await?;
        Ok(self.0.store.count_tickets(principal, filter, &ctx).await?)
    }

    /// What `today` means now, where nobody asks: `me` is no one.
    pub(crate) fn filter_context_of_nobody(&self) -> FilterContext {
        let time_zone = self.site().time_zone.clone();
        FilterContext { time_zone, ..FilterContext::nobody(self.now()) }
    }

    /// What `me`, `mine` and `today` mean for somebody now.
    pub(crate) async fn filter_context(&self, principal: &Principal) -> Result<FilterContext, DeskError> {
        let nobody = self.filter_context_of_nobody();
        match principal {
            Principal::Staff { id, .. } => Ok(FilterContext {
                me: Some(id.clone()),
                my_teams: self.0.store.teams_of(id).await?,
                ..nobody
            }),
            _ => Ok(nobody),
        }
    }

    /// Tickets with the people in them, and how they stand to what customers are promised.
    pub(super) async fn ticket_rows(
        &self,
        principal: &Principal,
        tickets: Vec<Ticket>,
    ) -> Result<Vec<TicketRow>, DeskError> {
        let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
        let mut sla = self.0.store.list_ticket_sla(principal, &ids).await?;
        let customers: BTreeSet<CustomerId> =
            tickets.iter().filter_map(|ticket| ticket.customer_id.clone()).collect();
        let agents: BTreeSet<UserId> =
            tickets.iter().filter_map(|ticket| ticket.assignee_id.clone()).collect();
        let customers: HashMap<CustomerId, Customer> = self
            .0
            .store
            .customers_of(&customers)
            .await?
            .into_iter()
            .map(|customer| (customer.id.clone(), customer))
            .collect();
        let agents: HashMap<UserId, User> =
            self.0.store.users_of(&agents).await?.into_iter().map(|user| (user.id.clone(), user)).collect();
        let organisations: BTreeSet<OrganisationId> =
            tickets.iter().filter_map(|ticket| ticket.organisation_id.clone()).collect();
        let organisations = self.organisations_by_id(&organisations).await?;
        let rows = tickets.into_iter().map(|ticket| TicketRow {
            organisation: ticket
                .organisation_id
                .as_ref()
                .and_then(|id| organisations.get(id))
                .map(|organisation| organisation.name.clone()),
            customer: ticket.customer_id.as_ref().and_then(|id| customers.get(id).cloned()),
            assignee: ticket.assignee_id.as_ref().and_then(|id| agents.get(id)).map(|user| user.name.clone()),
            sla: sla.remove(&ticket.id).unwrap_or_default(),
            ticket,
        });
        Ok(rows.collect())
    }
}

/// The archive has the order of its indexes and no other.
fn check_archived(list: &TicketList) -> Result<(), DeskError> {
    if list.group_by.is_some() {
        return Err(DeskError::invalid("group_by", "the archive has no groups"));
    }
    if matches!(list.sort.by, TicketSortBy::Priority | TicketSortBy::Due) {
        return Err(DeskError::invalid("sort", "the archive is sorted by created or updated"));
    }
    Ok(())
}

/// Sorting by group reads all that the filter admits, which is bounded for unsolved tickets alone.
pub(crate) fn check_order(
    group_by: Option<TicketGroup>,
    sort: TicketSort,
    filter: &Filter,
) -> Result<(), DeskError> {
    if filter.is_unsolved_only() {
        return Ok(());
    }
    if group_by.is_some() {
        let message = "groups need a filter for unsolved tickets, such as status:new,open,pending,on_hold";
        return Err(DeskError::invalid("group_by", message));
    }
    if sort.by == TicketSortBy::Due {
        let message = "sorting by what is due needs a filter for unsolved tickets, such as -due:none";
        return Err(DeskError::invalid("sort", message));
    }
    Ok(())
}
