//! Files: taken in piece by piece, known by their content, and given to who may read their message.

use blobs::{
    Blob, BlobError, BlobWriter, Blobs, Bytes, HEAD_BYTES, ImageSize, cleaned, image_size, is_cleaned,
    media_type,
};
use domain::{
    ATTACHMENT_BYTES_MAX, ATTACHMENTS_FREE_MAX, ATTACHMENTS_MAX, Attachment, AttachmentId, AuditAction,
    MessageId, OCTET_STREAM, Principal, Scope, TicketId, Writer, clean_file_name,
};
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::{
    Desk, DeskError,
    audit::{RecordedTx, Unrecorded},
    people::secret,
};

/// Files taken in at once: each may have some 15 MiB in memory on its way.
const UPLOADS_AT_ONCE: usize = 16;
/// Pictures of more than [`HEAD_BYTES`] that are held whole at once, to be cleaned: each takes its size twice, 50 MiB at most.
const PICTURES_AT_ONCE: usize = 4;
/// Bytes that are handed to the storage at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Longest side of a picture, in pixels. Browsers unpack it at four bytes for each pixel.
const IMAGE_SIDE_MAX: u32 = 16_384;
/// Most pixels of a picture.
const IMAGE_PIXELS_MAX: u64 = 100_000_000;
/// What is said of an upload that ended before its end.
pub const UPLOAD_BROKE_OFF: &str = "the upload broke off";

/// Where files are kept.
pub struct Files {
    pub(crate) blobs: Blobs,
    uploads: Semaphore,
    pictures: Semaphore,
}

/// A file with its content.
pub struct AttachmentFile {
    /// What it is.
    pub attachment: Attachment,
    /// Its content, piece by piece.
    pub content: futures_util::stream::BoxStream<'static, Result<Bytes, BlobError>>,
}

impl Files {
    /// Files in this place.
    pub fn new(blobs: Blobs) -> Self {
        let pictures = Semaphore::new(PICTURES_AT_ONCE);
        Self { blobs, uploads: Semaphore::new(UPLOADS_AT_ONCE), pictures }
    }
}

impl Desk {
    /// Takes a file in. It belongs to nothing until it is part of a message, and is deleted after a day otherwise.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `tickets:write`; [`DeskError::TooLarge`] over 25 MiB; [`DeskError::Invalid`] for an empty
    /// file, one that breaks off, and a picture too large to be shown; [`DeskError::Conflict`] when too many of theirs belong to
    /// nothing; [`DeskError::Busy`] when too many are taken in.
    pub async fn upload<E>(
        &self,
        principal: &Principal,
        name: &str,
        content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Attachment, DeskError> {
        Self::require(principal, Scope::TicketsWrite)?;
        let uploader = Writer::of(principal).ok_or(DeskError::Forbidden)?;
        let _permit = self.0.files.uploads.try_acquire().map_err(|_| DeskError::Busy)?;
        if self.0.store.count_free_attachments(&uploader).await? >= ATTACHMENTS_FREE_MAX {
            let message =
                format!("{ATTACHMENTS_FREE_MAX} files belong to no message yet; send some or wait a day");
            return Err(DeskError::Conflict(message));
        }
        let mut new = Attachment {
            id: AttachmentId::new(self.id()),
            capability: secret::token(&self.0.ids.secret()),
            uploader,
            message_id: None,
            name: clean_file_name(name),
            media_type: OCTET_STREAM.to_owned(),
            n_bytes: 0,
            sha256: String::new(),
            created_at: self.now(),
        };
        // The row first: a process that dies leaves no file that nobody knows of.
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Bookkeeping).await?;
        tx.insert_attachment(&new).await?;
        tx.commit().await?;
        if let Err(error) = self.take_in(&mut new, content).await {
            self.forget_upload(&new.id).await;
            return Err(error);
        }
        let mut tx = self.begin(principal).await?;
        tx.finish_attachment(&new).await?;
        let details = json!({ "media_type": new.media_type, "n_bytes": new.n_bytes });
        tx.record(AuditAction::AttachmentUploaded, &new.id, details);
        tx.commit().await?;
        Ok(new)
    }

    /// Writes the content; all of it is on disk when this returns.
    async fn take_in<E>(
        &self,
        new: &mut Attachment,
        content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), DeskError> {
        let writer = self.0.files.blobs.write(new.id.as_str()).await.map_err(failed)?;
        let mut sink = Sink { writer, hash: Sha256::new(), n_bytes: 0 };
        if let Err(error) = self.receive(new, content, &mut sink).await {
            // What cannot be given up now is deleted with its row.
            let _ = sink.writer.give_up().await;
            return Err(error);
        }
        sink.writer.finish().await.map_err(failed)?;
        new.n_bytes = sink.n_bytes;
        new.sha256 = secret::hex(&sink.hash.finalize());
        Ok(())
    }

