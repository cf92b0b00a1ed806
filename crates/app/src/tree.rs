//! What a folder holds to import: files by their format, and what folders say about themselves.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use ingest::Format;

use crate::cli::ImportFormat;

/// The files in which a folder says what its collection is called.
const CATEGORY_FILES: [&str; 3] = ["_category_.json", "_category_.yml", "_category_.yaml"];

/// What is to be imported.
#[derive(Default)]
pub(crate) struct Tree {
    /// In the order of their names.
    pub(crate) files: Vec<SourceFile>,
    /// The files in which folders say what their collections are called.
    pub(crate) categories: Vec<PathBuf>,
    /// How many files are no articles, by the ending of their names.
    pub(crate) left_out: BTreeMap<String, usize>,
}

/// A file to import.
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    /// Relative to the folder that is imported, with `/` between.
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) bytes: u64,
}

/// Looks through a folder; hidden ones are left out and links are not followed. Counts the files that are no articles.
pub(crate) fn walk(path: &Path, format: ImportFormat) -> anyhow::Result<Tree> {
    let mut tree = Tree::default();
    if path.is_file() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let format = format_of(&name, format)
            .with_context(|| format!("cannot tell what {name} is; name a --format"))?;
        let bytes = std::fs::metadata(path)?.len();
        tree.files.push(SourceFile { path: path.to_owned(), name, format, bytes });
        return Ok(tree);
    }
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "node_modules" {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file()
                && let Some(known) = Format::of_path(&name)
                && format_of(&name, format) == Some(known)
            {
                let relative = entry.path().strip_prefix(path).map(Path::to_path_buf).unwrap_or_default();
                let name = relative.to_string_lossy().replace('\\', "/");
                let bytes = entry.metadata()?.len();
                tree.files.push(SourceFile { path: entry.path(), name, format: known, bytes });
            } else if kind.is_file() && !CATEGORY_FILES.contains(&name.as_str()) {
                let ending = Path::new(&name).extension().unwrap_or_default().to_string_lossy();
                *tree.left_out.entry(ending.to_lowercase()).or_default() += 1;
            }
        }
        let category = CATEGORY_FILES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        tree.categories.extend(category);
    }
    tree.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tree)
}

fn format_of(name: &str, wanted: ImportFormat) -> Option<Format> {
    match wanted {
        ImportFormat::Auto => Format::of_path(name),
        ImportFormat::Markdown => Some(Format::Markdown),
        ImportFormat::Html => Some(Format::Html),
        ImportFormat::Jsonl => Some(Format::Jsonl),
    }
}
