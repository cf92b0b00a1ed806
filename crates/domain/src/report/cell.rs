//! Cells: what is counted for one day or month, one team and one key of one dimension.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{ConversationFacts, Count, Histogram, Place, ReportDay, Span, TicketFacts};

/// How long a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// A day.
    Day,
    /// A month; its day is the first.
    Month,
}

impl Grain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// The grain as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// Parses a stored grain.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grain| grain.as_str() == text)
    }
}

/// What a report can be cut by besides time. Each cell is of one dimension, and of one team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Nothing: all of a team.
    Team,
    /// The agent, by id; empty for nobody.
    Agent,
    /// The channel.
    Channel,
    /// The priority.
    Priority,
    /// The customer's language.
    Locale,
    /// The hour of the day at which it happened, `00` to `23`.
    Hour,
    /// Each tag; empty for none. A ticket with two tags is in two cells.
    Tag,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 7] =
        [Self::Team, Self::Agent, Self::Channel, Self::Priority, Self::Locale, Self::Hour, Self::Tag];

    /// The dimension as it is stored and asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Agent => "agent",
            Self::Channel => "channel",
            Self::Priority => "priority",
            Self::Locale => "locale",
            Self::Hour => "hour",
            Self::Tag => "tag",
        }
    }

    /// Parses a stored dimension.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == text)
    }
}

/// Which cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// How long it is.
    pub grain: Grain,
    /// Of which dimension.
    pub dimension: Dimension,
    /// Its first day.
    pub day: ReportDay,
    /// The team, by key; empty for what has to do with none.
    pub team: String,
    /// The key in its dimension; empty for [`Dimension::Team`], and for nobody and none.
    pub key: String,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    counts: [i64; Count::ALL.len()],
    spans: [Histogram; Span::ALL.len()],
}

impl Cell {
    /// A number.
    pub fn count(&self, count: Count) -> i64 {
        self.counts[count as usize]
    }

    /// Adds to a number.
    pub fn add_count(&mut self, count: Count, n: i64) {
        self.counts[count as usize] += n;
    }

    /// The lengths of time of a kind.
    pub fn span(&self, span: Span) -> &Histogram {
        &self.spans[span as usize]
    }

    /// Adds lengths of time of a kind.
    pub fn add_span(&mut self, span: Span, histogram: &Histogram) {
        self.spans[span as usize].add(histogram, 1);
    }

    /// Adds another cell so many times; −1 takes it away.
    pub fn add(&mut self, other: &Self, times: i64) {
        for (count, n) in self.counts.iter_mut().zip(&other.counts) {
            *count += n * times;
        }
        for (span, histogram) in self.spans.iter_mut().zip(&other.spans) {
            if !histogram.is_empty() {
                span.add(histogram, times);
            }
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|n| *n == 0) && self.spans.iter().all(Histogram::is_empty)
    }
}

/// Cells that are being counted, by the days of a time zone.
#[derive(Debug, Clone)]
pub struct Cells {
    zone: TimeZone,
    cells: BTreeMap<CellKey, Cell>,
}

impl Cells {
    /// None yet.
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, cells: BTreeMap::new() }
    }

    /// Counts what is known of a ticket so many times; −1 takes it back.
    pub fn count_ticket(&mut self, facts: &TicketFacts, times: i64) {
        let tags = facts.tags();
        for (place, counted) in facts.counted() {
            self.count(&place, tags, &counted, times);
        }
    }

    /// Counts what is known of a conversation so many times; −1 takes it back.
    pub fn count_conversation(&mut self, facts: &ConversationFacts, times: i64) {
        for (at, counted) in facts.counted() {
            let (day, hour) = ReportDay::at(at, &self.zone);
            let hour = format!("{hour:02}");
            let keys = [
                (Dimension::Team, String::new()),
                (Dimension::Locale, facts.locale().to_owned()),
                (Dimension::Hour, hour),
            ];
            for (dimension, key) in keys {
                self.add((dimension, day), "", key, &counted, times);
            }
        }
    }

    /// The cells that came out, in order; those in which nothing is left too.
    pub fn into_cells(self) -> BTreeMap<CellKey, Cell> {
        self.cells
    }

    fn count(&mut self, place: &Place<'_>, tags: &[String], counted: &Cell, times: i64) {
        let (day, hour) = ReportDay::at(place.at, &self.zone);
        let keys = [
            (Dimension::Team, ""),
            (Dimension::Agent, place.agent.unwrap_or_default()),
            (Dimension::Channel, place.channel),
            (Dimension::Priority, place.priority.as_str()),
            (Dimension::Locale, place.locale),
        ];
        for (dimension, key) in keys {
            self.add((dimension, day), place.team, key.to_owned(), counted, times);
        }
        if tags.is_empty() {
            self.add((Dimension::Tag, day), place.team, String::new(), counted, times);
        }
        for tag in tags {
            self.add((Dimension::Tag, day), place.team, tag.clone(), counted, times);
        }
        // What is unsolved is so at every hour.
        let mut of_hour = counted.clone();
        of_hour.add_count(Count::Backlog, -counted.count(Count::Backlog));
        if !of_hour.is_empty() {
            self.add((Dimension::Hour, day), place.team, format!("{hour:02}"), &of_hour, times);
        }
    }

    fn add(
        &mut self,
        (dimension, day): (Dimension, ReportDay),
        team: &str,
        key: String,
        counted: &Cell,
        times: i64,
    ) {
        let of_day = CellKey { grain: Grain::Day, dimension, day, team: team.to_owned(), key };
        let of_month = CellKey { grain: Grain::Month, day: day.first_of_month(), ..of_day.clone() };
        for key in [of_day, of_month] {
            self.cells.entry(key).or_default().add(counted, times);
        }
    }
}
