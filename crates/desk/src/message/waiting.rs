//! Replies that wait: set for a time, or for as long as they can be taken back. Whoever sends them does so in one transaction with
//! taking them out of the queue, so each is sent once.

use domain::{
    AttachmentId, AuditAction, Author, MessageId, MessageKind, Principal, SEND_AHEAD_DAYS_MAX, Scope,
    StopReason, Ticket, TicketId, TicketSight, TicketStatus, Timestamp, WAITING_REPLIES_MAX, WaitingReply,
    Writer,
};
use serde_json::json;

use super::{
    Body, BodyFormat, NewReply,
    reply::{Letter, sent, speaker},
};
use crate::{Desk, DeskError, TicketChange, audit::RecordedTx, sweep::Sweep};

/// Replies that one sweep of the worker sends; the next sweep takes the rest.
const DUE_PER_SWEEP: i64 = 100;
const DAY_MS: i64 = 86_400_000;

/// What to change of a reply that waits; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct WaitingChange {
    /// What it says, and in which format.
    pub body: Option<(String, BodyFormat)>,
    /// When it is sent.
    pub send_at: Option<Timestamp>,
    /// Its files, in place of those it has.
    pub attachments: Option<Vec<AttachmentId>>,
}

impl Desk {
    /// The replies that wait in a ticket, the next one first, and those that could not be sent.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`].
    pub async fn waiting_replies(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Vec<WaitingReply>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        self.0.store.find_ticket(principal, id).await?.ok_or(DeskError::NotFound)?;
        Ok(self.0.store.list_waiting_replies(principal, id).await?)
    }

    /// When a reply is to be sent, if not at once. People can take theirs back for as long as the site lets them; what a program
    /// sends is sent, unless it names a time.
    pub(crate) fn send_time(
        &self,
        principal: &Principal,
        send_at: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, DeskError> {
        let now = self.now();
        let Some(send_at) = send_at else {
            let undo_s = self.0.config.replies.undo_send_s;
            let waits = undo_s > 0 && matches!(principal, Principal::Staff { .. });
            return Ok(waits.then(|| now.plus_seconds(undo_s)));
        };
        if send_at <= now {
            return Err(DeskError::invalid("send_at", "name a time that is to come, or leave it out"));
        }
        if send_at.0 - now.0 > SEND_AHEAD_DAYS_MAX * DAY_MS {
            return Err(DeskError::invalid("send_at", format!("at most {SEND_AHEAD_DAYS_MAX} days ahead")));
        }
        Ok(Some(send_at))
    }

    pub(crate) async fn let_wait(
        &self,
        principal: &Principal,
        id: &TicketId,
        new: NewReply,
        send_at: Timestamp,
    ) -> Result<WaitingReply, DeskError> {
        let author = self.author(principal).await?;
        let (Some(writer), Author::Agent { name, .. }) = (Writer::of(principal), &author) else {
            return Err(DeskError::Forbidden);
        };
        let body = Body::of(&new.body, new.format).await?;
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_to_reply_to(&mut tx, principal, id).await?;
        if tx.count_waiting_replies(id).await? >= WAITING_REPLIES_MAX {
            let message = format!("{WAITING_REPLIES_MAX} replies wait in this ticket, as many as can");
            return Err(DeskError::Conflict(message));
        }
        let reply = WaitingReply {
            id: MessageId::new(self.id()),
            ticket_id: id.clone(),
            writer,
            writer_name: name.clone(),
            body: body.markdown,
            html: body.html,
            suggestion_id: new.suggestion_id,
            then: new.then,
            send_at,
            stopped: None,
            customer_wrote_at: None,
            created_at: self.now(),
        };
        tx.insert_waiting_reply(&reply).await?;
        // Who writes an answer has taken the ticket on, whenever it is sent.
        self.note_touch(&mut tx, &ticket, &ticket, &author).await?;
        Self::bind_attachments(&mut tx, principal, &new.attachments, &reply.id).await?;
        let details = json!({ "message_id": reply.id, "send_at_ms": send_at });
        tx.record(AuditAction::TicketReplyScheduled, id, details);
        tx.commit().await?;
        Ok(reply)
    }

    /// Changes a reply of one's own that waits, or that was stopped: it waits again then.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write` and for somebody else's, [`DeskError::NotFound`] once it is sent or taken
    /// back; otherwise as [`Desk::send_reply`].
    pub async fn change_waiting_reply(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
        id: &MessageId,
        change: WaitingChange,
    ) -> Result<WaitingReply, DeskError> {
        let author = self.author(principal).await?;
        let send_at = match change.send_at {
            Some(send_at) => self.send_time(principal, Some(send_at))?,
            None => None,
        };
        let body = match &change.body {
            Some((text, format)) => Some(Body::of(text, *format).await?),
            None => None,
        };
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_to_reply_to(&mut tx, principal, ticket_id).await?;
        let mut reply = Self::waiting_reply_of(&mut tx, ticket_id, id).await?;
        if Writer::of(principal).as_ref() != Some(&reply.writer) {
            return Err(DeskError::Forbidden);
        }
        if let Some(body) = body {
            (reply.body, reply.html) = (body.markdown, body.html);
        }
        reply.send_at = send_at.unwrap_or(reply.send_at);
        // Whoever changes it has seen what came in between.
        (reply.stopped, reply.customer_wrote_at) = (None, None);
        tx.update_waiting_reply(&reply).await?;
        self.note_touch(&mut tx, &ticket, &ticket, &author).await?;
        if let Some(attachments) = &change.attachments {
            tx.free_attachments(id, self.now()).await?;
            Self::bind_attachments(&mut tx, principal, attachments, id).await?;
        }
        let details = json!({ "message_id": id, "send_at_ms": reply.send_at });
        tx.record(AuditAction::TicketReplyRewritten, ticket_id, details);
        tx.commit().await?;
        Ok(reply)
    }

    /// Takes a reply back that waits, whoever wrote it. Its files belong to nothing again, and are deleted after a day.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] once it is sent or taken back.
    pub async fn cancel_waiting_reply(
        &self,
        principal: &Principal,
        ticket_id: &TicketId,
        id: &MessageId,
    ) -> Result<WaitingReply, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let mut tx = self.begin(principal).await?;
        Self::ticket_of(&mut tx, principal, ticket_id).await?;
        let reply = Self::waiting_reply_of(&mut tx, ticket_id, id).await?;
        tx.delete_waiting_reply(id).await?;
        tx.free_attachments(id, self.now()).await?;
        tx.record(AuditAction::TicketReplyCancelled, ticket_id, json!({ "message_id": id }));
        tx.commit().await?;
        Ok(reply)
    }

