//! `askwell backup` and `askwell restore`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::{
    Config,
    cli::{BackupArgs, RestoreArgs},
    lock, print, wiring,
};

pub(crate) async fn backup(args: BackupArgs) -> anyhow::Result<ExitCode> {
    if args.to.exists() {
        bail!("{} exists already; name a new file", args.to.display());
    }
    let desk = wiring::open_records(&args.data).await?;
    desk.backup_to(&args.to).await.context("cannot write the backup")?;
    let bytes = std::fs::metadata(&args.to)?.len();
    print::line(&format!("{} written, {bytes} bytes", args.to.display()));
    Ok(ExitCode::SUCCESS)
}

/// Puts the database back; the index is built again at the next start.
pub(crate) fn restore(args: RestoreArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.data.data, args.data.config.as_deref())?;
    if config.database.url.is_some() || config.database.url_file.is_some() {
        bail!("this site is on Postgres; restore it with Postgres's own tools");
    }
    lock::make_data_dir(&args.data.data)?;
    let to = args.data.data.join("askwell.db");
    if to.exists() {
        bail!("{} exists already; restore into an empty directory", to.display());
    }
    let mut head = [0_u8; 16];
    std::fs::File::open(&args.from)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head))
        .with_context(|| format!("cannot read {}", args.from.display()))?;
    if &head != b"SQLite format 3\0" {
        bail!("{} is no backup: it is not an SQLite database", args.from.display());
    }
    // Copied beside and renamed, so that a copy that breaks off is never taken for the database.
    let beside = to.with_extension("db.restoring");
    std::fs::copy(&args.from, &beside).with_context(|| format!("cannot write {}", beside.display()))?;
    std::fs::File::open(&beside)?.sync_all()?;
    std::fs::rename(&beside, &to)?;
    print::line(&format!("restored into {}; the index is built at the next start", args.data.data.display()));
    Ok(ExitCode::SUCCESS)
}
