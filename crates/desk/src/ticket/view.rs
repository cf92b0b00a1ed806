//! Views: lists of tickets that people keep, alone, with their team or for everybody.

use domain::{AuditAction, Principal, Scope, TicketColumn, TicketGroup, TicketSort, VIEWS_MAX, View, ViewId};
use serde_json::json;
use store::TicketCount;

use crate::{
    Desk, DeskError, ShareWith,
    filter::{check_kept_filter, filter},
    input,
    sharing::shared,
    ticket::list::check_order,
};

/// Longest name of a view, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// Most views that are listed: more than anybody can make, because colleagues share theirs.
const LISTED_MAX: usize = 1_000;

/// A view to be made.
#[derive(Debug, Clone)]
pub struct NewView {
    /// What people call it.
    pub name: String,
    /// The text of its filter.
    pub filter: String,
    /// In which order.
    pub sort: TicketSort,
    /// What the tickets are grouped by.
    pub group_by: Option<TicketGroup>,
    /// What is shown of each; the usual where it is empty.
    pub columns: Vec<TicketColumn>,
    /// With whom.
    pub sharing: ShareWith,
    /// Its place among the views.
    pub position: i64,
}

/// What to change of a view; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct ViewChange {
    /// The new name.
    pub name: Option<String>,
    /// The text of the new filter.
    pub filter: Option<String>,
    /// The new order.
    pub sort: Option<TicketSort>,
    /// The new grouping, or none.
    pub group_by: Option<Option<TicketGroup>>,
    /// The new columns.
    pub columns: Option<Vec<TicketColumn>>,
    /// With whom it is shared from now on.
    pub sharing: Option<ShareWith>,
    /// Its new place.
    pub position: Option<i64>,
}

impl Desk {
    /// The views that somebody has, by position; at most 1,000.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn list_views(&self, principal: &Principal) -> Result<Vec<View>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        Ok(self.0.store.list_views(holder.me.as_ref(), &holder.teams, LISTED_MAX).await?)
    }

    /// A view that somebody has.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`] when it is not theirs.
    pub async fn view(&self, principal: &Principal, id: &ViewId) -> Result<View, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let view = self.0.store.find_view(id).await?.ok_or(DeskError::NotFound)?;
        if self.holder(principal).await?.has(&view.sharing) { Ok(view) } else { Err(DeskError::NotFound) }
    }

    /// The views that somebody has, the first [`VIEWS_MAX`] of them with the number of tickets in each now: each count reads
    /// thousands of tickets, and colleagues may share many more views than anybody looks at.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn count_views(
        &self,
        principal: &Principal,
    ) -> Result<Vec<(View, Option<TicketCount>)>, DeskError> {
        let ctx = self.filter_context(principal).await?;
        let views = self.list_views(principal).await?;
        let mut counts = Vec::with_capacity(views.len());
        for view in views.iter().take(VIEWS_MAX) {
            counts.push(Some(self.0.store.count_tickets(principal, &view.filter, &ctx).await?));
        }
        counts.resize(views.len(), None);
        Ok(views.into_iter().zip(counts).collect())
    }

    /// Makes a view.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, for a team's view to who is not in it, for everybody's view to who is no
    /// admin; [`DeskError::Invalid`]; [`DeskError::Conflict`] for who has [`VIEWS_MAX`].
    pub async fn create_view(&self, principal: &Principal, new: NewView) -> Result<View, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        if self.list_views(principal).await?.len() >= VIEWS_MAX {
            return Err(DeskError::Conflict(format!("there are {VIEWS_MAX} views already")));
        }
        let now = self.now();
        let filter = filter("filter", &new.filter)?;
        self.check_filter("filter", &filter).await?;
        check_order(new.group_by, new.sort, &filter)?;
        let view = View {
            id: ViewId::new(self.id()),
            name: input::text("name", &new.name, NAME_BYTES_MAX)?.to_owned(),
            filter,
            sort: new.sort,
            group_by: new.group_by,
            columns: columns(new.columns),
            sharing: self.sharing(principal, &holder, new.sharing, Scope::AdminSettings).await?,
            position: new.position,
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        let mut tx = self.begin(principal).await?;
        tx.insert_view(&view).await?;
        tx.record(AuditAction::ViewCreated, &view.id, json!({ "sharing": shared(&view.sharing) }));
        tx.commit().await?;
        Ok(view)
    }

    /// Changes a view.
    ///
    /// # Errors
    /// As [`Desk::create_view`]; [`DeskError::NotFound`] when it is not theirs, [`DeskError::Stale`] when
    /// `expected_revision` is not its revision.
    pub async fn change_view(
        &self,
        principal: &Principal,
        id: &ViewId,
        change: ViewChange,
        expected_revision: Option<i64>,
    ) -> Result<View, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let sharing = self.changed_sharing(principal, &holder, change.sharing, Scope::AdminSettings).await?;
        let mut tx = self.begin(principal).await?;
        let before =
            tx.view(id).await?.filter(|view| holder.has(&view.sharing)).ok_or(DeskError::NotFound)?;
        holder.may_change(principal, &before.sharing, Scope::AdminSettings)?;
        input::revision(expected_revision, before.revision)?;
        let mut view = before.clone();
        if let Some(name) = &change.name {
            view.name = input::text("name", name, NAME_BYTES_MAX)?.to_owned();
        }
        if let Some(text) = &change.filter {
            view.filter = filter("filter", text)?;
            check_kept_filter(&mut tx, "filter", &view.filter).await?;
        }
        view.sort = change.sort.unwrap_or(view.sort);
        view.group_by = change.group_by.unwrap_or(view.group_by);
        view.columns = change.columns.map_or(view.columns, columns);
        view.sharing = sharing.unwrap_or(view.sharing);
        view.position = change.position.unwrap_or(view.position);
        check_order(view.group_by, view.sort, &view.filter)?;
        if view == before {
            tx.rollback().await?;
            return Ok(before);
        }
        let view = View { updated_at: self.now(), revision: before.revision + 1, ..view };
        tx.update_view(&view).await?;
        tx.record(AuditAction::ViewChanged, id, json!({ "changed": changed(&before, &view) }));
        tx.commit().await?;
        Ok(view)
    }

    /// Deletes a view. The tickets in it stay.
    ///
    /// # Errors
    /// As [`Desk::change_view`].
    pub async fn delete_view(&self, principal: &Principal, id: &ViewId) -> Result<(), DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let mut tx = self.begin(principal).await?;
        let view = tx.view(id).await?.filter(|view| holder.has(&view.sharing)).ok_or(DeskError::NotFound)?;
        holder.may_change(principal, &view.sharing, Scope::AdminSettings)?;
        tx.delete_view(id).await?;
        tx.record(AuditAction::ViewDeleted, id, json!({}));
        tx.commit().await
    }
}

/// Which fields of a view differ.
fn changed(before: &View, after: &View) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("filter", before.filter != after.filter),
        ("sort", before.sort != after.sort),
        ("group_by", before.group_by != after.group_by),
        ("columns", before.columns != after.columns),
        ("sharing", before.sharing != after.sharing),
        ("position", before.position != after.position),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// Each once; the usual where there are none.
fn columns(wanted: Vec<TicketColumn>) -> Vec<TicketColumn> {
    let mut columns: Vec<TicketColumn> = vec![];
    for column in wanted {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    if columns.is_empty() { TicketColumn::USUAL.to_vec() } else { columns }
}
