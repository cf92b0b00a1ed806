//! `askwell import`: reads files in order, a batch at a time, so that it can be stopped and run again.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, IsTerminal as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, bail};
use desk::{Desk, DeskError, ImportOptions, ImportPublication, ImportReport, ImportRun};
use domain::{Locale, Principal};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::{Decoded, Format, LINE_BYTES_MAX, ParsedArticle};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{
    WriteAccess,
    addresses::Addresses,
    cli::{ImportArgs, ImportFormat},
    print,
    tree::{SourceFile, Tree, walk},
    wiring,
};

/// Articles of one transaction: few enough that stopping is quick, enough that commits are cheap.
const BATCH: usize = 200;
/// Batches that may be stored and not indexed yet; then reading waits.
const BATCHES_AHEAD: usize = 2;
/// Largest file, in bytes; larger ones are refused.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// What became of an import; what `--json` prints.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    n_new: usize,
    n_changed: usize,
    n_unchanged: usize,
    n_passages: usize,
    n_refused: usize,
    /// Files of a folder that are no articles, by the ending of their names.
    left_out: BTreeMap<String, usize>,
    warnings: Vec<FileWarning>,
    took_s: f64,
    articles_per_s: f64,
    embedding_share: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct FileWarning {
    source: String,
    message: String,
}

pub(crate) async fn import(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let locale = Locale::parse(&args.locale)?;
    if !args.path.exists() {
        bail!("there is no {}", args.path.display());
    }
    let options = ImportOptions {
        collection: args.collection.clone(),
        locale,
        publication: if args.draft { ImportPublication::Draft } else { ImportPublication::Publish },
        run: if args.dry_run { ImportRun::DryRun } else { ImportRun::Write },
    };
    let opened = wiring::open_or_begin(&args.data, WriteAccess::IfFree).await?;
    let bar = progress_bar(args.data.json);
    let started = Instant::now();
    let (summary, embedding_s) =
        import_path(&opened.desk, &args.path, args.format, &options, opened.may_index(), &bar).await?;
    bar.finish_and_clear();
    if !opened.may_index() && !args.dry_run {
        print::say("a server holds this data directory; it indexes the articles now");
    }
    report(&args, summary, started.elapsed().as_secs_f64(), embedding_s)
}

/// Imports a file or folder. Reading, storing, embedding and indexing go on at the same time. Gives the seconds that the
/// model worked beside the summary.
pub(crate) async fn import_path(
    desk: &Desk,
    path: &Path,
    format: ImportFormat,
    options: &ImportOptions,
    index: bool,
    bar: &ProgressBar,
) -> anyhow::Result<(Summary, f64)> {
    let Tree { files, categories, left_out } = walk(path, format)?;
    if files.is_empty() {
        bail!("{} holds no Markdown, HTML or JSONL file", path.display());
    }
    bar.set_length(files.iter().map(|file| file.bytes).sum());
    let busy_before = desk.embedding_time();
    let (stored, indexing) = if index && options.run == ImportRun::Write {
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        (Some(sender), Some(tokio::spawn(follow(desk.clone(), receiver, bar.clone()))))
    } else {
        (None, None)
    };
    let summary = Summary { left_out, ..Summary::default() };
    let mut run = Run { desk, options, summary, batch: Vec::new(), stored };
    let read = run.read(&categories, &files, bar).await;
    let Run { summary, stored, .. } = run;
    drop(stored);
    if let Some(indexing) = indexing {
        indexing.await?.context(
            "the articles are stored, but not all are indexed; run it again, it goes on where it stopped",
        )?;
    }
    read?;
    Ok((summary, (desk.embedding_time() - busy_before).as_secs_f64()))
}

/// Indexes what has been stored, while the next files are read.
async fn follow(desk: Desk, mut stored: mpsc::Receiver<()>, bar: ProgressBar) -> Result<(), DeskError> {
    let mut n_embedded = 0;
    while stored.recv().await.is_some() {
        desk.follow_changes(&mut |progress| {
            n_embedded += progress.n_embedded;
            bar.set_message(format!("{n_embedded} passages embedded"));
            bar.tick();
        })
        .await?;
    }
    Ok(())
}

