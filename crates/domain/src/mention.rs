//! Mentions: who is named in a note, by a token with their id or by their name after an `@`.

use crate::{MentionId, Message, TicketId, Timestamp, User, UserId};

/// People that one note may mention: more is a mail to everybody.
pub const MENTIONS_MAX: usize = 20;

/// Longest name in brackets that is looked at, in bytes: as long as people's names can be.
const NAME_BYTES_MAX: usize = 200;
/// Longest id of a person, in bytes.
const ID_BYTES_MAX: usize = 64;

/// Somebody was named in a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its id; later ones are greater.
    pub id: MentionId,
    /// The note.
    pub message: Message,
    /// The ticket's number.
    pub ticket_number: i64,
    /// The ticket's subject.
    pub ticket_subject: String,
    /// When they marked it as read.
    pub read_at: Option<Timestamp>,
}

impl Mention {
    /// Of which ticket.
    pub fn ticket_id(&self) -> &TicketId {
        &self.message.ticket_id
    }
}

/// How a note names somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedBy {
    /// `@[Ada](user:ID)`: by id, whatever stands in the brackets.
    Id(UserId),
    /// `@ada`: by name, lower case, without the `@`.
    Name(String),
}

/// Those who are named in Markdown, in order, each way once. What stands in code names nobody, nor does an address.
pub fn names_in(markdown: &str) -> Vec<NamedBy> {
    let mut found = Vec::new();
    let mut fence = None;
    for line in markdown.lines() {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, None) => names_in_line(line, &mut found),
        }
    }
    found
}

/// Those whom a name after an `@` may mean: by the whole name without spaces, the first name, or the address up to its `@`.
pub fn named<'u>(name: &str, people: &'u [User]) -> Vec<&'u User> {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    let is = |user: &&User| {
        squeezed(&user.name) == name
            || user.name.split_whitespace().next().is_some_and(|first| first.to_lowercase() == name)
            || user.email.split('@').next() == Some(name)
    };
    // A whole name or an address is meant before a first name that is the same.
    let whole: Vec<&User> = people
        .iter()
        .filter(|user| squeezed(&user.name) == name || user.email.split('@').next() == Some(name))
        .collect();
    if whole.is_empty() { people.iter().filter(is).collect() } else { whole }
}

fn names_in_line(line: &str, found: &mut Vec<NamedBy>) {
    let mut before = ' ';
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let rest = &line[at..];
        if c == '`' {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            let after = at + ticks;
            // Without an end it is no code.
            let end = line[after..].find(&rest[..ticks]).map_or(after, |end| after + end + ticks);
            (before, at) = ('`', end);
            continue;
        }
        let named = match c {
            '@' if !before.is_alphanumeric() => token(rest).or_else(|| name(rest)),
            '[' => linked(rest),
            _ => None,
        };
        match named {
            Some((named, n_bytes)) => {
                if !found.contains(&named) {
                    found.push(named);
                }
                (before, at) = (')', at + n_bytes);
            }
            None => (before, at) = (c, at + c.len_utf8()),
        }
    }
}

/// `@[…](user:ID)`, and how long it is.
fn token(text: &str) -> Option<(NamedBy, usize)> {
    let (named, n_bytes) = by_id(text.strip_prefix('@')?)?;
    Some((named, n_bytes + 1))
}

/// `[@…](user:ID)`, which is what becomes of a link in HTML.
fn linked(text: &str) -> Option<(NamedBy, usize)> {
    text.starts_with("[@").then(|| by_id(text)).flatten()
}

fn by_id(text: &str) -> Option<(NamedBy, usize)> {
    // Both ends are looked for within what they can be: a note of many openings would be read to its end for each of them.
    let within =
        |text: &str, end: u8, n_bytes: usize| text.bytes().take(n_bytes).position(|byte| byte == end);
    let inner = text.strip_prefix('[')?;
    let close = within(inner, b']', NAME_BYTES_MAX + 1)?;
    let id = inner[close + 1..].strip_prefix("(user:")?;
    let end = within(id, b')', ID_BYTES_MAX + 1)?;
    let is_id = end > 0 && id[..end].bytes().all(|b| b.is_ascii_alphanumeric());
    is_id.then(|| (NamedBy::Id(UserId::new(&id[..end])), 1 + close + 1 + "(user:".len() + end + 1))
}

