//! Who else has to do with a ticket: agents who follow it, and addresses in copy.

use std::collections::BTreeSet;

use domain::{CC_MAX, FOLLOWERS_MAX, Principal, Ticket, TicketId, UserId};

use crate::{Desk, DeskError, TicketRow, audit::RecordedTx, input};

impl Desk {
    /// Lets a person follow a ticket.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] for a ticket that is not this principal's to
    /// see, [`DeskError::Invalid`] for a person who cannot follow it, [`DeskError::Conflict`] beyond [`FOLLOWERS_MAX`].
    pub async fn follow_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
        user_id: &UserId,
    ) -> Result<TicketRow, DeskError> {
        let by = self.author(principal).await?;
        let mut tx = self.begin(principal).await?;
        let before = Self::ticket_of(&mut tx, principal, id).await?;
        let after = self.with_follower(&mut tx, before.clone(), user_id).await?;
        if after == before {
            tx.rollback().await?;
            return self.ticket_row(principal, after).await;
        }
        let ticket = self.save_ticket(&mut tx, &before, after, &by).await?;
        tx.commit().await?;
        self.ticket_row(principal, ticket).await
    }

    /// Lets a person no longer follow a ticket. Who does not follow it stays so.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`].
    pub async fn unfollow_ticket(
        &self,
        principal: &Principal,
        id: &TicketId,
        user_id: &UserId,
    ) -> Result<TicketRow, DeskError> {
        let by = self.author(principal).await?;
        let mut tx = self.begin(principal).await?;
        let before = Self::ticket_of(&mut tx, principal, id).await?;
        let mut after = before.clone();
        if !after.handling.followers.remove(user_id) {
            tx.rollback().await?;
            return self.ticket_row(principal, before).await;
        }
        let ticket = self.save_ticket(&mut tx, &before, after, &by).await?;
        tx.commit().await?;
        self.ticket_row(principal, ticket).await
    }

    /// The ticket with one more person who follows it; not stored yet.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for who is not there, is deactivated or may not read the ticket; [`DeskError::Conflict`] beyond
    /// [`FOLLOWERS_MAX`].
    pub(crate) async fn with_follower(
        &self,
        tx: &mut RecordedTx,
        mut ticket: Ticket,
        user_id: &UserId,
    ) -> Result<Ticket, DeskError> {
        if ticket.handling.followers.contains(user_id) {
            return Ok(ticket);
        }
        let user = tx.user(user_id).await?.filter(domain::User::is_active);
        let may_see = match &user {
            Some(user) => self.may_read(user).await? && self.sight_of(user).await?.sees(&ticket.team),
            None => false,
        };
        if !may_see {
            let message = "there is no such person, or they do not see this ticket";
            return Err(DeskError::invalid("user_id", message));
        }
        if ticket.handling.followers.len() >= FOLLOWERS_MAX {
            return Err(DeskError::Conflict(format!("{FOLLOWERS_MAX} people follow this ticket already")));
        }
        ticket.handling.followers.insert(user_id.clone());
        Ok(ticket)
    }
}

/// Addresses to put in copy of a ticket, as people write them.
///
/// # Errors
/// [`DeskError::Invalid`] for what is no address, and beyond [`CC_MAX`].
pub(crate) fn copies(texts: &[String]) -> Result<BTreeSet<String>, DeskError> {
    let mut addresses = BTreeSet::new();
    for text in texts {
        let address = input::email(text).map_err(|_| {
            DeskError::invalid("cc", format!("{text:?}: write an address such as cy@example.org"))
        })?;
        addresses.insert(address);
    }
    if addresses.len() > CC_MAX {
        return Err(DeskError::invalid("cc", format!("at most {CC_MAX} addresses")));
    }
    Ok(addresses)
}
