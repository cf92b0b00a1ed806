//! The files as a whole: copying them beside a copy of the database, and counting those that are missing.

use std::path::Path;

use blobs::{Blob, Blobs};
use domain::{Attachment, AttachmentId};
use futures_util::StreamExt as _;
use store::{Store, sqlite_url};

use super::attachment::failed;
use crate::{Desk, DeskError};

/// Rows that are read at a time.
const FILES_PER_READ: i64 = 500;

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CopiedFiles {
    /// Files.
    pub n: usize,
    /// Files that the database knows of and that are not there: deleted since, or lost.
    pub n_missing: usize,
}

/// What is not as the database says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MissingFiles {
    /// Files that the database knows of.
    pub n_all: usize,
    /// Those that are not there, or are not as large as they were.
    pub n_missing: usize,
}

impl Desk {
    /// Copies the files that a copy of the database knows of into a folder; nothing is made when it knows of none. The files are
    /// on disk when this returns.
    ///
    /// # Errors
    /// Those of the copy, and of both places.
    pub async fn copy_files(&self, copy_of_database: &Path, to: &Path) -> Result<CopiedFiles, DeskError> {
        let copy = Store::open(&sqlite_url(copy_of_database)).await?;
        let mut copied = CopiedFiles::default();
        let mut target = None;
        let mut after: Option<AttachmentId> = None;
        loop {
            let files = copy.attachments_after(after.as_ref(), FILES_PER_READ).await?;
            for file in &files {
                if target.is_none() {
                    target = Some(Blobs::in_folder(to).map_err(failed)?);
                }
                if let Some(target) = &target {
                    match self.copy_file(file, target).await? {
                        Copied::Whole => copied.n += 1,
                        Copied::Missing => copied.n_missing += 1,
                    }
                }
            }
            match files.last() {
                Some(last) => after = Some(last.id.clone()),
                None => break,
            }
        }
        copy.close().await;
        Ok(copied)
    }

    async fn copy_file(&self, file: &Attachment, to: &Blobs) -> Result<Copied, DeskError> {
        let found = self.0.files.blobs.read(file.id.as_str()).await.map_err(failed)?;
        let Some(Blob { mut content, .. }) = found else { return Ok(Copied::Missing) };
        let mut writer = to.write(file.id.as_str()).await.map_err(failed)?;
        while let Some(piece) = content.next().await {
            writer.add(&piece.map_err(failed)?).await.map_err(failed)?;
        }
        writer.finish().await.map_err(failed)?;
        Ok(Copied::Whole)
    }

    /// Counts the files that the database knows of and that are not there.
    ///
    /// # Errors
    /// Those of the database and of the place where files are kept.
    pub async fn missing_files(&self) -> Result<MissingFiles, DeskError> {
        let mut found = MissingFiles::default();
        let mut after: Option<AttachmentId> = None;
        loop {
            let files = self.0.store.attachments_after(after.as_ref(), FILES_PER_READ).await?;
            for file in &files {
                let size = self.0.files.blobs.size(file.id.as_str()).await.map_err(failed)?;
                found.n_all += 1;
                found.n_missing += usize::from(size != Some(file.n_bytes));
            }
            match files.last() {
                Some(last) => after = Some(last.id.clone()),
                None => return Ok(found),
            }
        }
    }
}

enum Copied {
    Whole,
    Missing,
}
