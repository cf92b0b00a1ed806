//! Answering a ticket: a reply that the customer reads, now or later, or a note that only the team reads.

use domain::{
    AttachmentId, AuditAction, Author, Event, FOLLOWERS_MAX, Message, MessageId, MessageKind, Principal,
    SuggestionId, SuggestionOutcome, Ticket, TicketId, TicketStatus, Timestamp, TurnContent, UserId,
    WaitingReply, Writer,
};
use serde_json::json;

use super::{Body, BodyFormat};
use crate::{Desk, DeskError, audit::RecordedTx, ticket::save::Spoken};

/// A reply to be sent.
#[derive(Debug, Clone, Default)]
pub struct NewReply {
    /// What it says.
    pub body: String,
    /// In which format.
    pub format: BodyFormat,
    /// The suggestion it was made from; whether it was used or edited is recorded when it is sent.
    pub suggestion_id: Option<SuggestionId>,
    /// Its files: uploaded by the same person or key, and part of nothing else.
    pub attachments: Vec<AttachmentId>,
    /// What the ticket becomes with it.
    pub then: Option<TicketStatus>,
    /// When it is to be sent. When absent: at once, or as soon as it can no longer be taken back.
    pub send_at: Option<Timestamp>,
}

/// A note to be added.
#[derive(Debug, Clone, Default)]
pub struct NewNote {
    /// What it says. Who is named in it is mentioned.
    pub body: String,
    /// In which format.
    pub format: BodyFormat,
    /// Its files, as of a reply.
    pub attachments: Vec<AttachmentId>,
}

/// What became of a reply.
#[derive(Debug, Clone)]
pub enum SentReply {
    /// The customer can read it.
    Sent(Message),
    /// It waits, and can be changed or taken back until then.
    Waiting(WaitingReply),
}

/// A reply on its way into a ticket.
pub(crate) struct Letter<'m> {
    pub(crate) message: &'m Message,
    /// Who speaks in the conversation; nobody does where Askwell itself replies.
    pub(crate) speaker: Option<UserId>,
    pub(crate) suggestion_id: Option<&'m SuggestionId>,
}

impl Desk {
    /// Sends a public reply in Markdown at once. The bot is silent in its conversation from now on. When the reply began as a
    /// suggestion, whether it was used or edited is recorded.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Conflict`] when closed.
    pub async fn reply(
        &self,
        principal: &Principal,
        id: &TicketId,
        body: &str,
        from: Option<&SuggestionId>,
    ) -> Result<Message, DeskError> {
        let new = NewReply { body: body.to_owned(), suggestion_id: from.cloned(), ..NewReply::default() };
        self.reply_now(principal, id, &new).await
    }

    /// Sends a public reply, or lets it wait: until its time, or for as long as the site lets people take replies back.
    ///
    /// # Errors
    /// As [`Desk::reply`]; [`DeskError::Invalid`] for a time that is past or too far ahead, or for files that are not there;
    /// [`DeskError::Conflict`] when too many wait. What the ticket cannot become refuses a reply that is sent at once, as in
    /// [`Desk::change_ticket`]; one that waits is sent without it then.
    pub async fn send_reply(
        &self,
        principal: &Principal,
        id: &TicketId,
        new: NewReply,
    ) -> Result<SentReply, DeskError> {
        match self.send_time(principal, new.send_at)? {
            Some(send_at) => self.let_wait(principal, id, new, send_at).await.map(SentReply::Waiting),
            None => self.reply_now(principal, id, &new).await.map(SentReply::Sent),
        }
    }

    async fn reply_now(
        &self,
        principal: &Principal,
        id: &TicketId,
        new: &NewReply,
    ) -> Result<Message, DeskError> {
        let author = self.author(principal).await?;
        let body = Body::of(&new.body, new.format).await?;
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_to_reply_to(&mut tx, principal, id).await?;
        let message = Message { html: body.html, ..self.message(id, author, &body.markdown) };
        let letter = Letter {
            message: &message,
            speaker: user_id(principal),
            suggestion_id: new.suggestion_id.as_ref(),
        };
        self.say(&mut tx, &ticket, letter).await?;
        Self::bind_attachments(&mut tx, principal, &new.attachments, &message.id).await?;
        if let Some(then) = new.then {
            let (before, after) = self.after_reply(&mut tx, principal, id, then).await?;
            self.save_then(&mut tx, &before, after, &message.author).await?;
        }
        tx.commit().await?;
        Ok(message)
    }

