//! Records of a file of JSON, one after another: an object per line, lists, and pages as Zendesk's API answers them. The file is
//! never held as a whole, and what is broken costs its own record.

use std::{
    collections::VecDeque,
    io::{BufRead, Cursor, Read as _},
};

use serde_json::Value;

use super::json_scan::{Scanned, Scanner, is_nested};

/// Largest record, in bytes: a ticket with 5,000 comments of some kilobytes each.
pub const RECORD_BYTES_MAX: usize = 32 << 20;

/// The lists whose objects are records, by the names of Zendesk's API, and what one of them is called.
pub(super) const LISTS: [(&str, &str); 7] = [
    ("tickets", "ticket"),
    ("users", "user"),
    ("organizations", "organization"),
    ("groups", "group"),
    ("comments", "comment"),
    ("ticket_fields", "ticket_field"),
    ("results", "result"),
];

/// A record, or why it is none.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonRecord {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The list in which it stood, as in `tickets`.
    pub list: Option<&'static str>,
    /// The object.
    pub value: Result<Value, String>,
}

/// Reads records one by one.
pub struct JsonRecords {
    reader: Box<dyn BufRead + Send>,
    mode: Mode,
    line: u64,
    n_bytes: u64,
    ready: VecDeque<JsonRecord>,
}

enum Mode {
    Unknown,
    Lines,
    Nested(Box<Scanner>),
    Ended,
}

impl JsonRecords {
    /// The records of this text.
    pub fn new(reader: Box<dyn BufRead + Send>) -> Self {
        Self { reader, mode: Mode::Unknown, line: 0, n_bytes: 0, ready: VecDeque::new() }
    }

    /// How many bytes were read so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The next record; nothing at the end.
    ///
    /// # Errors
    /// Those of reading.
    pub fn read(&mut self) -> std::io::Result<Option<JsonRecord>> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                return Ok(Some(record));
            }
            match &mut self.mode {
                Mode::Unknown => self.begin()?,
                Mode::Lines => self.next_line()?,
                Mode::Nested(_) => self.scan()?,
                Mode::Ended => return Ok(None),
            }
        }
    }

    /// Finds out how the file is made from how it begins.
    fn begin(&mut self) -> std::io::Result<()> {
        let mut head = Vec::new();
        let limit = RECORD_BYTES_MAX as u64 + 1;
        while head.trim_ascii().is_empty() {
            let n = self.reader.by_ref().take(limit).read_until(b'\n', &mut head)?;
            if n == 0 {
                self.mode = Mode::Ended;
                return Ok(());
            }
        }
        let is_lines = serde_json::from_slice::<serde::de::IgnoredAny>(&head).is_ok();
        self.mode = if is_lines {
            Mode::Lines
        } else if self.is_nested(&mut head)? {
            Mode::Nested(Box::default())
        } else {
            self.reader.by_ref().take(limit.saturating_sub(head.len() as u64)).read_to_end(&mut head)?;
            if let Ok(value) = serde_json::from_slice::<Value>(&head) {
                self.n_bytes += head.len() as u64;
                self.expand(1, None, value);
                self.mode = Mode::Ended;
                return Ok(());
            }
            Mode::Lines
        };
        let rest = std::mem::replace(&mut self.reader, Box::new(std::io::empty()));
        self.reader = Box::new(Cursor::new(head).chain(rest));
        Ok(())
    }

    /// Whether what begins so is a list, or an object with a list of records in it. A few lines tell.
    fn is_nested(&mut self, head: &mut Vec<u8>) -> std::io::Result<bool> {
        const HEAD_BYTES: u64 = 64 << 10;
        if head.len() < HEAD_BYTES as usize {
            self.reader.by_ref().take(HEAD_BYTES).read_to_end(head)?;
        }
        Ok(is_nested(head))
    }

    fn next_line(&mut self) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        let n_read = read_line(&mut self.reader, &mut bytes, RECORD_BYTES_MAX)?;
        if n_read == 0 {
            self.mode = Mode::Ended;
            return Ok(());
        }
        self.n_bytes += n_read as u64;
        self.line += 1;
        let line = self.line;
        if n_read > RECORD_BYTES_MAX {
            self.broken(line, format!("the line has more than {RECORD_BYTES_MAX} bytes"));
        } else if !bytes.trim_ascii().is_empty() {
            match serde_json::from_slice(&bytes) {
                Ok(value) => self.expand(line, None, value),
                Err(error) => self.broken(line, format!("not JSON: {error}")),
            }
        }
        Ok(())
    }

    fn scan(&mut self) -> std::io::Result<()> {
        let Mode::Nested(scanner) = &mut self.mode else { return Ok(()) };
        let chunk = self.reader.fill_buf()?;
        if chunk.is_empty() {
            let last = scanner.finish();
            self.mode = Mode::Ended;
            if let Some(scanned) = last {
                self.take(scanned);
            }
            return Ok(());
        }
        let mut scanned = None;
        let mut n = 0;
        for byte in chunk {
            n += 1;
            scanned = scanner.step(*byte);
            if scanned.is_some() {
                break;
            }
        }
        self.reader.consume(n);
        self.n_bytes += n as u64;
        if let Some(scanned) = scanned {
            self.take(scanned);
        }
        Ok(())
    }

    fn take(&mut self, scanned: Scanned) {
        match scanned {
            Scanned::Record { line, list, bytes } => {
                let value = serde_json::from_slice::<Value>(&bytes);
                match value {
                    Ok(value) => self.expand(line, list, value),
                    Err(error) => self.broken(line, format!("not JSON: {error}")),
                }
            }
            Scanned::Broken { line, why } => self.broken(line, why.to_owned()),
        }
    }

    /// The records of a value: itself, what it wraps, or those of its lists.
    fn expand(&mut self, line: u64, within: Option<&'static str>, value: Value) {
        let mut fields = match value {
            Value::Object(fields) if !fields.contains_key("id") => fields,
            Value::Array(values) => {
                for value in values {
                    self.push(line, within, value);
                }
                return;
            }
            value => return self.push(line, within, value),
        };
        for (list, one) in LISTS {
            match (fields.remove(list), fields.remove(one)) {
                (Some(Value::Array(values)), _) => {
                    for value in values {
                        self.push(line, Some(list), value);
                    }
                    return;
                }
                (_, Some(value @ Value::Object(_))) => return self.push(line, Some(list), value),
                _ => {}
            }
        }
        self.push(line, within, Value::Object(fields));
    }

    fn push(&mut self, line: u64, list: Option<&'static str>, value: Value) {
        let value = if value.is_object() { Ok(value) } else { Err("not an object".to_owned()) };
        self.ready.push_back(JsonRecord { line, list, value });
    }

    fn broken(&mut self, line: u64, why: String) {
        self.ready.push_back(JsonRecord { line, list: None, value: Err(why) });
    }
}

/// Reads the next line with its end and gives its length, 0 at the end. Of a line that is too long only the beginning is kept.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>, bytes_max: usize) -> std::io::Result<usize> {
    let mut n_read = 0;
    loop {
        let piece = reader.fill_buf()?;
        let end = piece.iter().position(|byte| *byte == b'\n');
        let n_taken = end.map_or(piece.len(), |end| end + 1);
        let room = bytes_max.saturating_sub(line.len());
        line.extend_from_slice(&piece[..n_taken.min(room)]);
        let is_last = end.is_some() || n_taken == 0;
        reader.consume(n_taken);
        n_read += n_taken;
        if is_last {
            return Ok(n_read);
        }
    }
}
