//! `askwell backup` and `askwell restore`.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use desk::CopiedFiles;
use serde_json::json;

use crate::{
    Config,
    cli::{BackupArgs, RestoreArgs},
    config::AttachmentsBackend,
    lock, print, wiring,
};

pub(crate) async fn backup(args: BackupArgs) -> anyhow::Result<ExitCode> {
    if args.to.exists() {
        bail!("{} exists already; name a new file", args.to.display());
    }
    let files = files_beside(&args.to);
    if files.exists() {
        bail!("{} exists already; name a new file", files.display());
    }
    let config = Config::read(&args.data.data, args.data.config.as_deref())?;
    let desk = wiring::open_records(&args.data).await?;
    desk.backup_to(&args.to).await.context("cannot write the backup")?;
    let bytes = std::fs::metadata(&args.to)?.len();
    let is_local = config.attachments.backend == AttachmentsBackend::Local;
    let copied = if is_local {
        desk.copy_files(&args.to, &files).await.context("cannot copy the attachments")?
    } else {
        CopiedFiles::default()
    };
    if args.data.json {
        print::json(&json!({
            "file": args.to,
            "bytes": bytes,
            "n_attachments": is_local.then_some(copied.n),
            "n_attachments_missing": is_local.then_some(copied.n_missing),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&format!("{} written, {bytes} bytes", args.to.display()));
    if !is_local {
        print::line("attachments are in a bucket; copy them with its own tools");
    }
    if copied.n > 0 {
        print::line(&format!("{} written, {} attachments", files.display(), copied.n));
    }
    if copied.n_missing > 0 {
        print::line(&format!("{} attachments are not there; `askwell doctor` counts them", copied.n_missing));
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the attachments of a backup are: a folder beside its file. There is none where there are none.
fn files_beside(backup: &Path) -> PathBuf {
    let mut name = backup.as_os_str().to_owned();
    name.push(".attachments");
    PathBuf::from(name)
}

/// What an empty data directory does not hold. A log that is left of another database would be played into the restored
/// one, and an index that is left would be taken for its own.
const LEFT_OVERS: [&str; 5] = ["askwell.db", "askwell.db-wal", "index", "tickets", wiring::FILES_FOLDER];

/// Puts the database back; the index is built again at the next start.
pub(crate) fn restore(args: RestoreArgs) -> anyhow::Result<ExitCode> {
    let data = &args.data.data;
    let config = Config::read(data, args.data.config.as_deref())?;
    let Some(to) = config.database_file(data) else {
        bail!("this site's database is not in its data directory; restore it with the database's own tools");
    };
    lock::make_data_dir(data)?;
    let _lock = lock::lock(data)?;
    if let Some(left) = LEFT_OVERS.iter().map(|name| data.join(name)).find(|path| is_left(path)) {
        bail!("{} exists already; restore into an empty directory", left.display());
    }
    let mut head = vec![];
    std::fs::File::open(&args.from)
        .and_then(|file| file.take(16).read_to_end(&mut head))
        .with_context(|| format!("cannot read {}", args.from.display()))?;
    if head != b"SQLite format 3\0" {
        bail!("{} is no backup: it is not an SQLite database", args.from.display());
    }
    // The files first: a database without its files would pass for a whole site.
    let files = files_beside(&args.from);
    if files.is_dir() {
        let target = data.join(wiring::FILES_FOLDER);
        let beside = data.join(format!("{}.restoring", wiring::FILES_FOLDER));
        let _ = std::fs::remove_dir_all(&beside);
        copy_folder(&files, &beside).with_context(|| format!("cannot write {}", beside.display()))?;
        std::fs::rename(&beside, &target)?;
    } else if config.attachments.backend == AttachmentsBackend::Local {
        print::say(&format!(
            "warning: there is no {}; where messages had files, these are missing",
            files.display()
        ));
    }
    // Copied beside and renamed, so that a copy that breaks off is never taken for the database.
    let beside = to.with_extension("db.restoring");
    std::fs::copy(&args.from, &beside).with_context(|| format!("cannot write {}", beside.display()))?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, &to)?;
    std::fs::File::open(data)?.sync_all()?;
    if args.data.json {
        print::json(&json!({ "restored_into": data }))?;
    } else {
        print::line(&format!("restored into {}; the index is built at the next start", data.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether something is there; a folder with nothing in it is not.
fn is_left(path: &Path) -> bool {
    let is_empty_folder = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    path.exists() && !is_empty_folder
}

/// Copies the files of a folder and of the folders in it, of which there is one level. They are on disk when this returns.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), &target)?;
            std::fs::File::open(&target)?.sync_all()?;
        }
    }
    std::fs::File::open(to)?.sync_all()
}
