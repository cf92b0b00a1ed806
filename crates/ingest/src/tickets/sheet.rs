//! Rows of CSV files to tickets and customers.

use std::collections::{BTreeMap, HashMap};

use domain::{MessageKind, Priority, TicketStatus, Timestamp};
use serde_json::Value;

use super::{
    DESCRIPTION, DateReader, ParsedMessage, ParsedPerson, ParsedTicket, ParsedValue, PersonRef, PersonRole,
    Record, SUBJECT_BYTES_MAX, SheetMap, clean,
    csv_map::{InvalidMap, Places},
};

/// How a column of a custom field is called where no map names it: `field.order_number`.
const FIELD_PREFIX: &str = "field.";

/// Reads rows of a file of tickets.
#[derive(Debug)]
pub struct TicketSheet {
    places: Places,
    fields: Vec<(String, usize)>,
    status: HashMap<String, Option<TicketStatus>>,
    priority: HashMap<String, Priority>,
    teams: HashMap<String, String>,
    dates: DateReader,
}

/// Reads rows of a file of customers.
#[derive(Debug)]
pub struct CustomerSheet {
    places: Places,
    dates: DateReader,
}

impl TicketSheet {
    /// A reader for a file with this first row.
    ///
    /// # Errors
    /// [`InvalidMap`] when the map does not fit it, or it does not say what every ticket must have.
    pub fn new(header: &[String], map: &SheetMap, dates: DateReader) -> Result<Self, InvalidMap> {
        let places = Places::find(header, &map.tickets.parts())?;
        places.require("id", "tickets", "the id of a ticket")?;
        places.require("status", "tickets", "where a ticket stands")?;
        places.require("created", "tickets", "when a ticket was opened")?;
        let mut fields = vec![];
        for (field, column) in &map.fields {
            fields.push((field.clone(), places.column(column)?));
        }
        for (place, name) in places.header().iter().enumerate() {
            if let Some(field) = name.strip_prefix(FIELD_PREFIX) {
                fields.push((field.to_owned(), place));
            }
        }
        let status =
            words(&map.status, clean::status, "new, open, pending, on_hold, solved, closed, deleted")?;
        let priority = words(&map.priority, clean::priority, "low, normal, high, urgent")?;
        let teams = map.teams.iter().map(|(word, team)| (clean::squeezed(word), team.clone())).collect();
        Ok(Self { places, fields, status, priority, teams, dates })
    }

    /// The columns that nothing is read from.
    pub fn left_out(&self) -> Vec<String> {
        let read: Vec<usize> = self.fields.iter().map(|(_, place)| *place).collect();
        self.places.left_out(&read)
    }

    /// Reads a row.
    ///
    /// # Errors
    /// Why it cannot be taken.
    pub fn record(&self, cells: &[String]) -> Result<Record, String> {
        fits(cells, self.places.header())?;
        let cell = |part: &str| self.places.cell(cells, part);
        let external_id = clean::external_id(cell("id"))?;
        let Some(status) = self.status(cell("status"))? else {
            return Ok(Record::LeftOut("deleted tickets"));
        };
        let created_at =
            self.time("created", cell("created"))?.ok_or("it does not say when it was opened")?;
        let solved_at = self.time("solved", cell("solved"))?;
        let updated_at =
            self.time("updated", cell("updated"))?.or(solved_at).unwrap_or(created_at).max(created_at);
        let solved_at = status.is_done().then_some(solved_at.unwrap_or(updated_at).max(created_at));
        let mut warnings = vec![];
        let separators: &[char] =
            if cell("tags").contains([',', ';', '|']) { &[',', ';', '|'] } else { &[' '] };
        let (tags, warning) =
            clean::tags(cell("tags").split(separators).filter(|tag| !tag.trim().is_empty()));
        warnings.extend(warning);
        let requester = person(cell("requester_id"), cell("requester_email"), cell("requester_name"))?;
        let (plain, warning) = clean::body(cell("body"));
        warnings.extend(warning);
        let message = (!plain.is_empty()).then(|| ParsedMessage {
            ticket_id: external_id.clone(),
            external_id: DESCRIPTION.to_owned(),
            author: requester.clone().unwrap_or_default(),
            kind: MessageKind::Reply,
            plain,
            rich: None,
            created_at: None,
        });
        let assignee = person("", cell("assignee_email"), cell("assignee_name"))?;
        Ok(Record::Ticket(Box::new(ParsedTicket {
            external_id,
            subject: clean::line(cell("subject"), SUBJECT_BYTES_MAX),
            status,
            priority: self.priority(cell("priority"), &mut warnings),
            tags,
            requester,
            assignee: assignee.map(|who| PersonRef { role: Some(PersonRole::Agent), ..who }),
            team: self.team(cell("team")),
            values: self.values(cells),
            messages: message.into_iter().collect(),
            created_at,
            updated_at,
            solved_at,
            left_out: BTreeMap::new(),
            warnings,
        })))
    }

