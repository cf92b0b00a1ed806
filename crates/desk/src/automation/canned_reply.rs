//! Canned replies: kept by people for themselves, their team or everybody, and made into text for a ticket.

use domain::{
    AuditAction, CannedReply, CannedReplyId, Folder, Principal, SAVED_MAX, Scope, TEMPLATE_BYTES_MAX,
    TicketId, Usage,
};
use serde_json::json;

use crate::{
    Desk, DeskError, ShareWith,
    audit::{RecordedTx, Unrecorded, changed_of},
    input,
    sharing::shared,
    template,
};

/// Longest title, in bytes.
const TITLE_BYTES_MAX: usize = 200;
/// Most that are listed: more than anybody can make, because colleagues share theirs.
const LISTED_MAX: usize = 1_000;
/// Longest search, in bytes.
const WORDS_BYTES_MAX: usize = 200;

/// A canned reply to be made.
#[derive(Debug, Clone)]
pub struct NewCannedReply {
    /// What people call it.
    pub title: String,
    /// A template of Markdown.
    pub body: String,
    /// Where people look for it: names with `/` between them.
    pub folder: String,
    /// With whom.
    pub sharing: ShareWith,
}

/// What to change of a canned reply; absent parts stay.
#[derive(Debug, Clone, Default)]
pub struct CannedReplyChange {
    /// The new title.
    pub title: Option<String>,
    /// The new template.
    pub body: Option<String>,
    /// The new folder.
    pub folder: Option<String>,
    /// With whom it is shared from now on.
    pub sharing: Option<ShareWith>,
}

/// Which canned replies.
#[derive(Debug, Clone, Default)]
pub struct CannedReplySearch {
    /// Those with all of these words, or beginnings of words, in title, folder or body; all when empty.
    pub words: String,
    /// Those in this folder and the folders of it; all when empty.
    pub folder: String,
}

