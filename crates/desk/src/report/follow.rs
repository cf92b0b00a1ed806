//! Counting for reports: what happened is read from the outbox, and what is known of each ticket is taken back and counted anew.
//!
//! Everything of a step is one transaction with the place that it reaches, so each thing counts once, however often the process
//! dies and however many count. Without a place among the events, all tickets and conversations are counted from nothing; those
//! that were deleted since are counted by what was known of them.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Cells, ConversationFacts, ConversationId, Event, Principal, Schedule, Ticket, TicketFacts, TicketId,
    TicketLife, Zone,
};
use store::{FactsKind, ReportPhase, ReportState, StoredFacts};

use crate::{
    Desk, DeskError,
    audit::{RecordedTx, Unrecorded},
};

/// Events of one step. Nobody else writes while a step is written, so each takes tens of milliseconds.
const EVENTS_PER_STEP: i64 = 50;
/// Tickets or conversations of one step while all are counted. With ten times as many the whole takes a quarter less time, and who
/// writes meanwhile waits for half a second.
const SUBJECTS_PER_STEP: i64 = 100;
/// Sums that one step deletes.
const DELETED_PER_STEP: i64 = 5_000;

/// How far a counting from nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportProgress {
    /// Tickets that were counted in this step.
    pub n_tickets: u64,
    /// Tickets that there are, about: the number of the newest one.
    pub n_all: u64,
}

/// Whether there is more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    More,
    Done,
}

/// Tickets and conversations to be counted, as they are now.
#[derive(Default)]
struct Batch {
    lives: Vec<TicketLife>,
    conversations: Vec<(String, ConversationFacts)>,
}

impl Desk {
    /// Counts what has happened. What was never counted, or whose place among the events is forgotten, is counted from nothing.
    ///
    /// # Errors
    /// Those of the database. What was counted stays counted; calling again goes on.
    pub async fn follow_reports(
        &self,
        progress: &mut (dyn FnMut(ReportProgress) + Send),
    ) -> Result<(), DeskError> {
        while self.count_some(progress).await? == Step::More {}
        Ok(())
    }

    /// Counts everything from nothing, by the days of the site's time zone. Hours that were measured before are kept. Until it
    /// has ended, reports are refused.
    ///
    /// # Errors
    /// As [`Desk::follow_reports`]. When it is stopped half way, whoever counts next goes on.
    pub async fn rebuild_reports(
        &self,
        progress: &mut (dyn FnMut(ReportProgress) + Send),
    ) -> Result<(), DeskError> {
        let state = self.0.store.report_state().await?;
        self.begin_counting(state).await?;
        self.follow_reports(progress).await
    }

