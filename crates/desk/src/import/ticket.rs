//! Tickets of another system, with what was said in them.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    AuditAction, Channel, Event, FIELDS_MAX, Field, FieldKind, FieldOf, FieldState, FieldValue, FieldValues,
    Handling, ImportBatchId, Message, Principal, Required, TEAMS_MAX, Ticket, TicketId, TicketStatus,
};
use ingest::{ParsedMessage, ParsedTicket};
use serde_json::json;
use store::ImportedTicket;

use super::{
    IMPORTED_ID, Missing, TicketImport, TicketImportReport,
    author::{Said, Team},
    resolve::{People, Resolved},
    value,
};
use crate::{
    Desk, DeskError, ImportRun,
    audit::{RecordedTx, Unrecorded},
    message::reply::first_reply,
};

/// Longest subject made of what was said, in characters.
const SUBJECT_CHARS_MAX: usize = 100;

/// What a batch is imported with, and what comes of it.
pub(super) struct Batch<'a> {
    pub(super) desk: &'a Desk,
    pub(super) import: &'a TicketImport,
    pub(super) id: ImportBatchId,
    pub(super) team: Team,
    pub(super) people: People,
    /// Keys of teams, by key and by name in small letters.
    teams: HashMap<String, String>,
    /// How many there are once the batch is written, as far as it is known.
    n_teams: i64,
    /// The team of tickets that have none of their own.
    other_team: String,
    fields: Vec<Field>,
    pub(super) report: TicketImportReport,
    /// How tickets were taken over, to be remembered.
    pub(super) taken: Vec<ImportedTicket>,
}

impl Desk {
    /// Imports tickets in one transaction. Those that are not done are given to a team and, where it wants that, to somebody; their
    /// SLA clocks are set by their life elsewhere. Nobody outside is told of them.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] without `admin`, [`DeskError::Limited`] without the sight of all tickets, and those of the
    /// database; then nothing was written.
    pub async fn import_tickets(
        &self,
        principal: &Principal,
        import: &TicketImport,
        tickets: &[ParsedTicket],
    ) -> Result<TicketImportReport, DeskError> {
        Self::require_import(principal)?;
        let users = self.0.store.list_users().await?;
        let teams = self.0.store.list_teams().await?;
        let mut tx = self.begin_unrecorded(principal, Unrecorded::Imported).await?;
        let external_ids: Vec<&str> = tickets.iter().map(|ticket| ticket.external_id.as_str()).collect();
        let known = tx.imported_tickets(&import.source, &external_ids).await?;
        let named = tickets.iter().flat_map(|ticket| {
            ticket.requester.iter().chain(ticket.messages.iter().map(|message| &message.author))
        });
        let people = People::read(&mut tx, &import.source, named).await?;
        let other_team = Self::team_for(&mut tx, &import.team).await?;
        // It comes into being with the first ticket that it gets.
        let n_new = i64::from(tx.team(&other_team).await?.is_none());
        let names = teams.iter().map(|team| (team.name.to_lowercase(), team.key.clone()));
        let keys = teams.iter().map(|team| (team.key.clone(), team.key.clone()));
        let mut batch = Batch {
            desk: self,
            import,
            id: ImportBatchId::new(self.id()),
            team: Team::new(users),
            people,
            teams: names.chain(keys).collect(),
            n_teams: tx.count_teams().await? + n_new,
            other_team,
            fields: tx.fields(FieldOf::Ticket).await?,
            report: TicketImportReport::default(),
            taken: vec![],
        };
        if import.run == ImportRun::DryRun && batch.fields.iter().all(|field| field.key != IMPORTED_ID) {
            batch.fields.push(super::imported_id_field());
        }
        batch.take(&mut tx, tickets, &known).await?;
        let report = batch.end(&mut tx).await?;
        match import.run {
            ImportRun::Write => tx.commit().await?,
            ImportRun::DryRun => tx.rollback().await?,
        }
        Ok(report)
    }
}

