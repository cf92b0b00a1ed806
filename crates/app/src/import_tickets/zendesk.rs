//! An export of Zendesk: people, groups and fields first, then tickets that name them, then comments that stand apart.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use ingest::{
    Directory, JsonRecord, JsonRecords, PersonRole, Record, zendesk_kind, zendesk_kind_of_broken,
    zendesk_record,
};
use serde_json::Value;

use super::{
    bytes_of, open,
    run::{Place, Run},
};

/// Files of an export that are looked for, by how their names end.
const ENDINGS: [&str; 4] = ["json", "jsonl", "ndjson", "txt"];
/// Folders within one another that are looked through.
const DEPTH_MAX: usize = 20;

/// A file of the export, and what it holds.
struct Source {
    path: PathBuf,
    name: Arc<str>,
    /// Its name without folders.
    file: String,
    has_tickets: bool,
    has_comments: bool,
}

/// What a pass over the files reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    People,
    Tickets,
    Comments,
}

/// Reads a file, or a folder with all below it.
pub(super) async fn read(run: &mut Run<'_>, path: &Path) -> anyhow::Result<()> {
    let mut sources = sources(run, path)?;
    if sources.is_empty() {
        bail!("{} holds no JSON file; unpack the export and name its folder", path.display());
    }
    let mut directory = Directory::default();
    pass(run, &mut sources, &mut directory, Pass::People).await?;
    pass(run, &mut sources, &mut directory, Pass::Tickets).await?;
    pass(run, &mut sources, &mut directory, Pass::Comments).await
}

async fn pass(
    run: &mut Run<'_>,
    sources: &mut [Source],
    directory: &mut Directory,
    pass: Pass,
) -> anyhow::Result<()> {
    let is_read = |source: &Source| match pass {
        Pass::People => true,
        Pass::Tickets => source.has_tickets,
        Pass::Comments => source.has_comments,
    };
    run.bar.reset();
    run.bar.set_length(
        sources.iter().filter(|source| is_read(source)).map(|source| bytes_of(&source.path)).sum(),
    );
    run.bar.set_message(match pass {
        Pass::People => "people, groups, fields",
        Pass::Tickets => "tickets",
        Pass::Comments => "comments",
    });
    for source in sources {
        if is_read(source) {
            file(run, source, directory, pass).await?;
        }
    }
    run.flush().await
}

async fn file(
    run: &mut Run<'_>,
    source: &mut Source,
    directory: &mut Directory,
    pass: Pass,
) -> anyhow::Result<()> {
    let cannot = || format!("cannot read {}", source.path.display());
    let mut records = JsonRecords::new(open(&source.path)?);
    let mut n_bytes = 0;
    while let Some(JsonRecord { line, list, value }) = records.read().with_context(cannot)? {
        run.bar.inc(records.n_bytes() - n_bytes);
        n_bytes = records.n_bytes();
        let place = Place { file: source.name.clone(), line };
        let value = match value {
            Ok(value) => value,
            Err(why) => {
                // Every pass meets it; the first one tells.
                if pass == Pass::People {
                    // A row that cannot be read is most probably what most of an export is.
                    count_refused(run, zendesk_kind_of_broken(list, &source.file).or(Some("ticket")));
                    run.refuse(&place, None, why)?;
                }
                continue;
            }
        };
        let kind = zendesk_kind(&value, list, &source.file);
        let of = match kind {
            Some("ticket") => Pass::Tickets,
            Some("comment") => Pass::Comments,
            _ => Pass::People,
        };
        source.has_tickets |= of == Pass::Tickets;
        source.has_comments |= of == Pass::Comments;
        if of != pass {
            continue;
        }
        match zendesk_record(&value, list, &source.file) {
            Ok(record) => take(run, directory, place, record).await?,
            Err(why) => {
                count_refused(run, kind);
                run.refuse(&place, id_of(&value), why)?;
            }
        }
    }
    Ok(())
}

fn count_refused(run: &mut Run<'_>, kind: Option<&str>) {
    match kind {
        Some("ticket") => run.summary.tickets.refused(),
        Some("comment") => run.summary.messages.refused(),
        Some("user") => run.summary.customers.refused(),
        _ => {}
    }
}

async fn take(
    run: &mut Run<'_>,
    directory: &mut Directory,
    place: Place,
    record: Record,
) -> anyhow::Result<()> {
    match record {
        Record::Person(person) if person.who.role == Some(PersonRole::Agent) => {
            if !directory.add_agent(person) {
                run.refuse(&place, None, format!("more than {} agents", ingest::AGENTS_MAX))?;
            }
        }
        Record::Person(person) => run.person(place, person).await?,
        Record::Group { external_id, name } => directory.add_group(external_id, name),
        Record::Field(field) => directory.add_field(field),
        Record::Ticket(mut ticket) => {
            directory.complete(&mut ticket);
            run.ticket(place, *ticket).await?;
        }
        Record::Message(mut message) => {
            directory.complete_message(&mut message);
            run.message(place, *message).await?;
        }
        Record::LeftOut(what) => run.summary.leave_out(what, 1),
    }
    Ok(())
}

fn id_of(value: &Value) -> Option<String> {
    match value.get("id")? {
        Value::Number(id) => Some(id.to_string()),
        Value::String(id) => Some(id.chars().take(60).collect()),
        _ => None,
    }
}

/// The files of an export, by name; hidden ones are left out and links are not followed.
fn sources(run: &mut Run<'_>, path: &Path) -> anyhow::Result<Vec<Source>> {
    let source = |path: PathBuf, name: String| {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Source { path, name: name.into(), file, has_tickets: false, has_comments: false }
    };
    if path.is_file() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(vec![source(path.to_owned(), name)]);
    }
    let mut found = vec![];
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() {
                let ending = entry.path().extension().unwrap_or_default().to_string_lossy().to_lowercase();
                if ENDINGS.contains(&ending.as_str()) {
                    let relative = entry.path().strip_prefix(path).map(Path::to_path_buf).unwrap_or_default();
                    found.push(source(entry.path(), relative.to_string_lossy().into_owned()));
                } else {
                    run.summary.leave_out(&format!("files that end with .{ending}"), 1);
                }
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}
