//! The checklist of a ticket: putting it together, and ticking it off.

use std::collections::BTreeSet;

use domain::{
    Author, CHECKLIST_ITEMS_MAX, CHECKLIST_TEXT_BYTES_MAX, Checklist, ChecklistItem, ItemDone, Principal,
    Required, Ticket, TicketId,
};

use crate::{Desk, DeskError, TicketRow, input};

/// A checklist as it shall be.
#[derive(Debug, Clone)]
pub struct ChecklistInput {
    /// The items, in order.
    pub items: Vec<ItemInput>,
    /// When all must be done.
    pub required: Required,
}

/// An item as it shall be.
#[derive(Debug, Clone)]
pub struct ItemInput {
    /// Which one it is; absent for a new one.
    pub id: Option<String>,
    /// What is to be done.
    pub text: String,
    /// Whether it is; as it was when absent.
    pub progress: Option<ItemProgress>,
}

/// Whether an item is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemProgress {
    /// It is; who did it first stays who did it.
    Done,
    /// It is not.
    Open,
}

/// What to change of an item; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct ItemChange {
    /// What is to be done.
    pub text: Option<String>,
    /// Whether it is.
    pub progress: Option<ItemProgress>,
}

impl Desk {
    /// Puts another checklist in place of a ticket's. Items that are named by their id stay who they are.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Invalid`] and
    /// [`DeskError::TooLarge`] for what cannot be, [`DeskError::Stale`] when `expected_revision` is not the ticket's.
    pub async fn set_checklist(
        &self,
        principal: &Principal,
        id: &TicketId,
        list: ChecklistInput,
        expected_revision: Option<i64>,
    ) -> Result<TicketRow, DeskError> {
        if list.items.len() > CHECKLIST_ITEMS_MAX {
            return Err(DeskError::invalid("items", format!("at most {CHECKLIST_ITEMS_MAX}")));
        }
        let build = |before: &Ticket, by: &Author| {
            let mut named = BTreeSet::new();
            let mut items = Vec::with_capacity(list.items.len());
            for item in &list.items {
                let text = input::text("items", &item.text, CHECKLIST_TEXT_BYTES_MAX)?.to_owned();
                let known = match &item.id {
                    None => None,
                    Some(id) => {
                        let mut all = before.handling.checklist.items.iter();
                        let known = all.find(|known| known.id == *id && named.insert(id.clone()));
                        let message = || format!("there is no item {id:?}, or it is named twice");
                        Some(known.ok_or_else(|| DeskError::invalid("items", message()))?)
                    }
                };
                let before = known.and_then(|known| known.done.clone());
                let done = match item.progress {
                    Some(progress) => self.done(before, progress, by),
                    None => before,
                };
                let id = known.map_or_else(|| self.id(), |known| known.id.clone());
                items.push(ChecklistItem { id, text, done });
            }
            Ok(Checklist { items, required: list.required })
        };
        self.save_checklist(principal, id, expected_revision, build).await
    }

    /// Changes one item of a ticket's checklist.
    ///
    /// # Errors
    /// As [`Desk::set_checklist`]; [`DeskError::NotFound`] also for an item that is not there.
    pub async fn change_checklist_item(
        &self,
        principal: &Principal,
        id: &TicketId,
        item_id: &str,
        change: ItemChange,
    ) -> Result<TicketRow, DeskError> {
        let build = |before: &Ticket, by: &Author| {
            let mut list = before.handling.checklist.clone();
            let item = list.items.iter_mut().find(|item| item.id == item_id).ok_or(DeskError::NotFound)?;
            if let Some(text) = &change.text {
                item.text = input::text("text", text, CHECKLIST_TEXT_BYTES_MAX)?.to_owned();
            }
            if let Some(progress) = change.progress {
                item.done = self.done(item.done.take(), progress, by);
            }
            Ok(list)
        };
        self.save_checklist(principal, id, None, build).await
    }

    async fn save_checklist(
        &self,
        principal: &Principal,
        id: &TicketId,
        expected_revision: Option<i64>,
        build: impl Fn(&Ticket, &Author) -> Result<Checklist, DeskError>,
    ) -> Result<TicketRow, DeskError> {
        let by = self.author(principal).await?;
        let mut tx = self.begin(principal).await?;
        let before = Self::ticket_of(&mut tx, principal, id).await?;
        input::revision(expected_revision, before.revision)?;
        let mut after = before.clone();
        after.handling.checklist = build(&before, &by)?;
        if after == before {
            tx.rollback().await?;
            return self.ticket_row(principal, before).await;
        }
        if before.changes(&after).is_empty() {
            // Another order is no change of an item, and is recorded all the same.
            let details = serde_json::json!({ "checklist": "order" });
            tx.record(domain::AuditAction::TicketChanged, id, details);
        }
        let ticket = self.save_ticket(&mut tx, &before, after, &by).await?;
        tx.commit().await?;
        self.ticket_row(principal, ticket).await
    }

    fn done(&self, before: Option<ItemDone>, progress: ItemProgress, by: &Author) -> Option<ItemDone> {
        let name = match by {
            Author::Agent { name, .. } => name.as_str(),
            Author::Customer | Author::Bot | Author::System | Author::Rule { .. } => "Askwell",
        };
        match progress {
            ItemProgress::Open => None,
            ItemProgress::Done => {
                Some(before.unwrap_or_else(|| ItemDone { at: self.now(), by: name.to_owned() }))
            }
        }
    }
}