struct Run<'a> {
    desk: &'a Desk,
    options: &'a ImportOptions,
    summary: Summary,
    batch: Vec<ParsedArticle>,
    /// Told of each batch, where this process indexes.
    stored: Option<mpsc::Sender<()>>,
}

impl Run<'_> {
    async fn read(
        &mut self,
        categories: &[PathBuf],
        files: &[SourceFile],
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        let addresses = self.addresses(files).await?;
        self.collections(categories).await?;
        for file in files {
            self.file(file, &addresses, bar).await?;
        }
        self.flush().await
    }

    /// Where each file of the tree will be found. Of a file only its front matter or head is read for that; one that
    /// cannot be read is reported when its turn comes.
    async fn addresses(&self, files: &[SourceFile]) -> anyhow::Result<Addresses> {
        let mut addresses = Addresses::default();
        for file in files.iter().filter(|file| file.format != Format::Jsonl) {
            if let Ok(decoded) = read_file(file) {
                addresses.add(self.desk, file.format, &file.name, &decoded.text).await?;
            }
        }
        Ok(addresses)
    }

    /// Names the collections of folders that say what they are called.
    async fn collections(&mut self, categories: &[PathBuf]) -> anyhow::Result<()> {
        for path in categories {
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            let category = match std::fs::read_to_string(path) {
                Ok(text) => ingest::parse_category(&text),
                Err(error) => {
                    self.warn(&path.to_string_lossy(), error.to_string());
                    continue;
                }
            };
            match (category, ingest::collection_of_folder(&folder)) {
                (Some(category), Some(collection)) if self.options.run == ImportRun::Write => {
                    self.desk.import_collection(&Principal::System, &collection.slug, &category).await?;
                }
                (Some(_), _) => {}
                (None, _) => self.warn(&path.to_string_lossy(), "it names no title".to_owned()),
            }
        }
        Ok(())
    }

    fn warn(&mut self, source: &str, message: String) {
        self.summary.warnings.push(FileWarning { source: source.to_owned(), message });
    }

    async fn file(
        &mut self,
        file: &SourceFile,
        addresses: &Addresses,
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        let resolve = |address: &str| addresses.resolve(address);
        let options =
            ingest::ImportOptions { resolve_link: Some(&resolve), ..ingest::ImportOptions::default() };
        if file.format == Format::Jsonl {
            return self.corpus(file, &options, bar).await;
        }
        match parse_file(file, &options) {
            Ok(parsed) => self.take(&file.name, parsed).await?,
            Err(message) => self.refuse(&file.name, message),
        }
        bar.inc(file.bytes);
        Ok(())
    }

    async fn corpus(
        &mut self,
        file: &SourceFile,
        options: &ingest::ImportOptions<'_>,
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        let reader = std::fs::File::open(&file.path)
            .with_context(|| format!("cannot read {}", file.path.display()))?;
        let mut reader = BufReader::new(reader);
        let mut bytes = Vec::new();
        for n in 1.. {
            let n_read = read_line(&mut reader, &mut bytes)
                .with_context(|| format!("cannot read {}", file.path.display()))?;
            if n_read == 0 {
                break;
            }
            bar.inc(n_read as u64);
            let source = format!("{}:{n}", file.name);
            if n_read > LINE_BYTES_MAX {
                self.refuse(&source, format!("the line has more than {LINE_BYTES_MAX} bytes"));
                continue;
            }
            let Ok(line) = std::str::from_utf8(&bytes) else {
                self.refuse(&source, "the line is not UTF-8".to_owned());
                continue;
            };
            match ingest::parse_jsonl_line(n, line.trim_end_matches(['\n', '\r']), options) {
                Ok(Some(parsed)) => self.take(&source, parsed).await?,
                Ok(None) => {}
                Err(error) => self.refuse(&source, error.message),
            }
        }
        Ok(())
    }

    async fn take(&mut self, source: &str, parsed: ParsedArticle) -> anyhow::Result<()> {
        for warning in &parsed.warnings {
            self.warn(source, warning.to_string());
        }
        self.batch.push(parsed);
        if self.batch.len() >= BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    fn refuse(&mut self, source: &str, message: String) {
        self.summary.n_refused += 1;
        self.warn(source, message);
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        let report: ImportReport = self
            .desk
            .import_batch(&Principal::System, &batch, self.options)
            .await
            .context("cannot store a batch of articles; run it again, it goes on where it stopped")?;
        self.summary.n_new += report.n_new;
        self.summary.n_changed += report.n_changed;
        self.summary.n_unchanged += report.n_unchanged;
        self.summary.n_passages += report.n_passages;
        for (source, message) in report.refused {
            self.refuse(&source, message);
        }
        if let Some(stored) = &self.stored {
            stored.send(()).await.context("the index cannot follow")?;
        }
        Ok(())
    }
}

