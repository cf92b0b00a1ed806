//! Putting tickets into the index and taking them out; what was committed is true for the next search.

use std::sync::PoisonError;

use domain::TicketId;
use tantivy::Term;

use super::{Reached, TicketIndex, TicketText, document::document, open::Payload, schema::SCHEMA_VERSION};
use crate::{
    SearchError,
    folder::{self, Writer},
    rewrite,
};

impl TicketIndex {
    /// Puts tickets in place of what it holds of them, forgets others, and commits that with the event that is reached.
    /// When it returns, every search sees it.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index. Then nothing was committed.
    pub async fn apply(
        &self,
        tickets: Vec<TicketText>,
        gone: Vec<TicketId>,
        seq: i64,
    ) -> Result<(), SearchError> {
        self.write(move |index, writer| {
            writer.start()?;
            let fields = &index.0.fields;
            for id in tickets.iter().map(|text| &text.ticket.id).chain(&gone) {
                writer.index.delete_term(Term::from_field_text(fields.id, id.as_str()));
            }
            for text in &tickets {
                writer.index.add_document(document(fields, text))?;
            }
            index.commit_now(writer, Reached::Event(seq))
        })
        .await
    }

    /// Empties the index, which from then on is being built from the tickets as they stood after an event.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index.
    pub async fn clear(&self, seq: i64) -> Result<(), SearchError> {
        self.write(move |index, writer| {
            writer.start()?;
            writer.index.delete_all_documents()?;
            index.commit_now(writer, Reached::Building { seq, after: None })
        })
        .await
    }

    /// Forgets what was added since the last commit.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index.
    pub async fn begin(&self) -> Result<(), SearchError> {
        self.write(|_, writer| writer.start()).await
    }

    /// Adds tickets that it does not hold yet. They are there with the next commit.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index. Then nothing that was added since the last commit is kept.
    pub async fn add(&self, tickets: Vec<TicketText>) -> Result<(), SearchError> {
        self.write(move |index, writer| {
            for text in &tickets {
                writer.index.add_document(document(&index.0.fields, text))?;
            }
            Ok(())
        })
        .await
    }

    /// Commits what was added, with how far the index has come.
    ///
    /// # Errors
    /// As [`TicketIndex::add`].
    pub async fn commit(&self, reached: Reached) -> Result<(), SearchError> {
        self.write(|index, writer| index.commit_now(writer, reached)).await
    }

    fn commit_now(&self, writer: &mut Writer, reached: Reached) -> Result<(), SearchError> {
        let erased_by = self.erased_by();
        let payload = Payload { schema: SCHEMA_VERSION, reached: reached.clone(), erased_by };
        let mut prepared = writer.index.prepare_commit()?;
        prepared.set_payload(&serde_json::to_string(&payload).unwrap_or_default());
        prepared.commit()?;
        writer.is_dirty = false;
        self.0.reader.reload()?;
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        state.searcher = self.0.reader.searcher();
        state.reached = reached;
        Ok(())
    }

    /// Notes that somebody was erased by an event: their words are to leave the files too. It is remembered with the next commit,
    /// which is that of the event.
    pub fn note_erased(&self, seq: i64) {
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        state.erased_by = state.erased_by.max(Some(seq));
    }

    /// Takes what was deleted out of the files, segment by segment, while searches and commits go on. Says whether all of it is
    /// gone; where a search still reads an old file, it is not yet.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index. Doing it again goes on.
    pub async fn rewrite(&self) -> Result<bool, SearchError> {
        let this = self.clone();
        let work = move || {
            let writer = this.0.writer.as_ref().ok_or(SearchError::ReadOnly)?;
            let index = writer.lock().unwrap_or_else(PoisonError::into_inner).index.index().clone();
            rewrite::rewrite(writer, &rewrite::stained(&index)?)?;
            this.0.reader.reload()?;
            // Its old searcher would keep the old files.
            this.0.state.write().unwrap_or_else(PoisonError::into_inner).searcher = this.0.reader.searcher();
            rewrite::sweep(writer, &index)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| SearchError::Stopped)?
    }

    /// Forgets that somebody was erased by an event or before: nothing of them is left. Who was erased later is remembered.
    ///
    /// # Errors
    /// [`SearchError::ReadOnly`], and those of the index.
    pub async fn forget_erased(&self, seq: i64) -> Result<(), SearchError> {
        self.write(move |index, writer| {
            let state = index.state();
            // While it is being built, what was added waits for its own commit.
            if state.erased_by != Some(seq) || !matches!(state.reached, Reached::Event(_)) {
                return Ok(());
            }
            writer.start()?;
            index.0.state.write().unwrap_or_else(PoisonError::into_inner).erased_by = None;
            index.commit_now(writer, state.reached)
        })
        .await
    }

    /// Runs beside the requests: a commit waits for the disk.
    async fn write(
        &self,
        work: impl FnOnce(&Self, &mut Writer) -> Result<(), SearchError> + Send + 'static,
    ) -> Result<(), SearchError> {
        let index = self.clone();
        let work = move || {
            let writer = index.0.writer.as_ref().ok_or(SearchError::ReadOnly)?;
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            work(&index, &mut writer).map_err(|error| {
                let error = folder::full_disk(&index.0.dir).unwrap_or(error);
                writer.forget();
                error
            })
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| SearchError::Stopped)?
    }
}