/// `@name`: letters and digits, with `.`, `-` and `_` between them.
fn name(text: &str) -> Option<(NamedBy, usize)> {
    let rest = text.strip_prefix('@')?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || ".-_".contains(c))).unwrap_or(rest.len());
    let name = rest[..end].trim_end_matches(['.', '-', '_']);
    // `@team@example.org` is no name.
    let is_name = !name.is_empty() && !rest[end..].starts_with('@');
    is_name.then(|| (NamedBy::Name(name.to_lowercase()), 1 + name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Sees};

    #[test]
    fn names_are_found_where_somebody_is_meant() {
        let name = |name: &str| NamedBy::Name(name.to_owned());
        let id = |id: &str| NamedBy::Id(UserId::new(id));
        for (text, expected) in [
            ("@ada, please look", vec![name("ada")]),
            ("(@Ada.Lovelace)", vec![name("ada.lovelace")]),
            ("Ask @ada. Then @ADA again, and @bo-b!", vec![name("ada"), name("bo-b")]),
            ("@[Ada L.](user:01ABC) and @bo", vec![id("01ABC"), name("bo")]),
            ("[@Ada](user:01ABC)", vec![id("01ABC")]),
            ("[Ada](user:01ABC)", vec![]),
            ("mail ada@example.org", vec![]),
            ("@list@example.org", vec![]),
            ("`@ada` and ``x ` @bo``", vec![]),
            ("an open ` tick @ada", vec![name("ada")]),
            ("```\n@ada\n```\n@bo", vec![name("bo")]),
            ("~~~\n```\n@ada\n~~~", vec![]),
            ("@[Ada](user:a b) @[x](user:)", vec![]),
            ("@ @@ @.", vec![]),
            ("日本@山田 @山田", vec![name("山田")]),
            ("@[Ada](https://example.org)", vec![]),
            (&format!("@[{}](user:01ABC)", "a".repeat(200)), vec![id("01ABC")]),
            (&format!("@[{}](user:01ABC)", "a".repeat(201)), vec![]),
            (&format!("@[Ada](user:{}) @bo", "1".repeat(65)), vec![name("bo")]),
        ] {
            assert_eq!(names_in(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_name_means_who_is_called_so() {
        let user = |id: &str, name: &str, email: &str| User {
            id: UserId::new(id),
            name: name.to_owned(),
            email: email.to_owned(),
            role: Role::Agent,
            sees: Sees::All,
            created_at: Timestamp(0),
            deactivated_at: None,
            revision: 1,
            has_second_factor: false,
        };
        let people = [
            user("1", "Ada Lovelace", "ada@a.example"),
            user("2", "Ada Byron", "byron@a.example"),
            user("3", "Bo", "b.o@a.example"),
            user("4", "Grace Hopper", "grace@a.example"),
            user("5", "Grace Kelly", "kelly@a.example"),
        ];
        for (name, expected) in [
            ("ada", vec!["1"]),
            ("adabyron", vec!["2"]),
            ("byron", vec!["2"]),
            ("bo", vec!["3"]),
            ("b.o", vec!["3"]),
            ("grace", vec!["4"]),
            ("nobody", vec![]),
        ] {
            let ids: Vec<&str> = named(name, &people).iter().map(|user| user.id.as_str()).collect();
            assert_eq!(ids, expected, "{name}");
        }
        let twins = [user("1", "Ada Lovelace", "x@a.example"), user("2", "Ada Byron", "y@a.example")];
        assert_eq!(named("ada", &twins).len(), 2);
    }
}
