//! Merging two customers who are one person, and undoing that: everything that was moved is written down and moved back.

use domain::{
    AuditAction, ConversationId, Customer, CustomerId, Event, IDENTITIES_MAX, Identity, MERGE_DEPTH_MAX,
    MERGE_MOVES_MAX, MERGE_UNDO_MS, Merge, MergeId, Moved, NOTES_MAX, NoteAbout, Principal, Profile, Scope,
    Ticket, TicketId, Timestamp, merged, unmerged,
};
use serde_json::json;

use crate::{Desk, DeskError, audit::RecordedTx};

/// Merges of one customer that are listed.
const MERGES_LISTED: usize = 100;

/// A merge, and what of it can be done now.
#[derive(Debug, Clone)]
pub struct MergeView {
    /// The merge.
    pub merge: Merge,
    /// Whether it can still be undone, as far as time goes.
    pub is_open: bool,
}

impl Desk {
    /// Merges a customer into another, who has from then on all that was theirs. What both are known to be stays that of who goes
    /// on; gaps are filled.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`] without one of them, [`DeskError::Invalid`] for one and the same, [`DeskError::Conflict`] where
    /// there is too much to move at once.
    pub async fn merge_customers(
        &self,
        principal: &Principal,
        kept: &CustomerId,
        other: &CustomerId,
    ) -> Result<MergeView, DeskError> {
        Self::require_merge(principal)?;
        let by = self.author_of(principal).await?;
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let kept = Self::customer_to_change(&mut tx, kept).await?;
        let other = Self::customer_to_change(&mut tx, other).await?;
        if kept.id == other.id {
            return Err(DeskError::invalid("customer_id", "this is the same customer"));
        }
        let (tickets, identities, mut moved) = self.to_be_moved(&mut tx, &kept, &other).await?;
        // Nothing has happened in these tickets, so that no rule hears of it and no clock moves.
        for ticket in tickets {
            let theirs = Ticket { customer_id: Some(kept.id.clone()), ..ticket.clone() };
            self.store_change(&mut tx, &ticket, theirs, &by).await?;
        }
        for id in &moved.conversations {
            tx.move_conversation(id, &kept.id).await?;
        }
        for id in &moved.notes {
            tx.move_note(id, &kept.id).await?;
        }
        tx.move_learned(&moved.solved, &moved.proposals, &kept.id).await?;
        let gone = Customer {
            email: None,
            merged_into: Some(kept.id.clone()),
            revision: other.revision + 1,
            ..other.clone()
        };
        tx.update_customer(&gone).await?;
        for identity in identities {
            // Answers went there: that it is theirs is what the merge says.
            let is_primary = other.email.as_ref() == Some(&identity.value);
            let verified_at = identity.verified_at.or(is_primary.then_some(now));
            tx.update_identity(&Identity { customer_id: kept.id.clone(), verified_at, ..identity }).await?;
        }
        let after = self.store_customer(&mut tx, merged(&kept, &other)).await?;
        moved.after = Profile::of(&after);
        let merge = Merge {
            id: MergeId::new(self.id()),
            kept_id: kept.id.clone(),
            merged_id: other.id.clone(),
            at: now,
            ends_at: Timestamp(now.0 + MERGE_UNDO_MS),
            undone_at: None,
            moved,
        };
        tx.insert_merge(&merge).await?;
        tx.emit(&Event::CustomerChanged { customer_id: other.id.clone() }, now).await?;
        tx.record(AuditAction::CustomerMerged, &kept.id, told(&merge));
        tx.commit().await?;
        Ok(MergeView { merge, is_open: true })
    }

    /// The merges of a customer, the newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:read`, [`DeskError::NotFound`].
    pub async fn list_merges(
        &self,
        principal: &Principal,
        id: &CustomerId,
    ) -> Result<Vec<MergeView>, DeskError> {
        Self::require(principal, Scope::CustomersRead)?;
        let customer = self.customer_now(id).await?;
        let now = self.now();
        let merges = self.0.store.list_merges(&customer.id, MERGES_LISTED).await?;
        let views = merges
            .into_iter()
            .map(|merge| MergeView { is_open: merge.undone_at.is_none() && now < merge.ends_at, merge });
        Ok(views.collect())
    }