    /// A ticket that this principal may reply to.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Conflict`] when it is closed.
    pub(crate) async fn ticket_to_reply_to(
        tx: &mut RecordedTx,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Ticket, DeskError> {
        let ticket = Self::ticket_of(tx, principal, id).await?;
        require_open(&ticket)?;
        Ok(ticket)
    }

    /// Puts a public reply into a ticket and its conversation: from here on the customer reads it, and clocks, routing and events
    /// know of it.
    pub(crate) async fn say(
        &self,
        tx: &mut RecordedTx,
        ticket: &Ticket,
        letter: Letter<'_>,
    ) -> Result<(), DeskError> {
        let now = self.now();
        let Letter { message, speaker, suggestion_id } = letter;
        self.put_reply(tx, ticket, message, speaker.as_ref()).await?;
        let after = answered(ticket.clone(), &message.author, now);
        let spoken = Spoken::of([MessageKind::Reply], &message.author);
        let ticket = self.save_ticket_with(tx, ticket, after, &message.author, spoken).await?;
        if let Some(suggestion_id) = suggestion_id
            && let Some(suggestion) = tx.suggestion(suggestion_id).await?
            && suggestion.ticket_id == ticket.id
        {
            let outcome = if suggestion.body.trim() == message.body {
                SuggestionOutcome::Used
            } else {
                SuggestionOutcome::Edited
            };
            tx.set_suggestion_outcome(suggestion_id, outcome, now).await?;
        }
        Ok(())
    }

    /// Writes a public reply into a ticket and the conversations that it came from. The caller saves the ticket.
    pub(crate) async fn put_reply(
        &self,
        tx: &mut RecordedTx,
        ticket: &Ticket,
        message: &Message,
        speaker: Option<&UserId>,
    ) -> Result<(), DeskError> {
        tx.insert_message(message).await?;
        tx.record(AuditAction::TicketReplied, &ticket.id, json!({ "message_id": message.id }));
        let now = self.now();
        for conversation_id in Self::conversations_of(tx, ticket).await? {
            let Some(conversation) = tx.conversation(&conversation_id).await? else { continue };
            let (speaker, name) = match (&message.author, speaker) {
                (Author::Agent { name, .. }, Some(speaker)) => (speaker.clone(), name.as_str()),
                // A rule speaks in the team's name.
                (Author::Rule { id, .. }, _) => (UserId::new(id.as_str()), self.site().name.as_str()),
                _ => break,
            };
            let content = TurnContent::Agent {
                user_id: speaker,
                name: name.to_owned(),
                text: message.body.clone(),
                html: message.html.clone(),
                message_id: Some(message.id.clone()),
            };
            tx.insert_turn(&self.turn(&conversation, 0, content)).await?;
            let mut conversation = match message.author {
                Author::Agent { .. } => conversation.human_spoke(now),
                // What comes by itself does not silence the bot.
                _ => conversation,
            };
            conversation.n_turns += 1;
            tx.update_conversation(&conversation).await?;
            tx.emit(&Event::TurnAdded { conversation_id: conversation.id }, now).await?;
        }
        Ok(())
    }

    /// Adds an internal note in Markdown.
    ///
    /// # Errors
    /// As [`Desk::add_note`].
    pub async fn note(&self, principal: &Principal, id: &TicketId, body: &str) -> Result<Message, DeskError> {
        self.add_note(principal, id, NewNote { body: body.to_owned(), ..NewNote::default() }).await
    }

    /// Adds an internal note. Who is named in it is mentioned.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`], [`DeskError::Invalid`] for who is named and may
    /// not see the ticket, for a name that several people have, and for files that are not there.
    pub async fn add_note(
        &self,
        principal: &Principal,
        id: &TicketId,
        new: NewNote,
    ) -> Result<Message, DeskError> {
        let author = self.author(principal).await?;
        let body = Body::of(&new.body, new.format).await?;
        let named = self.named_in(&body.markdown).await?;
        let message = Message {
            kind: MessageKind::Note,
            html: body.html,
            ..self.message(id, author.clone(), &body.markdown)
        };
        let mut tx = self.begin(principal).await?;
        let ticket = Self::ticket_of(&mut tx, principal, id).await?;
        tx.insert_message(&message).await?;
        tx.record(AuditAction::TicketNoted, id, json!({ "message_id": message.id }));
        Self::bind_attachments(&mut tx, principal, &new.attachments, &message.id).await?;
        self.mention(&mut tx, principal, &ticket, &message.id, &named).await?;
        // Who is mentioned follows from here on, while there is room.
        let mut followed = ticket.clone();
        for named in &named {
            if followed.handling.followers.len() < FOLLOWERS_MAX {
                followed.handling.followers.insert(named.user.id.clone());
            }
        }
        let spoken = Spoken::of([MessageKind::Note], &author);
        self.save_ticket_with(&mut tx, &ticket, followed, &author, spoken).await?;
        tx.commit().await?;
        Ok(message)
    }
}

/// Refuses to write to the customer of a closed ticket.
///
/// # Errors
/// [`DeskError::Conflict`].
pub(crate) fn require_open(ticket: &Ticket) -> Result<(), DeskError> {
    if ticket.status == TicketStatus::Closed {
        return Err(DeskError::Conflict("this ticket is closed".to_owned()));
    }
    Ok(())
}

/// A ticket once an agent has replied: it waits for the customer. An automatic reply changes nothing.
pub(crate) fn answered(mut ticket: Ticket, by: &Author, now: Timestamp) -> Ticket {
    let Author::Agent { .. } = by else { return ticket };
    ticket.handling.first_replied_at.get_or_insert(now);
    match ticket.status {
        TicketStatus::New | TicketStatus::Open => ticket.with_status(TicketStatus::Pending, None),
        _ => ticket,
    }
}

/// When an agent first said something that the customer reads, of some messages.
pub(crate) fn first_reply(messages: &[Message]) -> Option<Timestamp> {
    let replies = messages.iter().filter(|message| {
        message.kind == MessageKind::Reply && matches!(message.author, Author::Agent { .. })
    });
    replies.map(|message| message.created_at).min()
}

/// The speaker of an agent's turn. A program with a key speaks in the team's name, under the key's id.
pub(crate) fn user_id(principal: &Principal) -> Option<UserId> {
    Writer::of(principal).map(|writer| speaker(&writer))
}

/// The same, for somebody who wrote earlier.
pub(crate) fn speaker(writer: &Writer) -> UserId {
    UserId::new(writer.id())
}

/// The message that a reply becomes which waited, at this moment.
pub(crate) fn sent(reply: &WaitingReply, now: Timestamp) -> Message {
    Message {
        id: MessageId::new(reply.id.as_str()),
        ticket_id: reply.ticket_id.clone(),
        author: Author::Agent { id: reply.writer.id().to_owned(), name: reply.writer_name.clone() },
        kind: MessageKind::Reply,
        body: reply.body.clone(),
        html: reply.html.clone(),
        created_at: now,
    }
}