    /// Passes the content on as it arrives, once it is known what it is. A picture is held until it is whole, and passed on without
    /// what cameras write beside it.
    async fn receive<E>(
        &self,
        new: &mut Attachment,
        mut content: impl Stream<Item = Result<Bytes, E>> + Unpin,
        sink: &mut Sink,
    ) -> Result<(), DeskError> {
        let (mut held, mut n_bytes, mut is_known) = (Vec::new(), 0_usize, false);
        let mut held_whole = None;
        while let Some(piece) = content.next().await {
            let Ok(piece) = piece else { return Err(DeskError::invalid("body", UPLOAD_BROKE_OFF)) };
            n_bytes += piece.len();
            if n_bytes > ATTACHMENT_BYTES_MAX {
                return Err(DeskError::TooLarge { field: "body", bytes_max: ATTACHMENT_BYTES_MAX });
            }
            held.extend_from_slice(&piece);
            if !is_known && held.len() >= HEAD_BYTES {
                // A picture that is too large is refused before the rest of it arrives.
                look_at(new, &held[..HEAD_BYTES])?;
                is_known = true;
                if is_cleaned(&new.media_type) {
                    let turn = self.0.files.pictures.acquire().await;
                    held_whole = Some(turn.map_err(|_| DeskError::Busy)?);
                }
            }
            if is_known && held_whole.is_none() {
                sink.add(&held).await?;
                held.clear();
            }
        }
        if n_bytes == 0 {
            return Err(DeskError::invalid("body", "the file is empty"));
        }
        if !is_known {
            look_at(new, &held)?;
        }
        if is_cleaned(&new.media_type) {
            let media_type = new.media_type.clone();
            let clean = move || (cleaned(&media_type, &held), held);
            let (clean, as_it_came) = tokio::task::spawn_blocking(clean)
                .await
                .map_err(|error| DeskError::failed("cannot clean a picture", error))?;
            if clean.is_none() {
                // It is no picture to show: nobody knows what stands in it.
                OCTET_STREAM.clone_into(&mut new.media_type);
            }
            held = clean.unwrap_or(as_it_came);
        }
        sink.add(&held).await
    }

    /// A file that the principal may read, by its id and the rest of its address.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], whatever the reason.
    pub async fn attachment(
        &self,
        principal: &Principal,
        id: &AttachmentId,
        capability: &str,
    ) -> Result<AttachmentFile, DeskError> {
        let found = self.0.store.find_attachment(principal, id).await?;
        let attachment = found
            .filter(|found| secret::is_equal(found.capability.as_bytes(), capability.as_bytes()))
            .ok_or(DeskError::NotFound)?;
        let Some(Blob { content, .. }) = self.0.files.blobs.read(id.as_str()).await.map_err(failed)? else {
            tracing::error!(attachment_id = %id, "a file is missing");
            return Err(DeskError::NotFound);
        };
        Ok(AttachmentFile { attachment, content })
    }

    /// The files of a ticket's messages, as far as the principal may read them, by message.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn attachments_of(
        &self,
        principal: &Principal,
        id: &TicketId,
    ) -> Result<Attachments, DeskError> {
        Ok(Attachments(self.0.store.list_attachments(principal, id).await?))
    }

    /// The files of a message that the principal has just written: what they uploaded is theirs to know, whatever else of the
    /// ticket is not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn own_attachments_of(
        &self,
        principal: &Principal,
        id: &TicketId,
        message_id: &MessageId,
    ) -> Result<Vec<Attachment>, DeskError> {
        let uploader = Writer::of(principal);
        let mut all = self.0.store.list_attachments(&Principal::System, id).await?;
        let mut own = all.remove(message_id).unwrap_or_default();
        own.retain(|attachment| Some(&attachment.uploader) == uploader.as_ref());
        Ok(own)
    }

    /// Makes files part of a message.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for too many, and for one that is not there, not the principal's own, or part of something else.
    pub(crate) async fn bind_attachments(
        tx: &mut RecordedTx,
        principal: &Principal,
        ids: &[AttachmentId],
        message_id: &MessageId,
    ) -> Result<(), DeskError> {
        const FIELD: &str = "attachment_ids";
        if ids.is_empty() {
            return Ok(());
        }
        if ids.len() > ATTACHMENTS_MAX {
            return Err(DeskError::invalid(FIELD, format!("at most {ATTACHMENTS_MAX}")));
        }
        let uploader = Writer::of(principal).ok_or(DeskError::Forbidden)?;
        for id in ids {
            if !tx.bind_attachment(id, &uploader, message_id).await? {
                let message = format!(
                    "{id:?}: no file that you uploaded and that belongs to nothing yet",
                    id = id.as_str()
                );
                return Err(DeskError::invalid(FIELD, message));
            }
        }
        Ok(())
    }
}

/// The files of a ticket, by message.
#[derive(Debug, Clone, Default)]
pub struct Attachments(std::collections::HashMap<MessageId, Vec<Attachment>>);

impl Attachments {
    /// Those of one message, in the order of their upload.
    pub fn of(&self, id: &MessageId) -> &[Attachment] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// These and others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

/// Where a file goes, with what is known of what went there.
struct Sink {
    writer: BlobWriter,
    hash: Sha256,
    n_bytes: u64,
}

impl Sink {
    async fn add(&mut self, bytes: &[u8]) -> Result<(), DeskError> {
        self.hash.update(bytes);
        self.n_bytes += bytes.len() as u64;
        for piece in bytes.chunks(PIECE_BYTES) {
            self.writer.add(piece).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// Says what a file is, by what it begins with.
fn look_at(new: &mut Attachment, head: &[u8]) -> Result<(), DeskError> {
    let found = media_type(head);
    new.media_type = match image_size(found, head) {
        Some(ImageSize { width, height }) => {
            let n_pixels = u64::from(width) * u64::from(height);
            if width.max(height) > IMAGE_SIDE_MAX || n_pixels > IMAGE_PIXELS_MAX {
                let message = format!(
                    "the picture has {width} x {height} pixels; at most {IMAGE_SIDE_MAX} on a side and {IMAGE_PIXELS_MAX} in all"
                );
                return Err(DeskError::invalid("body", message));
            }
            found.to_owned()
        }
        // A picture that does not say how large it is is none to show.
        None if found.starts_with("image/") && found != "image/tiff" => OCTET_STREAM.to_owned(),
        None => found.to_owned(),
    };
    Ok(())
}

pub(crate) fn failed(error: BlobError) -> DeskError {
    match error {
        BlobError::StorageFull => DeskError::StorageFull,
        other @ BlobError::Failed(_) => DeskError::failed("cannot read or write a file", other),
    }
}
