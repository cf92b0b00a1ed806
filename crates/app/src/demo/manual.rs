//! The demo's help center: Askwell's own manual.

use anyhow::Context as _;
use desk::{ArticleQuery, Desk, ImportOptions, ImportPublication, ImportRun};
use domain::{Locale, Principal};
use ingest::Format;

use crate::addresses::Addresses;

/// The manual, in the binary.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../kb-content"]
struct Manual;

/// The file that names a folder's collection.
const CATEGORY: &str = "_category_.json";
/// Articles of one transaction.
const BATCH: usize = 100;

/// Whether nothing is there yet, or the oldest article is one of the manual.
pub(super) async fn is_ours(desk: &Desk) -> anyhow::Result<bool> {
    let oldest = ArticleQuery { limit: 1, ..ArticleQuery::default() };
    let oldest = desk.list_articles(&Principal::System, oldest).await?.articles;
    match oldest.first() {
        None => Ok(desk.has_no_tickets().await?),
        Some(view) => Ok(Manual::iter().any(|name| {
            let id = ingest::place(Format::Markdown, &name, "").external_id;
            view.article.external_id.as_ref() == Some(&id)
        })),
    }
}

/// Imports and publishes what is new of it.
pub(super) async fn import(desk: &Desk) -> anyhow::Result<()> {
    let mut names: Vec<String> = Manual::iter().map(std::borrow::Cow::into_owned).collect();
    for name in names.iter().filter(|name| name.ends_with(CATEGORY)) {
        let folder =
            name.trim_end_matches(CATEGORY).trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let collection = ingest::collection_of_folder(folder);
        let collection = collection.with_context(|| format!("{name} is in a folder without a name"))?;
        let file = Manual::get(name).context("the manual is in the binary")?;
        let category = std::str::from_utf8(&file.data).ok().and_then(ingest::parse_category);
        let category = category.with_context(|| format!("{name} names no collection"))?;
        desk.import_collection(&Principal::System, &collection.slug, &category).await?;
    }
    names.retain(|name| name.ends_with(".md"));
    names.sort();
    let mut files = Vec::new();
    let mut addresses = Addresses::default();
    for name in &names {
        let file = Manual::get(name).context("the manual is in the binary")?;
        let text =
            ingest::decode(&file.data).map_err(|error| anyhow::anyhow!("{name}: {}", error.message))?.text;
        addresses.add(desk, Format::Markdown, name, &text).await?;
        files.push((name, text));
    }
    let resolve = |address: &str| addresses.resolve(address);
    let parse = ingest::ImportOptions { resolve_link: Some(&resolve), ..ingest::ImportOptions::default() };
    let parsed: Vec<_> =
        files.iter().map(|(name, text)| ingest::parse_markdown(name, text, &parse)).collect();
    let options = ImportOptions {
        collection: None,
        locale: Locale::english(),
        publication: ImportPublication::Publish,
        run: ImportRun::Write,
    };
    for batch in parsed.chunks(BATCH) {
        desk.import_batch(&Principal::System, batch, &options).await.context("cannot store the manual")?;
    }
    desk.catch_up().await.context("cannot index the manual")
}
