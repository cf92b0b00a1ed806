//! Macros: kept by people for themselves, their team or everybody; tried on a ticket, and run on it.

use domain::{
    Actions, ActionsOf, AuditAction, HistoryEntry, HistoryId, MacroId, Message, Principal, SAVED_MAX, Scope,
    TicketField, TicketId, TicketMacro, Usage,
};
use serde_json::{Value, json};

use super::action::{Doer, Plan, PlannedMessage};
use crate::{
    Desk, DeskError, ShareWith, TicketRow,
    audit::{RecordedTx, Unrecorded, changed_of},
    input,
    sharing::shared,
};

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// Most that are listed: more than anybody can make, because colleagues share theirs.
const LISTED_MAX: usize = 1_000;

/// A macro to be made.
#[derive(Debug, Clone)]
pub struct NewMacro {
    /// What people call it.
    pub name: String,
    /// What it does, as JSON.
    pub actions: Vec<Value>,
    /// With whom.
    pub sharing: ShareWith,
    /// Its place among the macros.
    pub position: i64,
}

/// What to change of a macro; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct MacroChange {
    /// The new name.
    pub name: Option<String>,
    /// What it does from now on, as JSON.
    pub actions: Option<Vec<Value>>,
    /// With whom it is shared from now on.
    pub sharing: Option<ShareWith>,
    /// Its new place.
    pub position: Option<i64>,
}

/// What a macro would do to a ticket.
#[derive(Debug, Clone)]
pub struct MacroPreview {
    /// The fields that would change, each with its value before and after.
    pub changes: Vec<(TicketField, Option<String>, Option<String>)>,
    /// What it would write.
    pub messages: Vec<PlannedMessage>,
}

/// What a macro did to a ticket.
#[derive(Debug, Clone)]
pub struct MacroRun {
    /// The ticket after it.
    pub ticket: TicketRow,
    /// What it wrote.
    pub messages: Vec<Message>,
}

