//! Mentions: who is named in a note hears of it, if they may see the ticket.

use std::collections::BTreeSet;

use domain::{
    Event, FOLLOWERS_MAX, MENTIONS_MAX, Mention, MentionId, MessageId, NamedBy, Principal, Scope, Ticket,
    TicketSight, User, UserId, named, names_in,
};
use store::OnlyUnread;

use crate::{
    Desk, DeskError,
    audit::{RecordedTx, Unrecorded},
    people::person,
};

/// Mentions on one page at most.
const MENTIONS_PER_PAGE_MAX: i64 = 100;

/// A page of mentions.
#[derive(Debug, Clone)]
pub struct MentionList {
    /// The mentions, newest first.
    pub mentions: Vec<Mention>,
    /// Where the next page begins, unless this is the last one.
    pub next: Option<MentionId>,
}

/// Somebody whom a note names, and what they see.
pub(crate) struct Named {
    pub(super) user: User,
    /// As the note names them.
    written: String,
    may_read: bool,
    sight: TicketSight,
}

impl Desk {
    /// Whom a note names. A name that nobody has is only a word.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for an id that is nobody's, for a name that several people have, and for too many.
    pub(crate) async fn named_in(&self, markdown: &str) -> Result<Vec<Named>, DeskError> {
        let names = names_in(markdown);
        if names.is_empty() {
            return Ok(vec![]);
        }
        let mut people = self.0.store.list_users().await?;
        people.retain(User::is_active);
        let mut found: Vec<Named> = Vec::new();
        for name in names {
            let (written, who) = match &name {
                NamedBy::Id(id) => {
                    let user = people.iter().find(|user| user.id == *id).ok_or_else(|| {
                        DeskError::invalid("body", format!("@[…](user:{id}): there is no such person"))
                    })?;
                    (format!("@[{}](user:{id})", user.name), user)
                }
                NamedBy::Name(name) => match named(name, &people).as_slice() {
                    [] => continue,
                    [user] => (format!("@{name}"), *user),
                    several => return Err(ambiguous(name, several)),
                },
            };
            if found.iter().any(|named| named.user.id == who.id) {
                continue;
            }
            if found.len() == MENTIONS_MAX {
                return Err(DeskError::invalid("body", format!("at most {MENTIONS_MAX} mentions")));
            }
            found.push(Named {
                may_read: self.may_read(who).await?,
                sight: self.sight_of(who).await?,
                user: who.clone(),
                written,
            });
        }
        Ok(found)
    }

    /// Mentions those who are named in a note that was just added, but for who wrote it.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for who may not see the ticket.
    pub(crate) async fn mention(
        &self,
        tx: &mut RecordedTx,
        principal: &Principal,
        ticket: &Ticket,
        message_id: &MessageId,
        named: &[Named],
    ) -> Result<(), DeskError> {
        let now = self.now();
        for Named { user, written, may_read, sight } in named {
            if !may_read || !sight.sees(&ticket.team) {
                return Err(DeskError::invalid("body", format!("{written} may not see this ticket")));
            }
            if matches!(principal, Principal::Staff { id, .. } if *id == user.id) {
                continue;
            }
            tx.insert_mention(&MentionId::new(self.id()), message_id, &user.id, now).await?;
            let event = Event::TicketMentioned { ticket_id: ticket.id.clone(), user_id: user.id.clone() };
            tx.emit(&event, now).await?;
        }
        Ok(())
    }

    /// A page of the principal's own mentions, newest first, in tickets that they see now.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team or may not read tickets, [`DeskError::Invalid`] for a limit out
    /// of 1 to 100.
    pub async fn mentions(
        &self,
        principal: &Principal,
        only_unread: OnlyUnread,
        before: Option<&MentionId>,
        limit: i64,
    ) -> Result<MentionList, DeskError> {
        let user_id = person(principal)?;
        Self::require(principal, Scope::TicketsRead)?;
        if !(1..=MENTIONS_PER_PAGE_MAX).contains(&limit) {
            return Err(DeskError::invalid("limit", format!("1 to {MENTIONS_PER_PAGE_MAX}")));
        }
        let mut mentions =
            self.0.store.list_mentions(principal, user_id, only_unread, before, limit + 1).await?;
        let is_full = i64::try_from(mentions.len()).unwrap_or(i64::MAX) > limit;
        mentions.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = mentions.last().filter(|_| is_full).map(|mention| mention.id.clone());
        Ok(MentionList { mentions, next })
    }

    /// Marks a mention of the principal's own as read, or as not read.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for who is no person of the team, [`DeskError::NotFound`].
    pub async fn mark_mention(
        &self,
        principal: &Principal,
        id: &MentionId,
        mark: ReadMark,
    ) -> Result<(), DeskError> {
        let user_id: &UserId = person(principal)?;
        let read_at = match mark {
            ReadMark::Read => Some(self.now()),
            ReadMark::Unread => None,
        };
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        if !tx.mark_mention(user_id, id, read_at).await? {
            return Err(DeskError::NotFound);
        }
        tx.commit().await
    }

    /// Marks the principal's own mentions as read, from the oldest up to one of them.
    ///
    /// # Errors
    /// As [`Desk::mark_mention`].
    pub async fn mark_mentions_up_to(&self, principal: &Principal, id: &MentionId) -> Result<(), DeskError> {
        let user_id = person(principal)?;
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Reading).await?;
        let now = self.now();
        if !tx.mark_mention(user_id, id, Some(now)).await? {
            return Err(DeskError::NotFound);
        }
        tx.mark_mentions_up_to(user_id, id, now).await?;
        tx.commit().await
    }
}

/// Whether a mention was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMark {
    /// It was.
    Read,
    /// It is to be looked at again.
    Unread,
}

/// Those who are named, as people who follow a ticket that begins with the note: they are as many as have room in it.
pub(crate) fn followers(named: &[Named]) -> BTreeSet<UserId> {
    const { assert!(MENTIONS_MAX <= FOLLOWERS_MAX) };
    named.iter().map(|named| named.user.id.clone()).collect()
}

fn ambiguous(name: &str, several: &[&User]) -> DeskError {
    let who: Vec<String> = several.iter().map(|user| format!("@[{}](user:{})", user.name, user.id)).collect();
    DeskError::invalid("body", format!("@{name} may be {}; write one of these", who.join(" or ")))
}