    /// Sends the replies whose time has come. Gives how many it looked at. Two processes may do so at once: each is sent once.
    ///
    /// # Errors
    /// Those of the database. One that cannot be sent does not keep the others waiting; the first error is returned once all
    /// were tried.
    pub async fn send_due_replies(&self) -> Result<usize, DeskError> {
        let mut sweep = Sweep::new(DUE_PER_SWEEP);
        while let Some(limit) = sweep.next_round() {
            for id in sweep.untried(self.0.store.list_due_replies(self.now(), limit).await?) {
                let done = self.send_due_reply(&id).await;
                sweep.note(id, done.map(|()| true));
            }
        }
        sweep.outcome()
    }

    async fn send_due_reply(&self, id: &MessageId) -> Result<(), DeskError> {
        let now = self.now();
        let mut tx = self.begin(&Principal::System).await?;
        let found = tx.waiting_reply(id).await?;
        // Somebody else was faster: it was sent, taken back or set for another time.
        let Some(reply) = found.filter(|reply| reply.stopped.is_none() && reply.send_at <= now) else {
            return tx.rollback().await;
        };
        let ticket = tx.ticket(&reply.ticket_id).await?.ok_or(DeskError::NotFound)?;
        let writer = self.writer_now(&mut tx, &reply.writer).await?;
        let writer =
            writer.filter(|writer| writer.may(Scope::TicketsWrite) && writer.sees_team(&ticket.team));
        let stopped = match &writer {
            None => Some(StopReason::AuthorGone),
            Some(_) if ticket.status == TicketStatus::Closed => Some(StopReason::TicketClosed),
            Some(_) => None,
        };
        match (stopped, writer) {
            (None, Some(writer)) => {
                tx.act_for(&writer);
                let message = sent(&reply, now);
                tx.delete_waiting_reply(id).await?;
                let letter = Letter {
                    message: &message,
                    speaker: Some(speaker(&reply.writer)),
                    suggestion_id: reply.suggestion_id.as_ref(),
                };
                self.say(&mut tx, &ticket, letter).await?;
                if let Some(then) = reply.then {
                    match self.after_reply(&mut tx, &writer, &reply.ticket_id, then).await {
                        Ok((before, after)) => {
                            self.save_then(&mut tx, &before, after, &message.author).await?;
                        }
                        // A field is missing meanwhile, or something is left to do: the ticket stays as it is.
                        Err(DeskError::Invalid { .. } | DeskError::Conflict(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            (reason, _) => {
                let reason = reason.unwrap_or(StopReason::AuthorGone);
                self.stop_reply(&mut tx, &reply, reason).await?;
                self.store_change(&mut tx, &ticket, ticket.clone(), &Author::System).await?;
            }
        }
        tx.commit().await
    }

    /// A ticket as it stands after a reply, and with the status that was chosen with it; that one is not stored yet.
    ///
    /// # Errors
    /// As [`Desk::change_ticket`].
    pub(super) async fn after_reply(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        id: &TicketId,
        then: TicketStatus,
    ) -> Result<(Ticket, Ticket), DeskError> {
        let before = tx.ticket(id).await?.ok_or(DeskError::NotFound)?;
        if before.status == then {
            return Ok((before.clone(), before));
        }
        let change = TicketChange { status: Some(then), ..TicketChange::default() };
        let after = self.changed(tx, principal, &before, change).await?;
        Ok((before, after))
    }

    /// Stores a ticket in the status that was chosen with a reply, unless it has it already.
    pub(super) async fn save_then(
        &self,
        tx: &mut RecordedTx,
        before: &Ticket,
        after: Ticket,
        by: &Author,
    ) -> Result<(), DeskError> {
        if after != *before {
            self.save_ticket(tx, before, after, by).await?;
        }
        Ok(())
    }

    /// Keeps a reply that cannot be sent, and says so in the ticket's thread.
    async fn stop_reply(
        &self,
        tx: &mut RecordedTx,
        reply: &WaitingReply,
        reason: StopReason,
    ) -> Result<(), DeskError> {
        tx.update_waiting_reply(&WaitingReply { stopped: Some(reason), ..reply.clone() }).await?;
        let name = &reply.writer_name;
        let why = match reason {
            StopReason::AuthorGone => "who wrote it may no longer write here",
            StopReason::TicketClosed => "the ticket is closed",
        };
        let text = format!("A reply of {name} that waited was not sent: {why}");
        let event = domain::Message {
            kind: MessageKind::Event,
            ..self.message(&reply.ticket_id, Author::System, &text)
        };
        tx.insert_message(&event).await?;
        let details = json!({ "message_id": reply.id, "reason": reason.as_str() });
        tx.record(AuditAction::TicketReplyStopped, &reply.ticket_id, details);
        Ok(())
    }

    /// What somebody who wrote earlier may do now; nothing for who is gone.
    pub(crate) async fn writer_now(
        &self,
        tx: &mut RecordedTx,
        writer: &Writer,
    ) -> Result<Option<Principal>, DeskError> {
        match writer {
            Writer::Person(id) => {
                let Some(user) = tx.user(id).await?.filter(domain::User::is_active) else { return Ok(None) };
                let (scopes, sight) = (self.scopes_of(&user).await?, self.sight_of(&user).await?);
                Ok(Some(Principal::Staff { id: id.clone(), scopes, sight }))
            }
            Writer::Key(id) => {
                let key = tx.api_key(id).await?.filter(|key| key.is_alive(self.now()));
                Ok(key.map(|key| Principal::ApiKey {
                    id: id.clone(),
                    scopes: key.scopes,
                    sight: key.teams.map_or(TicketSight::All, TicketSight::Teams),
                }))
            }
        }
    }

    async fn waiting_reply_of(
        tx: &mut RecordedTx,
        ticket_id: &TicketId,
        id: &MessageId,
    ) -> Result<WaitingReply, DeskError> {
        let found = tx.waiting_reply(id).await?;
        found.filter(|reply| reply.ticket_id == *ticket_id).ok_or(DeskError::NotFound)
    }
}
