//! `askwell export`: writes what people would take with them into a folder, as lines of JSON. Works beside a running server.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use desk::{Desk, ExportPart};
use domain::Principal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{cli::ExportArgs, print, wiring};

/// The file that says what the others hold. It is written last: a folder without it is not complete.
const MANIFEST: &str = "manifest.json";

pub(crate) async fn export(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let desk = wiring::open_records(&args.data).await?;
    let manifest = export_to(&desk, &args.to).await?;
    if args.data.json {
        print::json(&manifest)?;
    } else {
        for file in manifest["files"].as_array().into_iter().flatten() {
            print::line(&format!("{}  {} records", file["name"].as_str().unwrap_or_default(), file["n"]));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the files and their manifest into a folder that is not there yet. Gives the manifest.
///
/// # Errors
/// When the folder is there or cannot be written, and those of the database.
pub async fn export_to(desk: &Desk, folder: &Path) -> anyhow::Result<Value> {
    fs::create_dir(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    desk.begin_export(&Principal::System).await.context("cannot export")?;
    let mut files = vec![];
    for part in ExportPart::ALL {
        let path = folder.join(part.file_name());
        files.push(
            write(desk, part, &path).await.with_context(|| format!("cannot write {}", path.display()))?,
        );
    }
    let manifest =
        json!({ "askwell": env!("CARGO_PKG_VERSION"), "exported_at_ms": desk.now().0, "files": files });
    let path = folder.join(MANIFEST);
    let mut file = File::create_new(&path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(format!("{manifest:#}\n").as_bytes())?;
    file.sync_all()?;
    Ok(manifest)
}

/// Writes one file, page by page. Gives its line of the manifest.
async fn write(desk: &Desk, part: ExportPart, path: &Path) -> anyhow::Result<Value> {
    let mut out = BufWriter::new(File::create_new(path)?);
    let mut hash = Sha256::new();
    let (mut n, mut n_bytes) = (0, 0);
    let mut after = None;
    loop {
        let page = desk.export_page(&Principal::System, part, after).await?;
        for record in &page.records {
            let line = format!("{record}\n");
            hash.update(line.as_bytes());
            out.write_all(line.as_bytes())?;
            n_bytes += line.len();
        }
        n += page.records.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    let sha256 = format!("{:x}", hash.finalize());
    Ok(json!({ "name": part.file_name(), "n": n, "bytes": n_bytes, "sha256": sha256 }))
}