    fn status(&self, word: &str) -> Result<Option<TicketStatus>, String> {
        let own = self.status.get(&clean::squeezed(word)).copied();
        own.or_else(|| clean::status(word)).ok_or_else(|| {
            let word = clean::line(word, 60);
            format!("there is no status {word:?}; say what it means in a file for --map, as in [status] {word:?} = \"open\"")
        })
    }

    fn priority(&self, word: &str, warnings: &mut Vec<String>) -> Priority {
        if word.is_empty() {
            return Priority::Normal;
        }
        let own = self.priority.get(&clean::squeezed(word)).copied();
        own.or_else(|| clean::priority(word)).unwrap_or_else(|| {
            warnings.push(format!("there is no priority {:?}; it is normal now", clean::line(word, 60)));
            Priority::Normal
        })
    }

    fn team(&self, word: &str) -> Option<String> {
        clean::name(word).map(|name| self.teams.get(&clean::squeezed(&name)).cloned().unwrap_or(name))
    }

    fn values(&self, cells: &[String]) -> Vec<ParsedValue> {
        let value = |(field, place): &(String, usize)| {
            let text = cells.get(*place).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())?;
            Some(ParsedValue { field: field.clone(), kind: None, value: Value::from(text) })
        };
        self.fields.iter().filter_map(value).collect()
    }

    fn time(&self, part: &str, text: &str) -> Result<Option<Timestamp>, String> {
        time(&self.dates, part, text)
    }
}

impl CustomerSheet {
    /// A reader for a file with this first row.
    ///
    /// # Errors
    /// [`InvalidMap`] when the map does not fit it, or it does not say what every customer must have.
    pub fn new(header: &[String], map: &SheetMap, dates: DateReader) -> Result<Self, InvalidMap> {
        let places = Places::find(header, &map.customers.parts())?;
        places.require("email", "customers", "the address of a customer")?;
        Ok(Self { places, dates })
    }

    /// The columns that nothing is read from.
    pub fn left_out(&self) -> Vec<String> {
        self.places.left_out(&[])
    }

    /// Reads a row.
    ///
    /// # Errors
    /// Why it cannot be taken.
    pub fn record(&self, cells: &[String]) -> Result<Record, String> {
        fits(cells, self.places.header())?;
        let cell = |part: &str| self.places.cell(cells, part);
        let who = person(cell("id"), cell("email"), cell("name"))?.ok_or("it names nobody")?;
        let created_at = time(&self.dates, "created", cell("created"))?;
        let who = PersonRef { role: Some(PersonRole::Customer), ..who };
        Ok(Record::Person(ParsedPerson { who, created_at }))
    }
}

/// What the words of a map mean.
fn words<T>(
    map: &BTreeMap<String, String>,
    meaning: impl Fn(&str) -> Option<T>,
    known: &'static str,
) -> Result<HashMap<String, T>, InvalidMap> {
    map.iter()
        .map(|(word, meant)| {
            let meant = meaning(meant).ok_or_else(|| InvalidMap::Word(meant.clone(), known))?;
            Ok((clean::squeezed(word), meant))
        })
        .collect()
}

/// Refuses a row whose cells are not those of the first one: a value would stand in the wrong column.
fn fits(cells: &[String], header: &[String]) -> Result<(), String> {
    // Some writers add empty cells at the end.
    let n_filled = cells.len() - cells.iter().rev().take_while(|cell| cell.is_empty()).count();
    if n_filled <= header.len() && cells.len() >= header.len() {
        return Ok(());
    }
    Err(format!("it has {} cells where the first line has {}", cells.len(), header.len()))
}

fn person(id: &str, email: &str, name: &str) -> Result<Option<PersonRef>, String> {
    let external_id = if id.is_empty() { None } else { Some(clean::external_id(id)?) };
    let who = PersonRef { external_id, email: clean::email(email), name: clean::name(name), role: None };
    Ok((!who.is_nobody()).then_some(who))
}

/// A time; one that is there and cannot be read is refused.
fn time(dates: &DateReader, part: &str, text: &str) -> Result<Option<Timestamp>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = dates.read(text);
    read.map(Some).ok_or_else(|| {
        let text = clean::line(text, 60);
        format!("{part}: {text:?} cannot be read as a time; say how dates are written in a file for --map")
    })
}