fn parse_file(file: &SourceFile, options: &ingest::ImportOptions<'_>) -> Result<ParsedArticle, String> {
    let decoded = read_file(file)?;
    let mut parsed = match file.format {
        Format::Html => ingest::parse_html(&file.name, &decoded.text, options),
        Format::Markdown | Format::Jsonl => ingest::parse_markdown(&file.name, &decoded.text, options),
    };
    parsed.warnings.extend(decoded.warnings);
    Ok(parsed)
}

fn read_file(file: &SourceFile) -> Result<Decoded, String> {
    if file.bytes > FILE_BYTES_MAX {
        return Err(format!("the file has more than {FILE_BYTES_MAX} bytes"));
    }
    let bytes = std::fs::read(&file.path).map_err(|error| error.to_string())?;
    ingest::decode(&bytes).map_err(|error| error.message)
}

/// Reads the next line with its end and gives its length, 0 at the end of the file. Of a line that is too long only the
/// beginning is kept, so that no file fills the memory.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<usize> {
    line.clear();
    let mut n_read = 0;
    loop {
        let piece = reader.fill_buf()?;
        let end = piece.iter().position(|byte| *byte == b'\n');
        let n_taken = end.map_or(piece.len(), |end| end + 1);
        let room = LINE_BYTES_MAX.saturating_sub(line.len());
        line.extend_from_slice(&piece[..n_taken.min(room)]);
        let is_last = end.is_some() || n_taken == 0;
        reader.consume(n_taken);
        n_read += n_taken;
        if is_last {
            return Ok(n_read);
        }
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress_bar(json: bool) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if json || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn report(
    args: &ImportArgs,
    mut summary: Summary,
    took_s: f64,
    embedding_s: f64,
) -> anyhow::Result<ExitCode> {
    let n_articles = summary.n_new + summary.n_changed;
    summary.took_s = took_s;
    summary.articles_per_s = if took_s > 0.0 { n_articles as f64 / took_s } else { 0.0 };
    summary.embedding_share = if took_s > 0.0 { embedding_s / took_s } else { 0.0 };
    if args.data.json {
        print::json(&summary)?;
    } else {
        for warning in &summary.warnings {
            print::say(&format!("{}: {}", warning.source, warning.message));
        }
        let verb = if args.dry_run { "would be" } else { "are" };
        print::line(&format!(
            "{} new, {} changed, {} unchanged, {} refused; {} passages {verb} searchable",
            summary.n_new, summary.n_changed, summary.n_unchanged, summary.n_refused, summary.n_passages
        ));
        if !summary.left_out.is_empty() {
            let mut counts: Vec<_> = summary.left_out.iter().collect();
            counts.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
            let named: Vec<String> = counts.iter().map(|(ending, n)| format!("{n} .{ending}")).collect();
            print::say(&format!("left out, as neither Markdown, HTML nor JSONL: {}", named.join(", ")));
        }
    }
    let nothing_taken = n_articles + summary.n_unchanged == 0 && summary.n_refused > 0;
    Ok(if nothing_taken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