impl Batch<'_> {
    async fn take(
        &mut self,
        tx: &mut RecordedTx,
        tickets: &[ParsedTicket],
        known: &HashMap<String, ImportedTicket>,
    ) -> Result<(), DeskError> {
        let ids: Vec<&str> = known.values().map(|ticket| ticket.ticket_id.as_str()).collect();
        let erased: HashSet<TicketId> = tx.erased_among(&ids).await?.into_iter().collect();
        let mut seen = HashSet::new();
        let (mut new, mut changed) = (vec![], vec![]);
        for (place, parsed) in tickets.iter().enumerate() {
            let hash = parsed.content_hash();
            let is_first = seen.insert(parsed.external_id.as_str());
            match known.get(&parsed.external_id) {
                _ if !is_first => self.report.refuse(place, "its id stands in the same file before"),
                _ if self.is_ahead(parsed) => self.report.refuse(place, "it lies in the future"),
                Some(before) if before.hash == hash || parsed.updated_at < before.changed_at => {
                    self.report.n_unchanged += 1;
                }
                Some(before) if erased.contains(&before.ticket_id) => self.report.n_kept += 1,
                Some(before) => changed.push((place, parsed, hash, before)),
                None => match self.ticket(tx, place, parsed).await? {
                    Some(ticket) => new.push((place, parsed, hash, ticket)),
                    None => {
                        self.report.refuse(place, "the customer who asked was erased here");
                    }
                },
            }
        }
        self.add(tx, new).await?;
        for (place, parsed, hash, before) in changed {
            self.change(tx, place, parsed, hash, before).await?;
        }
        Ok(())
    }

    fn is_ahead(&self, parsed: &ParsedTicket) -> bool {
        let said = parsed.messages.iter().filter_map(|message| message.created_at);
        let times = said.chain(parsed.solved_at).chain([parsed.created_at, parsed.updated_at]);
        times.into_iter().any(|at| self.desk.is_ahead(at))
    }

    /// Adds tickets that are new, all at once, and their messages.
    async fn add(
        &mut self,
        tx: &mut RecordedTx,
        new: Vec<(usize, &ParsedTicket, String, Ticket)>,
    ) -> Result<(), DeskError> {
        self.report.n_customers += self.people.write(self.desk, tx, &self.import.source).await?.len();
        let (mut tickets, mut messages) = (vec![], vec![]);
        for (_, parsed, _, ticket) in &new {
            let mut ticket = self.belonging(ticket.clone());
            let said = self.messages(parsed, &ticket);
            ticket.handling.first_replied_at = first_reply(&said);
            tickets.push(ticket);
            messages.extend(said);
        }
        tx.insert_tickets(&mut tickets).await?;
        self.report.n_messages += usize::try_from(tx.add_messages(&messages).await?).unwrap_or(usize::MAX);
        for ((_, parsed, hash, _), ticket) in new.into_iter().zip(tickets) {
            let ticket = self.set_going(tx, ticket).await?;
            self.report.n_new += 1;
            self.remember(parsed, hash, &ticket);
        }
        Ok(())
    }

    /// The ticket, which belongs where its customer does, who is written.
    pub(super) fn belonging(&self, ticket: Ticket) -> Ticket {
        let customer = ticket.customer_id.as_ref().and_then(|id| self.people.customer(id));
        Ticket { organisation_id: customer.and_then(|customer| customer.organisation_id.clone()), ..ticket }
    }

    /// Gives a ticket that is not done to somebody, where its team wants that, and sets its clocks.
    async fn set_going(&self, tx: &mut RecordedTx, ticket: Ticket) -> Result<Ticket, DeskError> {
        let ticket = match ticket.status {
            TicketStatus::New | TicketStatus::Open => self.desk.route_opened(tx, ticket).await?,
            TicketStatus::Pending | TicketStatus::OnHold => ticket,
            TicketStatus::Solved | TicketStatus::Closed => return Ok(ticket),
        };
        self.desk.set_clocks_of_imported(tx, &ticket, &ticket).await?;
        Ok(ticket)
    }

    pub(super) fn remember(&mut self, parsed: &ParsedTicket, hash: String, ticket: &Ticket) {
        self.taken.push(ImportedTicket {
            external_id: parsed.external_id.clone(),
            ticket_id: ticket.id.clone(),
            hash,
            revision: ticket.revision,
            changed_at: parsed.updated_at,
        });
    }

    pub(super) fn messages(&self, parsed: &ParsedTicket, ticket: &Ticket) -> Vec<Message> {
        let said = Said {
            source: &self.import.source,
            ticket_id: &ticket.id,
            requester: parsed.requester.as_ref(),
            customer_id: ticket.customer_id.as_ref(),
            created_at: parsed.created_at,
        };
        let message = |parsed: &ParsedMessage| said.message(parsed, &self.team, &self.people);
        parsed.messages.iter().filter_map(message).collect()
    }

    /// The ticket as it would be here; nothing when whoever asked was erased.
    pub(super) async fn ticket(
        &mut self,
        tx: &mut RecordedTx,
        place: usize,
        parsed: &ParsedTicket,
    ) -> Result<Option<Ticket>, DeskError> {
        let customer_id = match &parsed.requester {
            None => None,
            Some(who) => match self.people.resolve(self.desk, who, parsed.created_at) {
                Resolved::Known(id) => Some(id),
                Resolved::Erased => return Ok(None),
            },
        };
        for warning in &parsed.warnings {
            self.report.note(place, warning.clone());
        }
        if let Some(email) = parsed.requester.as_ref().and_then(|who| who.email.as_ref())
            && crate::input::email(email).is_err()
        {
            self.report.note(place, format!("{email:?} is no mail address and was left out"));
        }
        let (id, team) = (TicketId::new(self.desk.id()), self.team_of(tx, parsed).await?);
        Ok(Some(Ticket {
            subject: subject(parsed),
            status: parsed.status,
            priority: parsed.priority,
            tags: parsed.tags.clone(),
            assignee_id: self.assignee_of(parsed),
            customer_id,
            fields: self.fields_of(tx, place, parsed).await?,
            updated_at: parsed.updated_at,
            solved_at: parsed.solved_at,
            handling: Handling {
                closed_at: (parsed.status == TicketStatus::Closed).then_some(parsed.updated_at),
                ..Handling::default()
            },
            ..Ticket::new(id, team, Channel::import(), self.import.locale.clone(), parsed.created_at)
        }))
    }

    fn assignee_of(&mut self, parsed: &ParsedTicket) -> Option<domain::UserId> {
        let who = parsed.assignee.as_ref()?;
        match self.team.find(who) {
            // Who has left keeps what they have done, but gets nothing to do.
            Some(user) if user.is_active() || parsed.status.is_done() => Some(user.id.clone()),
            _ => {
                let name = who.email.as_ref().or(who.name.as_ref()).or(who.external_id.as_ref());
                self.report.miss(format!("agent {}", name.map_or("without a name", String::as_str)));
                None
            }
        }
    }

    async fn team_of(&mut self, tx: &mut RecordedTx, parsed: &ParsedTicket) -> Result<String, DeskError> {
        let Some(name) = &parsed.team else { return Ok(self.without_team()) };
        if let Some(key) = self.teams.get(name).or_else(|| self.teams.get(&name.to_lowercase())) {
            return Ok(key.clone());
        }
        let key = team_key(name);
        if let Some(key) = key.as_ref().filter(|key| self.teams.contains_key(*key)) {
            return Ok(key.clone());
        }
        match key.filter(|_| self.import.teams == Missing::Create && self.n_teams < TEAMS_MAX) {
            Some(key) => {
                let team = domain::Team { key, name: name.clone(), created_at: self.desk.now() };
                tx.insert_team(&team).await?;
                tx.record(AuditAction::TeamCreated, &team.key, json!({}));
                self.n_teams += 1;
                self.teams.insert(name.to_lowercase(), team.key.clone());
                self.teams.insert(team.key.clone(), team.key.clone());
                Ok(team.key)
            }
            None => {
                self.report.miss(format!("team {name}"));
                Ok(self.without_team())
            }
        }
    }

    /// The team of a ticket that has none of its own. Where the one that the import names cannot be made any more, that is
    /// reported.
    fn without_team(&mut self) -> String {
        if self.other_team != self.import.team {
            self.report.miss(format!("team {}", self.import.team));
        }
        self.other_team.clone()
    }

    async fn fields_of(
        &mut self,
        tx: &mut RecordedTx,
        place: usize,
        parsed: &ParsedTicket,
    ) -> Result<FieldValues, DeskError> {
        let mut values = FieldValues::new();
        let is_there = |field: &Field| field.key == IMPORTED_ID && matches!(field.kind, FieldKind::Text);
        if self.fields.iter().any(is_there) {
            values.insert(IMPORTED_ID.to_owned(), FieldValue::Text(parsed.external_id.clone()));
        }
        for found in &parsed.values {
            if value::find(&self.fields, &found.field).is_none() && self.import.fields == Missing::Create {
                self.make_field(tx, &found.field, found.kind.clone()).await?;
            }
            let Some(field) = value::find(&self.fields, &found.field) else {
                self.report.miss(format!("field {}", found.field));
                continue;
            };
            match value::held(&field.kind, &found.value) {
                Ok(Some(held)) => {
                    values.insert(field.key.clone(), held);
                }
                Ok(None) => {}
                Err(why) => {
                    let what = format!("the value of {:?} was left out: {why}", field.title);
                    self.report.note(place, what);
                }
            }
        }
        Ok(values)
    }

    async fn make_field(
        &mut self,
        tx: &mut RecordedTx,
        name: &str,
        kind: Option<FieldKind>,
    ) -> Result<(), DeskError> {
        let key = Field::key_of(name);
        // A retired one keeps its key.
        if self.fields.len() >= FIELDS_MAX || self.fields.iter().any(|field| field.key == key) {
            return Ok(());
        }
        let kind = kind.unwrap_or(FieldKind::LongText);
        let field = Field {
            of: FieldOf::Ticket,
            key,
            title: name.to_owned(),
            kind,
            show_when: None,
            required: Required::Never,
            position: 1_000,
            state: FieldState::Active,
            revision: 1,
        };
        tx.insert_field(&field).await?;
        tx.record(AuditAction::FieldCreated, &field.key, json!({ "kind": field.kind }));
        self.fields.push(field);
        Ok(())
    }

    /// Remembers what was taken over, and tells Askwell's own indexes.
    pub(super) async fn end(self, tx: &mut RecordedTx) -> Result<TicketImportReport, DeskError> {
        let last: BTreeMap<&str, &ImportedTicket> =
            self.taken.iter().map(|ticket| (ticket.external_id.as_str(), ticket)).collect();
        let taken: Vec<ImportedTicket> = last.into_values().cloned().collect();
        if !taken.is_empty() {
            tx.save_imported_tickets(&self.import.source, &self.id, &taken).await?;
            tx.emit(&Event::TicketsImported { batch_id: self.id }, self.desk.now()).await?;
        }
        Ok(self.report)
    }
}

/// The subject, or else the beginning of what was said first.
fn subject(parsed: &ParsedTicket) -> String {
    if !parsed.subject.is_empty() {
        return parsed.subject.clone();
    }
    let first = parsed.messages.iter().flat_map(|message| message.plain.lines());
    let line = first.map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(
        || format!("Ticket {}", parsed.external_id),
        |line| line.chars().take(SUBJECT_CHARS_MAX).collect(),
    )
}

/// The key of a team with this name; nothing where it has no letters for one.
fn team_key(name: &str) -> Option<String> {
    let mut key = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' => key.push(c),
            _ if key.ends_with('-') || key.is_empty() => {}
            _ => key.push('-'),
        }
    }
    let key = key.get(..64).unwrap_or(&key).trim_end_matches('-').to_owned();
    domain::Team::is_key(&key).then_some(key)
}
