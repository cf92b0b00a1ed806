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

/// What an empty data directory does not hold. A log that is left of another database would be played into the restored
/// one, and an index that is left would be taken for its own.
const LEFT_OVERS: [&str; 4] = ["askwell.db", "askwell.db-wal", "index", "tickets"];

/// Puts the database back; the index is built again at the next start.
pub(crate) fn restore(args: RestoreArgs) -> anyhow::Result<ExitCode> {
    let data = &args.data.data;
    let config = Config::read(data, args.data.config.as_deref())?;
    let Some(to) = config.database_file(data) else {
        bail!("this site's database is not in its data directory; restore it with the database's own tools");
    };
    lock::make_data_dir(data)?;
    let _lock = lock::lock(data)?;
    if let Some(left) = LEFT_OVERS.iter().map(|name| data.join(name)).find(|path| path.exists()) {
        bail!("{} exists already; restore into an empty directory", left.display());
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
    std::fs::File::open(data)?.sync_all()?;
    print::line(&format!("restored into {}; the index is built at the next start", data.display()));
    Ok(ExitCode::SUCCESS)
}
