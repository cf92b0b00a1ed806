//! Links between tickets: parent and child, related, duplicate.

use domain::{
    AuditAction, Author, Deed, LINKS_MAX, Link, LinkEnd, LinkId, LinkKind, Operation, PARENTS_MAX, Principal,
    Ticket, TicketField, TicketId,
};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx};

impl Desk {
    /// Links two tickets: `other` is what `end` says to the ticket.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] where either is not this principal's to see,
    /// [`DeskError::Invalid`] for a ticket and itself, [`DeskError::Conflict`] where they are linked, there are [`LINKS_MAX`], or
    /// a ticket would be above itself.
    pub async fn link_tickets(
        &self,
        principal: &Principal,
        id: &TicketId,
        end: LinkEnd,
        other: &TicketId,
    ) -> Result<Operation, DeskError> {
        let by = self.author(principal).await?;
        let mut tx = self.begin(principal).await?;
        let (ticket, other) = Self::both_of(&mut tx, principal, id, other).await?;
        let link = Link::new(LinkId::new(self.id()), &ticket.id, end, &other.id, by.clone(), self.now());
        self.add_link(&mut tx, &link, [&ticket, &other], &by).await?;
        tx.record(AuditAction::TicketLinked, id, json!({ "other_id": other.id, "kind": end.as_str() }));
        let operation = self.keep(&mut tx, &ticket.id, &other.id, Deed::Link { link }, &by).await?;
        tx.commit().await?;
        Ok(operation)
    }

    /// Takes a link away.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] where the link is not the ticket's or either
    /// ticket not this principal's to see.
    pub async fn unlink_tickets(
        &self,
        principal: &Principal,
        id: &TicketId,
        link_id: &LinkId,
    ) -> Result<Operation, DeskError> {
        let by = self.author(principal).await?;
        let mut tx = self.begin(principal).await?;
        Self::ticket_of(&mut tx, principal, id).await?;
        let link = tx.links(id).await?.into_iter().find(|link| link.id == *link_id);
        let link = link.ok_or(DeskError::NotFound)?;
        let (_, other) = link.seen_from(id).ok_or(DeskError::NotFound)?;
        let (ticket, other) = Self::both_of(&mut tx, principal, id, other).await?;
        self.remove_link(&mut tx, &link, [&ticket, &other], &by).await?;
        tx.record(AuditAction::TicketUnlinked, id, json!({ "other_id": other.id }));
        let operation = self.keep(&mut tx, &ticket.id, &other.id, Deed::Unlink { link }, &by).await?;
        tx.commit().await?;
        Ok(operation)
    }

    /// Stores a link, with its history on both sides.
    pub(crate) async fn add_link(
        &self,
        tx: &mut RecordedTx,
        link: &Link,
        tickets: [&Ticket; 2],
        by: &Author,
    ) -> Result<(), DeskError> {
        check(tx, link).await?;
        tx.insert_link(link).await?;
        for ticket in tickets {
            self.note_change(tx, ticket, by, TicketField::Links, None, value(link, ticket)).await?;
            self.save_ticket(tx, ticket, ticket.clone(), by).await?;
        }
        Ok(())
    }

    /// Takes a link away, with its history on both sides.
    pub(crate) async fn remove_link(
        &self,
        tx: &mut RecordedTx,
        link: &Link,
        tickets: [&Ticket; 2],
        by: &Author,
    ) -> Result<(), DeskError> {
        tx.delete_link(&link.id).await?;
        for ticket in tickets {
            self.note_change(tx, ticket, by, TicketField::Links, value(link, ticket), None).await?;
            self.save_ticket(tx, ticket, ticket.clone(), by).await?;
        }
        Ok(())
    }
}

/// A link as the history of one of its tickets tells it: `child 01J…`.
fn value(link: &Link, ticket: &Ticket) -> Option<String> {
    link.seen_from(&ticket.id).map(|(end, other)| format!("{} {other}", end.as_str()))
}

/// Refuses a link that cannot be.
async fn check(tx: &mut RecordedTx, link: &Link) -> Result<(), DeskError> {
    let (first, second) = (&link.ticket_id, &link.other_id);
    if first == second {
        return Err(DeskError::invalid("ticket_id", "a ticket is not linked to itself"));
    }
    let links = tx.links(first).await?;
    if links.iter().any(|known| known.seen_from(second).is_some()) {
        return Err(DeskError::Conflict("these tickets are linked already".to_owned()));
    }
    let of_second = tx.links(second).await?;
    if links.len().max(of_second.len()) >= LINKS_MAX {
        return Err(DeskError::Conflict(format!("a ticket has at most {LINKS_MAX} links")));
    }
    if link.kind != LinkKind::Parent {
        return Ok(());
    }
    if parent(&of_second, second).is_some() {
        return Err(DeskError::Conflict("the child has a parent already".to_owned()));
    }
    let mut above = Some(first.clone());
    for _ in 0..PARENTS_MAX {
        let Some(id) = above else { return Ok(()) };
        if id == *second {
            return Err(DeskError::Conflict("a ticket cannot be above itself".to_owned()));
        }
        above = parent(&tx.links(&id).await?, &id);
    }
    Err(DeskError::Conflict(format!("at most {PARENTS_MAX} tickets stand above one another")))
}

fn parent(links: &[Link], id: &TicketId) -> Option<TicketId> {
    let is_above = |link: &&Link| link.kind == LinkKind::Parent && link.other_id == *id;
    links.iter().find(is_above).map(|link| link.ticket_id.clone())
}