    /// Undoes a merge: who was merged is a customer again, with the tickets, conversations, identities and notes that were
    /// theirs. What came since stays with who went on.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `customers:write`, [`DeskError::Limited`] without the sight of all tickets,
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] when it was undone, its time is over, or what was moved is no longer
    /// where it was moved to.
    pub async fn undo_merge(
        &self,
        principal: &Principal,
        id: &CustomerId,
        merge_id: &MergeId,
    ) -> Result<Merge, DeskError> {
        Self::require_merge(principal)?;
        let by = self.author_of(principal).await?;
        let mut tx = self.begin(principal).await?;
        let merge =
            tx.merge(merge_id).await?.filter(|merge| merge.kept_id == *id).ok_or(DeskError::NotFound)?;
        let (kept, other) = self.still_merged(&mut tx, &merge).await?;
        let moved = &merge.moved;
        let tickets = tickets_still_theirs(&mut tx, &kept, &moved.tickets).await?;
        conversations_still_theirs(&mut tx, &kept, &moved.conversations).await?;
        let identities = identities_still_theirs(&mut tx, &kept, moved).await?;
        let back = unmerged(kept.clone(), &moved.before, &moved.after);
        if identities.iter().any(|identity| back.email.as_ref() == Some(&identity.value)) {
            return Err(refused(
                "answers go to an address that came with the merge; make another the primary one",
            ));
        }
        for ticket in tickets {
            let theirs = Ticket { customer_id: Some(other.id.clone()), ..ticket.clone() };
            self.store_change(&mut tx, &ticket, theirs, &by).await?;
        }
        for id in &moved.conversations {
            tx.move_conversation(id, &other.id).await?;
        }
        // A note that was deleted since stays deleted.
        let notes = tx.note_ids(&NoteAbout::Customer(kept.id.clone())).await?;
        for id in moved.notes.iter().filter(|id| notes.contains(id)) {
            tx.move_note(id, &other.id).await?;
        }
        tx.move_learned(&moved.solved, &moved.proposals, &other.id).await?;
        for identity in identities {
            tx.update_identity(&Identity { customer_id: other.id.clone(), ..identity }).await?;
        }
        self.store_customer(&mut tx, back).await?;
        let again = Customer { email: moved.email.clone(), merged_into: None, ..other };
        self.store_customer(&mut tx, again).await?;
        tx.mark_merge_undone(merge_id, self.now()).await?;
        tx.record(AuditAction::CustomerMergeUndone, &kept.id, told(&merge));
        tx.commit().await?;
        Ok(Merge { undone_at: Some(self.now()), ..merge })
    }

    /// All that is the other's, within what one merge moves.
    async fn to_be_moved(
        &self,
        tx: &mut RecordedTx,
        kept: &Customer,
        other: &Customer,
    ) -> Result<(Vec<Ticket>, Vec<Identity>, Moved), DeskError> {
        let limit = MERGE_MOVES_MAX as i64 + 1;
        let ticket_ids = tx.tickets_of_customer(&other.id, limit).await?;
        let conversations = tx.conversations_of_customer(&other.id, limit).await?;
        if ticket_ids.len() + conversations.len() > MERGE_MOVES_MAX {
            return Err(DeskError::Conflict(format!(
                "a merge moves at most {MERGE_MOVES_MAX} tickets and conversations; merge the other way round"
            )));
        }
        let identities = tx.identities(&other.id).await?;
        if identities.len() + tx.identities(&kept.id).await?.len() > IDENTITIES_MAX {
            return Err(DeskError::Conflict(format!("a customer has at most {IDENTITIES_MAX} identities")));
        }
        let notes = tx.note_ids(&NoteAbout::Customer(other.id.clone())).await?;
        if notes.len() + tx.note_ids(&NoteAbout::Customer(kept.id.clone())).await?.len() > NOTES_MAX {
            return Err(DeskError::Conflict(format!("there would be more than {NOTES_MAX} notes")));
        }
        if depth(tx, &other.id).await? + 1 > MERGE_DEPTH_MAX {
            return Err(DeskError::Conflict("this customer was merged too often already".to_owned()));
        }
        let mut tickets = Vec::with_capacity(ticket_ids.len());
        for id in &ticket_ids {
            tickets.push(tx.ticket(id).await?.ok_or(DeskError::NotFound)?);
        }
        let moved = Moved {
            tickets: ticket_ids,
            conversations,
            identities: identities.iter().map(|one| (one.id.clone(), one.verified_at)).collect(),
            notes,
            solved: tx.solved_of_customer(&other.id).await?,
            proposals: tx.proposals_of_customer(&other.id).await?,
            email: other.email.clone(),
            before: Profile::of(kept),
            after: Profile::of(kept),
        };
        Ok((tickets, identities, moved))
    }

    /// Who went on and who was merged, where that can still be undone.
    async fn still_merged(
        &self,
        tx: &mut RecordedTx,
        merge: &Merge,
    ) -> Result<(Customer, Customer), DeskError> {
        if merge.undone_at.is_some() {
            return Err(refused("this merge was undone already"));
        }
        if self.now() >= merge.ends_at {
            return Err(refused("a merge can be undone for 30 days"));
        }
        let kept = tx.customer(&merge.kept_id).await?.ok_or(DeskError::NotFound)?;
        let other = tx.customer(&merge.merged_id).await?.ok_or(DeskError::NotFound)?;
        if kept.merged_into.is_some() {
            return Err(refused("this customer was merged into another one since; undo that first"));
        }
        if other.merged_into.as_ref() != Some(&kept.id) {
            return Err(refused("the other customer is no longer merged into this one"));
        }
        Ok((kept, other))
    }

    /// Who merges moves tickets of all teams.
    fn require_merge(principal: &Principal) -> Result<(), DeskError> {
        Self::require_of_all(principal, Scope::CustomersWrite)
    }
}