impl Desk {
    /// The canned replies that somebody has, by folder and title; at most 1,000.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`; [`DeskError::Invalid`] for no folder.
    pub async fn list_canned_replies(
        &self,
        principal: &Principal,
        search: &CannedReplySearch,
    ) -> Result<Vec<CannedReply>, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let words = input::optional("q", Some(&search.words), WORDS_BYTES_MAX)?.unwrap_or_default();
        let words: Vec<String> = words_of(words);
        let folder = folder(&search.folder)?;
        let holder = self.holder(principal).await?;
        let mut all = self.0.store.list_canned_replies(holder.me.as_ref(), &holder.teams, LISTED_MAX).await?;
        all.retain(|reply| {
            let said = words_of(&format!("{} {} {}", reply.title, reply.folder.as_str(), reply.body));
            reply.folder.is_within(&folder)
                && words.iter().all(|word| said.iter().any(|said| said.starts_with(word)))
        });
        Ok(all)
    }

    /// A canned reply that somebody has.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, [`DeskError::NotFound`] when it is not theirs.
    pub async fn canned_reply(
        &self,
        principal: &Principal,
        id: &CannedReplyId,
    ) -> Result<CannedReply, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        self.had_canned_reply(principal, id).await
    }

    async fn had_canned_reply(
        &self,
        principal: &Principal,
        id: &CannedReplyId,
    ) -> Result<CannedReply, DeskError> {
        let reply = self.0.store.find_canned_reply(id).await?.ok_or(DeskError::NotFound)?;
        if self.holder(principal).await?.has(&reply.sharing) { Ok(reply) } else { Err(DeskError::NotFound) }
    }

    /// Makes a canned reply.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:read`, for a team's to who is not in it, for everybody's without `admin:rules`;
    /// [`DeskError::Invalid`], [`DeskError::TooLarge`]; [`DeskError::Conflict`] for who has [`SAVED_MAX`].
    pub async fn create_canned_reply(
        &self,
        principal: &Principal,
        new: NewCannedReply,
    ) -> Result<CannedReply, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let sharing = self.sharing(principal, &holder, new.sharing, Scope::AdminRules).await?;
        let had = self.0.store.list_canned_replies(holder.me.as_ref(), &holder.teams, SAVED_MAX).await?;
        if had.len() >= SAVED_MAX {
            return Err(DeskError::Conflict(format!("there are {SAVED_MAX} canned replies already")));
        }
        let now = self.now();
        let mut tx = self.begin(principal).await?;
        let reply = CannedReply {
            id: CannedReplyId::new(self.id()),
            title: input::text("title", &new.title, TITLE_BYTES_MAX)?.to_owned(),
            body: checked_body(&mut tx, &new.body).await?,
            folder: folder(&new.folder)?,
            sharing,
            usage: Usage::default(),
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        tx.insert_canned_reply(&reply).await?;
        let details = json!({ "sharing": shared(&reply.sharing) });
        tx.record(AuditAction::CannedReplyCreated, &reply.id, details);
        tx.commit().await?;
        Ok(reply)
    }

    /// Changes a canned reply.
    ///
    /// # Errors
    /// As [`Desk::create_canned_reply`]; [`DeskError::NotFound`] when it is not theirs, [`DeskError::Stale`] when
    /// `expected_revision` is not its revision.
    pub async fn change_canned_reply(
        &self,
        principal: &Principal,
        id: &CannedReplyId,
        change: CannedReplyChange,
        expected_revision: Option<i64>,
    ) -> Result<CannedReply, DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let sharing = self.changed_sharing(principal, &holder, change.sharing, Scope::AdminRules).await?;
        let mut tx = self.begin(principal).await?;
        let before = tx.canned_reply(id).await?.filter(|reply| holder.has(&reply.sharing));
        let before = before.ok_or(DeskError::NotFound)?;
        holder.may_change(principal, &before.sharing, Scope::AdminRules)?;
        input::revision(expected_revision, before.revision)?;
        let mut reply = before.clone();
        if let Some(title) = &change.title {
            reply.title = input::text("title", title, TITLE_BYTES_MAX)?.to_owned();
        }
        if let Some(body) = &change.body {
            reply.body = checked_body(&mut tx, body).await?;
        }
        if let Some(path) = &change.folder {
            reply.folder = folder(path)?;
        }
        reply.sharing = sharing.unwrap_or(reply.sharing);
        if reply == before {
            tx.rollback().await?;
            return Ok(before);
        }
        let reply = CannedReply { updated_at: self.now(), revision: before.revision + 1, ..reply };
        tx.update_canned_reply(&reply).await?;
        let changed = changed_of([
            ("title", before.title != reply.title),
            ("body", before.body != reply.body),
            ("folder", before.folder != reply.folder),
            ("sharing", before.sharing != reply.sharing),
        ]);
        tx.record(AuditAction::CannedReplyChanged, id, json!({ "changed": changed }));
        tx.commit().await?;
        Ok(reply)
    }

    /// Deletes a canned reply. A macro or a rule that uses it can no longer do that.
    ///
    /// # Errors
    /// As [`Desk::change_canned_reply`].
    pub async fn delete_canned_reply(
        &self,
        principal: &Principal,
        id: &CannedReplyId,
    ) -> Result<(), DeskError> {
        Self::require(principal, Scope::TicketsRead)?;
        let holder = self.holder(principal).await?;
        let mut tx = self.begin(principal).await?;
        let reply = tx.canned_reply(id).await?.filter(|reply| holder.has(&reply.sharing));
        holder.may_change(principal, &reply.ok_or(DeskError::NotFound)?.sharing, Scope::AdminRules)?;
        tx.delete_canned_reply(id).await?;
        tx.record(AuditAction::CannedReplyDeleted, id, json!({}));
        tx.commit().await
    }

    /// The text that a canned reply makes for a ticket, in the name of who asks. It counts as used.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`, [`DeskError::NotFound`] for a ticket or canned reply that is not theirs
    /// to see, [`DeskError::Invalid`] where it makes no text.
    pub async fn render_canned_reply(
        &self,
        principal: &Principal,
        id: &CannedReplyId,
        ticket_id: &TicketId,
    ) -> Result<String, DeskError> {
        let by = self.author(principal).await?;
        let reply = self.had_canned_reply(principal, id).await?;
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Bookkeeping).await?;
        let ticket = Self::ticket_of(&mut tx, principal, ticket_id).await?;
        let values = self.template_values(&mut tx, &by, &ticket).await?;
        let text = template::render(&reply.body, &values).map_err(|why| DeskError::invalid("body", why))?;
        tx.count_canned_reply(id, self.now()).await?;
        tx.commit().await?;
        Ok(text)
    }
}

/// A template that can be kept.
pub(super) async fn checked_body(tx: &mut RecordedTx, body: &str) -> Result<String, DeskError> {
    let body = input::text("body", body, TEMPLATE_BYTES_MAX)?;
    let fields = tx.fields(domain::FieldOf::Ticket).await?;
    template::check(body, &fields).map_err(|why| DeskError::invalid("body", why))?;
    Ok(body.to_owned())
}

fn folder(path: &str) -> Result<Folder, DeskError> {
    Folder::parse(path).map_err(|error| DeskError::invalid("folder", error.to_string()))
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}