    /// The zone by whose days is counted, where it is not the site's: then it is time to count anew.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn outdated_report_zone(&self) -> Result<Option<Zone>, DeskError> {
        let state = self.0.store.report_state().await?;
        Ok(state.map(|state| state.zone).filter(|zone| *zone != self.site_zone()))
    }

    fn site_zone(&self) -> Zone {
        let name = self.site().time_zone.iana_name();
        name.and_then(|name| Zone::parse(name).ok()).unwrap_or_else(Zone::utc)
    }

    async fn count_some(&self, progress: &mut (dyn FnMut(ReportProgress) + Send)) -> Result<Step, DeskError> {
        let last = self.0.store.last_event_seq().await?;
        let Some(state) = self.0.store.report_state().await? else {
            return self.begin_counting(None).await;
        };
        if self.first_forgotten(state.event_seq, last).await?.is_some() {
            tracing::warn!(
                "events are forgotten that reports have not counted; they are counted from nothing"
            );
            return self.begin_counting(Some(state)).await;
        }
        match state.phase {
            ReportPhase::Clearing => self.clear_counted(state).await,
            ReportPhase::Tickets => self.count_tickets_after(state, progress).await,
            ReportPhase::Conversations => self.count_conversations_after(state).await,
            ReportPhase::Leftovers => self.count_deleted(state).await,
            ReportPhase::Ready if state.event_seq >= last => Ok(Step::Done),
            ReportPhase::Ready => self.count_events(state).await,
        }
    }

    async fn begin_counting(&self, before: Option<ReportState>) -> Result<Step, DeskError> {
        let Some(mut tx) = self.begin_step(before.as_ref()).await? else { return Ok(Step::More) };
        let state = ReportState {
            zone: self.site_zone(),
            generation: before.map_or(0, |before| before.generation) + 1,
            phase: ReportPhase::Clearing,
            after_id: String::new(),
            // What happens meanwhile is counted once more afterwards, which changes nothing.
            event_seq: tx.last_event_seq().await?,
        };
        tx.save_report_state(&state).await?;
        tx.commit().await?;
        Ok(Step::More)
    }

    async fn clear_counted(&self, before: ReportState) -> Result<Step, DeskError> {
        let Some(mut tx) = self.begin_step(Some(&before)).await? else { return Ok(Step::More) };
        if tx.clear_report_cells(DELETED_PER_STEP).await? == 0 {
            let next = ReportState { phase: ReportPhase::Tickets, after_id: String::new(), ..before };
            tx.save_report_state(&next).await?;
        }
        tx.commit().await?;
        Ok(Step::More)
    }

    /// Counts what is known of tickets and conversations that were not found any more: reports of years ago stay as they were.
    async fn count_deleted(&self, before: ReportState) -> Result<Step, DeskError> {
        let Some(mut tx) = self.begin_step(Some(&before)).await? else { return Ok(Step::More) };
        let generation = before.generation;
        let mut cells = Cells::new(before.zone.time_zone());
        let tickets: Vec<(String, TicketFacts)> =
            tx.old_report_facts(FactsKind::Ticket, generation, SUBJECTS_PER_STEP).await?;
        let conversations: Vec<(String, ConversationFacts)> =
            tx.old_report_facts(FactsKind::Conversation, generation, SUBJECTS_PER_STEP).await?;
        tickets.iter().for_each(|(_, facts)| cells.count_ticket(facts, 1));
        conversations.iter().for_each(|(_, facts)| cells.count_conversation(facts, 1));
        if tickets.is_empty() && conversations.is_empty() {
            tx.save_report_state(&ReportState { phase: ReportPhase::Ready, ..before }).await?;
        }
        save(&mut tx, FactsKind::Ticket, generation, &tickets).await?;
        save(&mut tx, FactsKind::Conversation, generation, &conversations).await?;
        tx.add_report_cells(&cells.into_cells()).await?;
        tx.commit().await?;
        Ok(Step::More)
    }

    async fn count_tickets_after(
        &self,
        before: ReportState,
        progress: &mut (dyn FnMut(ReportProgress) + Send),
    ) -> Result<Step, DeskError> {
        let after = Some(TicketId::new(before.after_id.as_str())).filter(|_| !before.after_id.is_empty());
        let tickets =
            self.0.store.tickets_after(&Principal::System, after.as_ref(), SUBJECTS_PER_STEP).await?;
        let next = match tickets.last() {
            Some(last) => ReportState { after_id: last.id.to_string(), ..before.clone() },
            None => {
                ReportState { phase: ReportPhase::Conversations, after_id: String::new(), ..before.clone() }
            }
        };
        let n_tickets = tickets.len() as u64;
        let batch = Batch { lives: self.0.store.ticket_lives(tickets).await?, ..Batch::default() };
        self.count(&before, next, batch).await?;
        let n_all = u64::try_from(self.0.store.last_ticket_number().await?).unwrap_or_default();
        progress(ReportProgress { n_tickets, n_all });
        Ok(Step::More)
    }

    async fn count_conversations_after(&self, before: ReportState) -> Result<Step, DeskError> {
        let ids = self.0.store.conversation_ids_after(&before.after_id, SUBJECTS_PER_STEP).await?;
        let next = match ids.last() {
            Some(last) => ReportState { after_id: last.clone(), ..before.clone() },
            None => ReportState { phase: ReportPhase::Leftovers, after_id: String::new(), ..before.clone() },
        };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let conversations = self.0.store.conversation_facts(&ids).await?;
        self.count(&before, next, Batch { conversations, ..Batch::default() }).await
    }

    async fn count_events(&self, before: ReportState) -> Result<Step, DeskError> {
        let entries = self.0.store.events_after(before.event_seq, EVENTS_PER_STEP).await?;
        let Some(last) = entries.last() else { return Ok(Step::Done) };
        let next = ReportState { event_seq: last.seq, ..before.clone() };
        let (mut tickets, mut conversations) = (BTreeSet::new(), BTreeSet::new());
        for entry in entries {
            match entry.event {
                Event::TicketOpened { ticket_id }
                | Event::TicketChanged { ticket_id }
                | Event::TicketWoken { ticket_id }
                | Event::TicketMentioned { ticket_id, .. }
                | Event::SlaWarned { ticket_id, .. }
                | Event::SlaBreached { ticket_id, .. } => {
                    tickets.insert(ticket_id);
                }
                Event::TicketsImported { batch_id } => {
                    let mut after: Option<TicketId> = None;
                    loop {
                        let page = self
                            .0
                            .store
                            .tickets_of_batch(&batch_id, after.as_ref(), SUBJECTS_PER_STEP)
                            .await?;
                        let Some(last) = page.last() else { break };
                        after = Some(last.clone());
                        tickets.extend(page);
                    }
                }
                Event::TurnAdded { conversation_id } | Event::HandoffRequested { conversation_id } => {
                    conversations.insert(conversation_id);
                }
                Event::TicketClocksSet { .. }
                | Event::CustomerErased { .. }
                | Event::ArticlePublished { .. }
                | Event::ArticleUnpublished { .. }
                | Event::CustomerChanged { .. }
                | Event::OrganisationChanged { .. }
                | Event::BulkJobChanged { .. } => {}
            }
        }
        // Read after the events were: what is newer has an event that comes later.
        let ids: Vec<TicketId> = tickets.into_iter().collect();
        let tickets: Vec<Ticket> = self.0.store.tickets_of(&Principal::System, &ids).await?;
        conversations.extend(tickets.iter().filter_map(|ticket| ticket.conversation_id.clone()));
        let ids: Vec<&str> = conversations.iter().map(ConversationId::as_str).collect();
        let conversations = self.0.store.conversation_facts(&ids).await?;
        let lives = self.0.store.ticket_lives(tickets).await?;
        self.count(&before, next, Batch { lives, conversations }).await
    }

    /// Counts tickets and conversations as they are now in place of what was known of them, and moves on.
    async fn count(&self, before: &ReportState, next: ReportState, batch: Batch) -> Result<Step, DeskError> {
        let schedules = self.0.store.team_schedules().await?;
        let Some(mut tx) = self.begin_step(Some(before)).await? else { return Ok(Step::More) };
        let generation = before.generation;
        let mut cells = Cells::new(before.zone.time_zone());
        let ids: Vec<&str> = batch.lives.iter().map(|life| life.ticket.id.as_str()).collect();
        let known: HashMap<String, StoredFacts<TicketFacts>> =
            tx.report_facts(FactsKind::Ticket, &ids).await?;
        let mut facts = vec![];
        for life in &batch.lives {
            let known = known.get(life.ticket.id.as_str());
            let new = facts_of(life, known.map(|known| &known.facts), &schedules);
            facts.push((life.ticket.id.as_str(), new));
        }
        facts.retain(|(id, new)| is_news(known.get(*id), new, generation));
        for (id, new) in &facts {
            if let Some(old) = known.get(*id).filter(|old| old.generation == generation) {
                cells.count_ticket(&old.facts, -1);
            }
            cells.count_ticket(new, 1);
        }
        save(&mut tx, FactsKind::Ticket, generation, &facts).await?;
        let ids: Vec<&str> = batch.conversations.iter().map(|(id, _)| id.as_str()).collect();
        let known: HashMap<String, StoredFacts<ConversationFacts>> =
            tx.report_facts(FactsKind::Conversation, &ids).await?;
        let mut facts: Vec<(&str, ConversationFacts)> =
            batch.conversations.iter().map(|(id, facts)| (id.as_str(), facts.clone())).collect();
        facts.retain(|(id, new)| is_news(known.get(*id), new, generation));
        for (id, new) in &facts {
            if let Some(old) = known.get(*id).filter(|old| old.generation == generation) {
                cells.count_conversation(&old.facts, -1);
            }
            cells.count_conversation(new, 1);
        }
        save(&mut tx, FactsKind::Conversation, generation, &facts).await?;
        tx.add_report_cells(&cells.into_cells()).await?;
        tx.save_report_state(&next).await?;
        tx.commit().await?;
        Ok(Step::More)
    }

    /// A transaction in which the counting is still where it was read; nothing when somebody else has moved it on.
    async fn begin_step(&self, before: Option<&ReportState>) -> Result<Option<RecordedTx>, DeskError> {
        let mut tx = self.begin_unrecorded(&Principal::System, Unrecorded::Derived).await?;
        if tx.report_state().await?.as_ref() == before {
            return Ok(Some(tx));
        }
        tx.rollback().await?;
        Ok(None)
    }
}

/// What a ticket's life comes to, with the hours of teams as they are now; those that were measured before are kept.
pub(super) fn facts_of(
    life: &TicketLife,
    known: Option<&TicketFacts>,
    schedules: &HashMap<String, Schedule>,
) -> TicketFacts {
    TicketFacts::of(life, known, &|team, from, to| match schedules.get(team) {
        Some(schedule) => schedule.open_ms_between(from, to),
        None => (to.0 - from.0).max(0),
    })
}

fn is_news<F: PartialEq>(known: Option<&StoredFacts<F>>, new: &F, generation: i64) -> bool {
    known.is_none_or(|known| known.generation != generation || known.facts != *new)
}

async fn save<F: serde::Serialize>(
    tx: &mut RecordedTx,
    kind: FactsKind,
    generation: i64,
    facts: &[(impl AsRef<str>, F)],
) -> Result<(), DeskError> {
    let facts: Vec<(&str, &F)> = facts.iter().map(|(id, facts)| (id.as_ref(), facts)).collect();
    Ok(tx.save_report_facts(kind, generation, &facts).await?)
}