impl Desk {
    /// The macros that somebody has, by position; at most 1,000.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`.
    pub async fn list_macros(&self, principal: &Principal) -> Result<Vec<TicketMacro>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        Ok(self.0.store.list_macros(holder.me.as_ref(), &holder.teams, LISTED_MAX).await?)
    }

    /// A macro that somebody has.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`] when it is not theirs.
    pub async fn ticket_macro(&self, principal: &Principal, id: &MacroId) -> Result<TicketMacro, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let found = self.0.store.find_macro(id).await?.ok_or(DeskError::NotFound)?;
        if self.holder(principal).await?.has(&found.sharing) { Ok(found) } else { Err(DeskError::NotFound) }
    }

    /// Makes a macro.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, for a team's to who is not in it, for everybody's without `admin:rules`;
    /// [`DeskError::Invalid`], [`DeskError::TooLarge`]; [`DeskError::Conflict`] for who has [`SAVED_MAX`].
    pub async fn create_macro(&self, principal: &Principal, new: NewMacro) -> Result<TicketMacro, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let sharing = self.sharing(principal, &holder, new.sharing, Scope::AdminRules).await?;
        let had = self.0.store.list_macros(holder.me.as_ref(), &holder.teams, SAVED_MAX).await?;
        if had.len() >= SAVED_MAX {
            return Err(DeskError::Conflict(format!("there are {SAVED_MAX} macros already")));
        }
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let new = TicketMacro {
            id: MacroId::new(self.id()),
            name: input::text("name", &new.name, NAME_BYTES_MAX)?.to_owned(),
            actions: self
                .checked_actions(&mut tx, (principal, &holder), &new.actions, ActionsOf::Macro)
                .await?,
            sharing,
            position: new.position,
            usage: Usage::default(),
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        tx.insert_macro(&new).await?;
        tx.record(AuditAction::MacroCreated, &new.id, json!({ "sharing": shared(&new.sharing) }));
        tx.commit().await?;
        Ok(new)
    }

    /// Changes a macro.
    ///
    /// # Errors
    /// As [`Desk::create_macro`]; [`DeskError::NotFound`] when it is not theirs, [`DeskError::Stale`] when
    /// `expected_revision` is not its revision.
    pub async fn change_macro(
        &self,
        principal: &Principal,
        id: &MacroId,
        change: MacroChange,
        expected_revision: Option<i64>,
    ) -> Result<TicketMacro, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let sharing = self.changed_sharing(principal, &holder, change.sharing, Scope::AdminRules).await?;
        let mut tx = self.begin(principal).await?;
        let before = tx.ticket_macro(id).await?.filter(|found| holder.has(&found.sharing));
        let before = before.ok_or(DeskError::NotFound)?;
        holder.may_change(principal, &before.sharing, Scope::AdminRules)?;
        input::revision(expected_revision, before.revision)?;
        let mut changed = before.clone();
        if let Some(name) = &change.name {
            changed.name = input::text("name", name, NAME_BYTES_MAX)?.to_owned();
        }
        if let Some(actions) = &change.actions {
            changed.actions =
                self.checked_actions(&mut tx, (principal, &holder), actions, ActionsOf::Macro).await?;
        }
        changed.sharing = sharing.unwrap_or(changed.sharing);
        changed.position = change.position.unwrap_or(changed.position);
        if changed == before {
            tx.rollback().await?;
            return Ok(before);
        }
        let changed = TicketMacro { updated_at: self.now(), revision: before.revision + 1, ..changed };
        tx.update_macro(&changed).await?;
        let fields = changed_of([
            ("name", before.name != changed.name),
            ("actions", before.actions != changed.actions),
            ("sharing", before.sharing != changed.sharing),
            ("position", before.position != changed.position),
        ]);
        tx.record(AuditAction::MacroChanged, id, json!({ "changed": fields }));
        tx.commit().await?;
        Ok(changed)
    }

    /// Deletes a macro. What it did stays.
    ///
    /// # Errors
    /// As [`Desk::change_macro`].
    pub async fn delete_macro(&self, principal: &Principal, id: &MacroId) -> Result<(), DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let mut tx = self.begin(principal).await?;
        let found = tx.ticket_macro(id).await?.filter(|found| holder.has(&found.sharing));
        holder.may_change(principal, &found.ok_or(DeskError::NotFound)?.sharing, Scope::AdminRules)?;
        tx.delete_macro(id).await?;
        tx.record(AuditAction::MacroDeleted, id, json!({}));
        tx.commit().await
    }

    /// What a macro would do to a ticket. Nothing is written. Rules, routing and clocks, which follow a run, are not tried.
    ///
    /// # Errors
    /// As [`Desk::run_macro`].
    pub async fn preview_macro(
        &self,
        principal: &Principal,
        id: &MacroId,
        ticket_id: &TicketId,
    ) -> Result<MacroPreview, DeskError> {
        let doer = self.doer(principal).await?;
        let holder = doer.holder.as_ref();
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        let found = tx.ticket_macro(id).await?;
        let found = found.filter(|found| holder.is_some_and(|holder| holder.has(&found.sharing)));
        let found = found.ok_or(DeskError::NotFound)?;
        let before = Self::ticket_of(&mut tx, principal, ticket_id).await?;
        let plan = self.whole_plan(&mut tx, &doer, &before, &found.actions).await?;
        tx.rollback().await?;
        Ok(MacroPreview { changes: plan.changes(&before), messages: plan.messages })
    }

    /// Runs a macro on a ticket: all of its actions, or none.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] for a ticket or macro that is not theirs to see,
    /// [`DeskError::Stale`] when `expected_revision` is not the ticket's revision, [`DeskError::Invalid`] with the first action
    /// that cannot be done.
    pub async fn run_macro(
        &self,
        principal: &Principal,
        id: &MacroId,
        ticket_id: &TicketId,
        expected_revision: Option<i64>,
    ) -> Result<MacroRun, DeskError> {
        let doer = self.doer(principal).await?;
        let holder = doer.holder.as_ref();
        let mut tx = self.begin(principal).await?;
        let found = tx.ticket_macro(id).await?;
        let found = found.filter(|found| holder.is_some_and(|holder| holder.has(&found.sharing)));
        let found = found.ok_or(DeskError::NotFound)?;
        let before = Self::ticket_of(&mut tx, principal, ticket_id).await?;
        input::revision(expected_revision, before.revision)?;
        let plan = self.whole_plan(&mut tx, &doer, &before, &found.actions).await?;
        tx.record(AuditAction::TicketMacroRun, ticket_id, json!({ "macro_id": id }));
        tx.insert_history(&HistoryEntry {
            id: HistoryId::new(self.id()),
            ticket_id: ticket_id.clone(),
            at: self.now(),
            by: doer.by.clone(),
            field: TicketField::Macro,
            from: None,
            to: Some(found.name),
        })
        .await?;
        let (ticket, messages) = self.carry_out(&mut tx, &doer.by, &before, plan).await?;
        tx.count_macro(id, self.now()).await?;
        tx.commit().await?;
        Ok(MacroRun { ticket: self.ticket_row(principal, ticket).await?, messages })
    }

    /// The plan of actions that are done as a whole.
    pub(crate) async fn whole_plan(
        &self,
        tx: &mut RecordedTx,
        doer: &Doer,
        before: &domain::Ticket,
        actions: &Actions,
    ) -> Result<Plan, DeskError> {
        let plan = self.plan(tx, doer, before, actions).await?;
        match plan.refused.first() {
            None => Ok(plan),
            Some(refused) => Err(DeskError::invalid("actions", refused.to_string())),
        }
    }

    /// Somebody who does something to tickets.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`.
    pub(crate) async fn doer(&self, principal: &Principal) -> Result<Doer, DeskError> {
        let by = self.author(principal).await?;
        let holder = Some(self.holder(principal).await?);
        Ok(Doer { principal: principal.clone(), by, holder })
    }
}
