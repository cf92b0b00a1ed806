//! The folder of a text index: opened, made, put aside when it is damaged, refused when it is locked or unreadable.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use tantivy::{Index, IndexWriter, TantivyError, directory::error::LockError, schema::Schema};

use crate::SearchError;

/// Most folders that are put aside before the oldest name is used again.
const ASIDE_MAX: u32 = 100;
/// Bytes of the file that tells whether the disk is full: about the smallest segment.
const PROBE_BYTES: usize = 64 << 10;

/// Opens the index of a folder for writing, and makes it when there is none.
///
/// An index that is damaged, has other fields, or that `check` gives a reason against, is renamed aside and an empty one
/// takes its place.
///
/// # Errors
/// [`SearchError::Locked`] when another process writes it, [`SearchError::Folder`] when the folder cannot be used; neither
/// changes anything on disk.
pub(crate) fn open(
    dir: &Path,
    schema: &Schema,
    check: impl Fn(&Index) -> Result<(), String>,
) -> Result<Index, SearchError> {
    let folder = |source| SearchError::Folder { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(folder)?;
    // Unreadable is not damaged: nothing may be renamed because of a missing permission.
    for file in fs::read_dir(dir).map_err(folder)? {
        match fs::File::open(file.map_err(folder)?.path()) {
            // Another process may have cleaned up; whether it still writes is found out below.
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(folder(error)),
            _ => {}
        }
    }
    let is_new = !dir.join("meta.json").exists();
    if is_new && is_empty(dir).map_err(folder)? {
        return Ok(Index::create_in_dir(dir, schema.clone())?);
    }
    match open_existing(dir, schema, check) {
        Ok(index) => Ok(index),
        Err(reason) => {
            refuse_if_locked(dir)?;
            let aside = put_aside(dir).map_err(folder)?;
            tracing::warn!(%reason, aside = %aside.display(), "the index is rebuilt");
            Ok(Index::create_in_dir(dir, schema.clone())?)
        }
    }
}

/// The index of a folder, or why it cannot be used as it is.
pub(crate) fn open_existing(
    dir: &Path,
    schema: &Schema,
    check: impl Fn(&Index) -> Result<(), String>,
) -> Result<Index, String> {
    let index = Index::open_in_dir(dir).map_err(|error| error.to_string())?;
    if index.schema() != *schema {
        return Err("it has other fields".to_owned());
    }
    let damaged = index.validate_checksum().map_err(|error| error.to_string())?;
    if !damaged.is_empty() {
        return Err(format!("{} of its files are damaged", damaged.len()));
    }
    check(&index)?;
    Ok(index)
}

/// The one writer of an index, with so much memory.
///
/// # Errors
/// [`SearchError::Locked`] when another process has it.
pub(crate) fn writer(index: &Index, dir: &Path, bytes: usize) -> Result<Writer, SearchError> {
    match index.writer_with_num_threads(1, bytes) {
        Ok(index) => Ok(Writer { index, is_dirty: false }),
        Err(TantivyError::LockFailure(LockError::LockBusy, _)) => Err(SearchError::Locked(dir.to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// The writer of a text index, which remembers whether something half done is still in it.
pub(crate) struct Writer {
    pub(crate) index: IndexWriter,
    /// Whether documents were handed in since the last commit.
    pub(crate) is_dirty: bool,
}

impl Writer {
    /// Begins a batch. What an earlier one left half done, because the disk was full even for forgetting it, goes first.
    pub(crate) fn start(&mut self) -> Result<(), SearchError> {
        if self.is_dirty {
            self.index.rollback()?;
        }
        self.is_dirty = true;
        Ok(())
    }

    /// Forgets what was handed in since the last commit, so that the next batch starts from what is on disk.
    pub(crate) fn forget(&mut self) {
        match self.index.rollback() {
            Ok(_) => self.is_dirty = false,
            Err(error) => tracing::error!(%error, "cannot roll the index back; the next change tries again"),
        }
    }
}

/// The reason of a failed write, when it is a full disk. A worker of the text index that dies of one does not say why, so
/// a small file tells. Nothing for an index in memory.
pub(crate) fn full_disk(dir: &Path) -> Option<SearchError> {
    if dir.as_os_str().is_empty() {
        return None;
    }
    let probe = dir.join(".probe");
    let written = fs::write(&probe, [0; PROBE_BYTES]);
    let _ = fs::remove_file(&probe);
    written
        .err()
        .filter(|error| error.kind() == ErrorKind::StorageFull)
        .map(|source| SearchError::Folder { path: dir.to_owned(), source })
}

/// A folder that somebody writes is not damaged, however it looks.
fn refuse_if_locked(dir: &Path) -> Result<(), SearchError> {
    let path = dir.join(".tantivy-writer.lock");
    let Ok(file) = fs::File::open(&path) else { return Ok(()) };
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Err(SearchError::Locked(dir.to_owned())),
        _ => Ok(()),
    }
}

fn is_empty(dir: &Path) -> std::io::Result<bool> {
    Ok(fs::read_dir(dir)?.next().is_none())
}

/// Renames the folder and makes an empty one in its place.
fn put_aside(dir: &Path) -> std::io::Result<PathBuf> {
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for n in 1..=ASIDE_MAX {
        let aside = dir.with_file_name(format!("{name}.aside-{n}"));
        if !aside.exists() {
            fs::rename(dir, &aside)?;
            fs::create_dir_all(dir)?;
            return Ok(aside);
        }
    }
    Err(std::io::Error::new(
        ErrorKind::AlreadyExists,
        format!("{ASIDE_MAX} folders were put aside; remove some"),
    ))
}
