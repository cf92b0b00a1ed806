//! The data directory: made when absent, and served by one process at a time.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
};

use anyhow::{Context as _, bail};

/// Held while a process keeps the index of a data directory; released by the operating system when it ends, however it
/// ends.
#[derive(Debug)]
pub(crate) struct DataLock(#[expect(dead_code, reason = "holding the file is the lock")] File);

/// Makes the data directory when it is absent, for this account alone: it holds customers' words. One that is there keeps
/// the rights that somebody gave it.
pub(crate) fn make_data_dir(data: &Path) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(data).with_context(|| format!("cannot make the data directory {}", data.display()))
}

/// Takes the lock, or says that another process has it (`None`).
pub(crate) fn try_lock(data: &Path) -> anyhow::Result<Option<DataLock>> {
    let path = data.join("askwell.lock");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{}", std::process::id())?;
            Ok(Some(DataLock(file)))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// Takes the lock for the server.
pub(crate) fn lock(data: &Path) -> anyhow::Result<DataLock> {
    if let Some(lock) = try_lock(data)? {
        return Ok(lock);
    }
    let mut owner = String::new();
    let _ = File::open(data.join("askwell.lock")).and_then(|mut file| file.read_to_string(&mut owner));
    bail!(
        "the data directory {} is in use by process {}; stop that one first, or name another directory",
        data.display(),
        if owner.is_empty() { "another" } else { &owner }
    )
}