fn refused(why: &str) -> DeskError {
    DeskError::Conflict(why.to_owned())
}

fn told(merge: &Merge) -> serde_json::Value {
    json!({
        "merge_id": merge.id,
        "merged_id": merge.merged_id,
        "n_tickets": merge.moved.tickets.len(),
        "n_conversations": merge.moved.conversations.len(),
        "n_identities": merge.moved.identities.len(),
    })
}

/// How often somebody was merged into another, that one further, at the most.
async fn depth(tx: &mut RecordedTx, id: &CustomerId) -> Result<usize, DeskError> {
    let mut level = vec![id.clone()];
    for depth in 1..=MERGE_DEPTH_MAX {
        let mut next = vec![];
        for id in &level {
            next.extend(tx.customers_merged_into(id).await?);
        }
        if next.is_empty() {
            return Ok(depth);
        }
        level = next;
    }
    Ok(MERGE_DEPTH_MAX)
}

async fn tickets_still_theirs(
    tx: &mut RecordedTx,
    kept: &Customer,
    ids: &[TicketId],
) -> Result<Vec<Ticket>, DeskError> {
    let mut tickets = Vec::with_capacity(ids.len());
    for id in ids {
        match tx.ticket(id).await? {
            Some(ticket) if ticket.customer_id.as_ref() == Some(&kept.id) => tickets.push(ticket),
            Some(ticket) => {
                return Err(refused(&format!("ticket {} is another customer's since", ticket.number)));
            }
            None => return Err(refused("a ticket that was moved is gone")),
        }
    }
    Ok(tickets)
}

async fn conversations_still_theirs(
    tx: &mut RecordedTx,
    kept: &Customer,
    ids: &[ConversationId],
) -> Result<(), DeskError> {
    for id in ids {
        let found = tx.conversation(id).await?;
        if found.is_none_or(|conversation| conversation.customer_id.as_ref() != Some(&kept.id)) {
            return Err(refused("a conversation that was moved is another customer's since"));
        }
    }
    Ok(())
}

/// The identities that were moved, as they were verified before.
async fn identities_still_theirs(
    tx: &mut RecordedTx,
    kept: &Customer,
    moved: &Moved,
) -> Result<Vec<Identity>, DeskError> {
    let now = tx.identities(&kept.id).await?;
    let mut identities = Vec::with_capacity(moved.identities.len());
    for (id, verified_at) in &moved.identities {
        let Some(identity) = now.iter().find(|identity| identity.id == *id) else {
            return Err(refused("an address or other identity that was moved was removed since"));
        };
        identities.push(Identity { verified_at: *verified_at, ..identity.clone() });
    }
    Ok(identities)
}
