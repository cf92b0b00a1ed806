//! Text without personal data: what a past ticket must lose before it is stored for learning or shown to others.
//!
//! It finds addresses of mail, street and network, numbers of telephones, cards, accounts and persons, secrets, and
//! names. It is made of rules and lists only, so it misses some names: it lowers a risk and proves nothing.
//! Web addresses, versions, dates, sizes and error codes stay, since support texts are about them.

mod address;
mod ip;
mod lists;
mod mail;
mod name;
mod number;
mod secret;
mod web;
mod words;

use std::{collections::BTreeMap, ops::Range};

/// How often [`redact`] looks again: what is found can uncover a second finding, hardly ever a third.
const ROUNDS_MAX: usize = 8;

/// What sort of personal data it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An address of electronic mail.
    Email,
    /// A telephone number, with its extension.
    Phone,
    /// The number of a payment card.
    Card,
    /// An international bank account number.
    Iban,
    /// A public network address, version 4 or 6.
    Ip,
    /// A number by which a state knows a person: social security, tax, passport, driving licence.
    NationalId,
    /// A street address, a post box or a postal code.
    Address,
    /// A person's name or a part of it.
    Name,
    /// A password, a key or a session.
    Secret,
}

impl Kind {
    /// Every kind, in the order of the enum.
    pub const ALL: [Kind; 9] = [
        Kind::Email,
        Kind::Phone,
        Kind::Card,
        Kind::Iban,
        Kind::Ip,
        Kind::NationalId,
        Kind::Address,
        Kind::Name,
        Kind::Secret,
    ];

    /// What stands in the text instead: `[email]`, `[phone]` and so on.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Email => "[email]",
            Kind::Phone => "[phone]",
            Kind::Card => "[card]",
            Kind::Iban => "[iban]",
            Kind::Ip => "[ip]",
            Kind::NationalId => "[id]",
            Kind::Address => "[address]",
            Kind::Name => "[name]",
            Kind::Secret => "[secret]",
        }
    }
}

/// A place in a text that holds personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Byte offsets, on character boundaries, never empty.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// Finds personal data, in the order of the text, without overlaps.
///
/// `known_names` are the names that the data marks: of the customer, the agent, the participants. Each of their words
/// of two or more letters is found where it stands as a word of its own and is capitalised; in lower case too, unless
/// it is an ordinary word. The labels of [`Kind::label`] count as nothing. Time is linear in the text.
pub fn find(text: &str, known_names: &[&str]) -> Vec<Found> {
    let web = web::find(text);
    let mut places = Places::default();
    places.bar(web::labels(text));
    places.add(Kind::Secret, web::credentials(text, &web));
    places.add(Kind::Email, mail::find(text));
    places.bar(web);
    places.add(Kind::Secret, secret::find(text));
    places.add(Kind::Iban, number::iban::find(text));
    places.add(Kind::Card, number::card::find(text));
    places.add(Kind::NationalId, number::national::find(text));
    places.add(Kind::Ip, ip::find(text));
    let words = words::split(text);
    let addresses = address::find(text, &words);
    places.add(Kind::Phone, number::phone::find(text, &addresses));
    places.add_rest(text, Kind::Name, name::known(&words, known_names));
    let names = name::find(text, &words, &addresses);
    places.add_rest(text, Kind::Address, addresses);
    places.add_rest(text, Kind::Name, names);
    places.found()
}

/// The text with a label in place of each finding of [`find`]. A second pass changes nothing.
pub fn redact(text: &str, known_names: &[&str]) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS_MAX {
        let found = find(&text, known_names);
        if found.is_empty() {
            break;
        }
        text = replaced(&text, &found);
    }
    text
}

fn replaced(text: &str, found: &[Found]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for Found { range, kind } in found {
        out.push_str(&text[at..range.start]);
        out.push_str(kind.label());
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// The range without blanks and signs at its ends, empty if it has nothing else.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let Some(first) = part.find(char::is_alphanumeric) else { return range.start..range.start };
    let end = part.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    range.start + first..range.start + end
}

/// What is taken already: who comes first keeps the place. Without a kind it is a place that stays as it is.
#[derive(Default)]
struct Places(BTreeMap<usize, (usize, Option<Kind>)>);

impl Places {
    /// Leaves these as they are, except for the parts that are taken.
    fn bar(&mut self, ranges: Vec<Range<usize>>) {
        for range in ranges {
            let mut start = range.start;
            while let Some(taken) = self.taken(start..range.end) {
                self.insert(start..taken.start.max(start), None);
                start = taken.end;
            }
            self.insert(start..range.end, None);
        }
    }

    /// Takes those that overlap nothing taken.
    fn add(&mut self, kind: Kind, ranges: Vec<Range<usize>>) {
        for range in ranges {
            if self.taken(range.clone()).is_none() {
                self.insert(range, Some(kind));
            }
        }
    }

    /// Takes what is free of them, without the signs at its ends.
    fn add_rest(&mut self, text: &str, kind: Kind, ranges: Vec<Range<usize>>) {
        for range in ranges {
            let mut start = range.start;
            while let Some(taken) = self.taken(start..range.end) {
                self.insert(trimmed(text, start..taken.start.max(start)), Some(kind));
                start = taken.end;
            }
            self.insert(trimmed(text, start..range.end.max(start)), Some(kind));
        }
    }

    fn insert(&mut self, range: Range<usize>, kind: Option<Kind>) {
        if range.start < range.end {
            self.0.insert(range.start, (range.end, kind));
        }
    }

    /// The first taken place that overlaps the range.
    fn taken(&self, range: Range<usize>) -> Option<Range<usize>> {
        if range.start >= range.end {
            return None;
        }
        let before = self.0.range(..=range.start).next_back().filter(|(_, (end, _))| *end > range.start);
        let place = before.or_else(|| self.0.range(range.start..range.end).next());
        place.map(|(start, (end, _))| *start..*end)
    }

    fn found(self) -> Vec<Found> {
        let places = self.0.into_iter();
        places.filter_map(|(start, (end, kind))| kind.map(|kind| Found { range: start..end, kind })).collect()
    }
}
