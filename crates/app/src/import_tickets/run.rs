//! One import: collects records into batches, hands them to the desk, and counts what comes of them.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use anyhow::Context as _;
use desk::{Desk, TicketImport, TicketImportReport};
use domain::Principal;
use indicatif::ProgressBar;
use ingest::{ParsedMessage, ParsedPerson, ParsedTicket};

use super::{
    rejects::Rejects,
    summary::{Problem, Summary},
};

/// Records of one transaction: few enough that other writers need not wait long.
const BATCH: usize = 200;
/// Text of one transaction, in bytes; a record that has more goes alone.
const BATCH_BYTES: usize = 4 << 20;
/// Tickets whose ids are remembered, to see one that stands twice in the files: some hundred megabytes.
const SEEN_MAX: usize = 4_000_000;
/// What to do when a batch cannot be stored.
const AGAIN: &str = "cannot store a batch; run it again, it goes on where it stopped";

/// Where a record stands.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) line: u64,
}

/// An import.
pub(super) struct Run<'a> {
    desk: &'a Desk,
    import: &'a TicketImport,
    pub(super) summary: Summary,
    rejects: Option<Rejects>,
    pub(super) bar: ProgressBar,
    /// Of each ticket, by the hash of its id, when it changed last and the hash of what it was.
    seen: HashMap<u64, (i64, u64)>,
    people: Batch<ParsedPerson>,
    tickets: Batch<ParsedTicket>,
    messages: Batch<ParsedMessage>,
}

struct Batch<T> {
    records: Vec<T>,
    places: Vec<(Place, Option<String>)>,
    n_bytes: usize,
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self { records: vec![], places: vec![], n_bytes: 0 }
    }
}

impl<T> Batch<T> {
    /// Adds a record. Says whether it is time to write them.
    fn push(&mut self, place: Place, id: Option<String>, n_bytes: usize, record: T) -> bool {
        self.records.push(record);
        self.places.push((place, id));
        self.n_bytes += n_bytes;
        self.records.len() >= BATCH || self.n_bytes >= BATCH_BYTES
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(
        desk: &'a Desk,
        import: &'a TicketImport,
        rejects: Option<Rejects>,
        bar: ProgressBar,
    ) -> Self {
        Self {
            desk,
            import,
            summary: Summary::new(&import.source),
            rejects,
            bar,
            seen: HashMap::new(),
            people: Batch::default(),
            tickets: Batch::default(),
            messages: Batch::default(),
        }
    }

    pub(super) async fn person(&mut self, place: Place, person: ParsedPerson) -> anyhow::Result<()> {
        let id = person.who.external_id.clone();
        if self.people.push(place, id, 0, person) {
            self.flush_people().await?;
        }
        Ok(())
    }

    pub(super) async fn ticket(&mut self, place: Place, ticket: ParsedTicket) -> anyhow::Result<()> {
        for (what, n) in &ticket.left_out {
            self.summary.leave_out(what, *n);
        }
        let id = Some(ticket.external_id.clone());
        let (key, content) = (hash_of(&ticket.external_id), hash_of(&ticket.content_hash()));
        let updated_at = ticket.updated_at.0;
        match self.seen.get(&key) {
            // Pages of an export overlap.
            Some((_, before)) if *before == content => {
                self.summary.tickets.unchanged();
                return Ok(());
            }
            Some((before, _)) if *before >= updated_at => {
                let why = "its id stands in the files before, with something else".to_owned();
                self.summary.tickets.refused();
                return self.refuse(&place, id, why);
            }
            // It is newer: what was before must be there first.
            Some(_) => self.flush_tickets().await?,
            None => {}
        }
        if self.seen.len() < SEEN_MAX {
            self.seen.insert(key, (updated_at, content));
        }
        let n_bytes = ticket.messages.iter().map(|message| message.plain.len()).sum();
        if self.tickets.push(place, id, n_bytes, ticket) {
            self.flush_tickets().await?;
        }
        Ok(())
    }

    pub(super) async fn message(&mut self, place: Place, message: ParsedMessage) -> anyhow::Result<()> {
        let (id, n_bytes) = (Some(message.external_id.clone()), message.plain.len());
        if self.messages.push(place, id, n_bytes, message) {
            self.flush_messages().await?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) async fn flush(&mut self) -> anyhow::Result<()> {
        self.flush_people().await?;
        self.flush_tickets().await?;
        self.flush_messages().await
    }

    pub(super) fn refuse(&mut self, place: &Place, id: Option<String>, why: String) -> anyhow::Result<()> {
        let problem = Problem { file: place.file.to_string(), line: place.line, id, why };
        if let Some(rejects) = &mut self.rejects {
            rejects.add(&problem)?;
        }
        self.summary.refused();
        self.summary.show(problem);
        Ok(())
    }

    /// What came of it, once all was read or something failed.
    pub(super) fn end(mut self, took_s: f64) -> anyhow::Result<Summary> {
        self.bar.finish_and_clear();
        if let Some(rejects) = &mut self.rejects {
            rejects.flush()?;
        }
        self.summary.took(took_s);
        Ok(self.summary)
    }

    async fn flush_people(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.people);
        if batch.records.is_empty() {
            return Ok(());
        }
        let imported = self.desk.import_customers(&Principal::System, self.import, &batch.records).await;
        let report = imported.context(AGAIN)?;
        self.summary.customers.add(&report);
        self.take(&report, &batch.places)
    }

    async fn flush_tickets(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.tickets);
        if batch.records.is_empty() {
            return Ok(());
        }
        let imported = self.desk.import_tickets(&Principal::System, self.import, &batch.records).await;
        let report = imported.context(AGAIN)?;
        self.summary.tickets.add(&report);
        self.take(&report, &batch.places)
    }

    async fn flush_messages(&mut self) -> anyhow::Result<()> {
        let batch = std::mem::take(&mut self.messages);
        if batch.records.is_empty() {
            return Ok(());
        }
        let imported = self.desk.import_messages(&Principal::System, self.import, &batch.records).await;
        let report = imported.context(AGAIN)?;
        self.summary.messages.add(&report);
        self.take(&report, &batch.places)
    }

    fn take(
        &mut self,
        report: &TicketImportReport,
        places: &[(Place, Option<String>)],
    ) -> anyhow::Result<()> {
        self.summary.add(report);
        for (n, why) in &report.refused {
            let (place, id) = &places[*n];
            self.refuse(place, id.clone(), why.clone())?;
        }
        for (n, what) in &report.notes {
            let (place, id) = &places[*n];
            self.summary.show(Problem {
                file: place.file.to_string(),
                line: place.line,
                id: id.clone(),
                why: what.clone(),
            });
        }
        Ok(())
    }
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
