//! Which column of a CSV file is what: by the names that other systems give them, or as somebody says in a file.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{DateReader, InvalidDates, clean::squeezed};

pub use super::sheet::{CustomerSheet, TicketSheet};

/// What somebody says about the columns and words of their files. What is absent is found by its usual names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SheetMap {
    /// The columns of the file of tickets.
    pub tickets: TicketColumns,
    /// The columns of the file of customers.
    pub customers: CustomerColumns,
    /// What words in the column of the status mean, as in `"In Bearbeitung" = "open"`; `"deleted"` leaves tickets out.
    pub status: BTreeMap<String, String>,
    /// What words in the column of the priority mean.
    pub priority: BTreeMap<String, String>,
    /// Which team, by key or name, a word in the column of the team means.
    pub teams: BTreeMap<String, String>,
    /// The columns of custom fields, by the key or title of the field.
    pub fields: BTreeMap<String, String>,
    /// How dates are written, as in `%d.%m.%Y %H:%M`.
    pub dates: Option<String>,
    /// The time zone of dates without one; the site's own when absent.
    pub zone: Option<String>,
}

macro_rules! columns {
    // A macro because each part would stand in three lists otherwise, of which one would be forgotten.
    ($(#[$doc:meta])* $name:ident { $($(#[$part_doc:meta])* $part:ident: $($known:literal)*;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$part_doc])* pub $part: Option<String>,)*
        }

        impl $name {
            /// Each part with the column that was named for it and the usual names, best first, as [`squeezed`] leaves them.
            pub(super) fn parts(&self) -> Vec<(&'static str, Option<&str>, &'static [&'static str])> {
                vec![$((stringify!($part), self.$part.as_deref(), &[$($known),*]),)*]
            }
        }
    };
}

columns! {
    /// The columns of a file of tickets.
    TicketColumns {
        /// The number or id.
        id: "id" "ticketid" "ticketnumber" "number" "ticket" "externalid";
        /// One line about it.
        subject: "subject" "ticketsubject" "title";
        /// What was asked.
        body: "description" "body" "message" "content";
        /// Where it stands.
        status: "status" "ticketstatus" "state";
        /// How urgent it is.
        priority: "priority" "ticketpriority";
        /// Words it is filed under.
        tags: "tags" "labels";
        /// Who asked, by id.
        requester_id: "requesterid" "contactid" "customerid";
        /// Who asked, by address.
        requester_email: "requesteremail" "customeremail" "contactemail" "email" "emailaddress";
        /// Who asked, by name.
        requester_name: "requestername" "requester" "customername" "contactname" "fullname" "customer";
        /// The agent, by address.
        assignee_email: "assigneeemail" "agentemail" "owneremail";
        /// The agent, by name.
        assignee_name: "assigneename" "assignee" "agentname" "agent" "owner";
        /// The team.
        team: "team" "group" "groupname" "department" "queue";
        /// When it was opened.
        created: "createdat" "created" "createdtime" "createddate" "openedat" "opened" "creationdate";
        /// When it last changed.
        updated: "updatedat" "updated" "updatedtime" "lastupdatedtime" "lastupdatetime" "lastupdated" "modifiedat";
        /// When it was solved.
        solved: "solvedat" "solved" "resolvedat" "resolvedtime" "resolved" "closedat" "closedtime";
    }
}

columns! {
    /// The columns of a file of customers.
    CustomerColumns {
        /// Their id.
        id: "id" "customerid" "contactid" "userid" "externalid";
        /// Their address.
        email: "email" "emailaddress" "mail" "customeremail" "contactemail";
        /// Their name.
        name: "name" "fullname" "customername" "contactname" "displayname";
        /// Since when they are known.
        created: "createdat" "created" "createdtime" "createddate" "customersince";
    }
}

/// A map that does not fit a file, or cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMap {
    /// A column was named that is not there.
    #[error("there is no column {0:?}; there are {1}")]
    NoColumn(String, String),
    /// A column that is needed was not found.
    #[error(
        "no column says {what}; name it in a file for --map, as in [{table}] {part} = \"…\"; there are {there}"
    )]
    Missing {
        /// What it would say.
        what: &'static str,
        /// The table of the map.
        table: &'static str,
        /// Its name in the map.
        part: &'static str,
        /// The columns that are there.
        there: String,
    },
    /// A word that means no status or priority.
    #[error("{0:?} is none of {1}")]
    Word(String, &'static str),
    /// A zone or form that cannot be.
    #[error(transparent)]
    Dates(#[from] InvalidDates),
    /// A file without a first line.
    #[error("the file is empty; its first line must name the columns")]
    Empty,
}

impl SheetMap {
    /// The reader of dates that it asks for.
    ///
    /// # Errors
    /// [`InvalidMap::Dates`].
    pub fn dates(&self, site_zone: &str) -> Result<DateReader, InvalidMap> {
        Ok(DateReader::new(self.zone.as_deref().unwrap_or(site_zone), self.dates.as_deref())?)
    }
}

/// Which column is what.
#[derive(Debug)]
pub(super) struct Places {
    header: Vec<String>,
    of_part: HashMap<&'static str, usize>,
}

impl Places {
    /// Finds the columns: those that were named, then those that have a usual name.
    pub(super) fn find(
        header: &[String],
        parts: &[(&'static str, Option<&str>, &'static [&'static str])],
    ) -> Result<Self, InvalidMap> {
        let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        if header.iter().all(String::is_empty) {
            return Err(InvalidMap::Empty);
        }
        let mut places = Self { header, of_part: HashMap::new() };
        for (part, named, _) in parts {
            if let Some(named) = named {
                let place = places.column(named)?;
                places.of_part.insert(part, place);
            }
        }
        let squeezed: Vec<String> = places.header.iter().map(|name| squeezed(name)).collect();
        for (part, named, known) in parts {
            let is_free = |place: &usize| !places.of_part.values().any(|taken| taken == place);
            let place = known
                .iter()
                .filter_map(|name| squeezed.iter().position(|column| column == name))
                .find(is_free)
                .filter(|_| named.is_none());
            if let Some(place) = place {
                places.of_part.insert(part, place);
            }
        }
        Ok(places)
    }

    /// The place of a column by its name, to the letter or nearly so.
    pub(super) fn column(&self, name: &str) -> Result<usize, InvalidMap> {
        let exact = self.header.iter().position(|column| column == name.trim());
        let near = || self.header.iter().position(|column| squeezed(column) == squeezed(name));
        exact.or_else(near).ok_or_else(|| InvalidMap::NoColumn(name.to_owned(), self.names()))
    }

    /// The place of what must be there.
    pub(super) fn require(
        &self,
        part: &'static str,
        table: &'static str,
        what: &'static str,
    ) -> Result<(), InvalidMap> {
        if self.of_part.contains_key(part) {
            return Ok(());
        }
        Err(InvalidMap::Missing { what, table, part, there: self.names() })
    }

    /// The text of a cell; empty where there is no such column.
    pub(super) fn cell<'c>(&self, cells: &'c [String], part: &str) -> &'c str {
        self.of_part.get(part).and_then(|place| cells.get(*place)).map_or("", |cell| cell.trim())
    }

    /// The columns.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The columns that nothing is read from, but for these.
    pub(super) fn left_out(&self, but: &[usize]) -> Vec<String> {
        let is_read = |place: &usize| self.of_part.values().chain(but).any(|read| read == place);
        let places = (0..self.header.len()).filter(|place| !is_read(place));
        places.map(|place| self.header[place].clone()).filter(|name| !name.is_empty()).collect()
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.header.iter().take(40).map(|name| format!("{name:?}")).collect();
        names.join(", ")
    }
}
