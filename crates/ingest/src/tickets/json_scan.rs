//! Finds where records begin and end in JSON that is too large to be read as a whole, byte by byte.
//!
//! It knows strings and brackets only. Where a string does not end on its line something is broken: the record is given up, and
//! the next line that begins with an object is the next record.

use super::json::{LISTS, RECORD_BYTES_MAX};

/// Longest key that can be one of ours.
const KEY_BYTES_MAX: usize = 64;

/// What was found.
pub(super) enum Scanned {
    /// An object, or something else that stands where one should.
    Record { line: u64, list: Option<&'static str>, bytes: Vec<u8> },
    /// What was given up.
    Broken { line: u64, why: &'static str },
}

/// Where in the file we are.
pub(super) struct Scanner {
    line: u64,
    levels: Vec<Level>,
    state: State,
}

enum Level {
    Array { list: Option<&'static str> },
    Object { key: Vec<u8>, awaits_value: bool },
}

enum State {
    Between,
    /// In a key or a value that is a string.
    Text {
        is_key: bool,
        is_escaped: bool,
    },
    Inside(Capture),
    /// Something was broken: waits for a line that begins with an object.
    Lost {
        is_line_start: bool,
    },
}

struct Capture {
    line: u64,
    list: Option<&'static str>,
    is_kept: bool,
    bytes: Vec<u8>,
    depth: usize,
    in_string: bool,
    is_escaped: bool,
}

impl Default for Scanner {
    fn default() -> Self {
        Self { line: 1, levels: vec![], state: State::Between }
    }
}

impl Scanner {
    /// Takes in the next byte.
    pub(super) fn step(&mut self, byte: u8) -> Option<Scanned> {
        let found = self.advance(byte);
        if byte == b'\n' {
            self.line += 1;
        }
        found
    }

    /// What is left when the file ends.
    pub(super) fn finish(&mut self) -> Option<Scanned> {
        let line = match &self.state {
            State::Inside(capture) => capture.line,
            State::Text { .. } => self.line,
            State::Between | State::Lost { .. } => return None,
        };
        Some(Scanned::Broken { line, why: "the file ends in the middle of it" })
    }

    fn advance(&mut self, byte: u8) -> Option<Scanned> {
        match &mut self.state {
            State::Between => {
                self.between(byte);
                None
            }
            State::Text { is_escaped, .. } if *is_escaped => {
                *is_escaped = false;
                None
            }
            State::Text { is_key, is_escaped } => {
                let is_key = *is_key;
                match byte {
                    b'\\' => *is_escaped = true,
                    b'"' => self.state = State::Between,
                    b'\n' => return Some(self.lose(self.line)),
                    byte if is_key => {
                        if let Some(Level::Object { key, .. }) = self.levels.last_mut()
                            && key.len() < KEY_BYTES_MAX
                        {
                            key.push(byte);
                        }
                    }
                    _ => {}
                }
                None
            }
            State::Inside(_) => self.inside(byte),
            State::Lost { is_line_start } => {
                match byte {
                    b'\n' => *is_line_start = true,
                    b' ' | b'\t' | b'\r' | b',' | b'[' if *is_line_start => {}
                    b'{' if *is_line_start => self.find_again(),
                    _ => *is_line_start = false,
                }
                None
            }
        }
    }

    fn between(&mut self, byte: u8) {
        match (self.levels.last_mut(), byte) {
            (None, b'[') => self.levels.push(Level::Array { list: None }),
            (None, b'{') => self.levels.push(Level::Object { key: vec![], awaits_value: false }),
            (Some(Level::Array { list }), b'{' | b'[') => {
                let list = *list;
                self.capture(byte, list, true);
            }
            (Some(Level::Array { .. }), b']') | (Some(Level::Object { .. }), b'}') => {
                self.levels.pop();
            }
            (Some(Level::Array { .. }), b'"') => {
                self.state = State::Text { is_key: false, is_escaped: false };
            }
            (Some(Level::Object { key, awaits_value }), b'"') => {
                let is_key = !*awaits_value;
                if is_key {
                    key.clear();
                }
                self.state = State::Text { is_key, is_escaped: false };
            }
            (Some(Level::Object { awaits_value, .. }), b':') => *awaits_value = true,
            (Some(Level::Object { awaits_value, .. }), b',') => *awaits_value = false,
            (Some(Level::Object { key, awaits_value }), b'[') if *awaits_value => {
                match LISTS.iter().find(|(list, _)| list.as_bytes() == key.as_slice()) {
                    Some((list, _)) => self.levels.push(Level::Array { list: Some(list) }),
                    None => self.capture(byte, None, false),
                }
            }
            (Some(Level::Object { key, awaits_value }), b'{') if *awaits_value => {
                let found = LISTS.iter().find(|(_, one)| one.as_bytes() == key.as_slice());
                self.capture(byte, found.map(|(list, _)| *list), found.is_some());
            }
            _ => {}
        }
    }

    fn capture(&mut self, byte: u8, list: Option<&'static str>, is_kept: bool) {
        let bytes = if is_kept { vec![byte] } else { vec![] };
        self.state = State::Inside(Capture {
            line: self.line,
            list,
            is_kept,
            bytes,
            depth: 1,
            in_string: false,
            is_escaped: false,
        });
    }

    fn inside(&mut self, byte: u8) -> Option<Scanned> {
        let State::Inside(capture) = &mut self.state else { return None };
        if capture.is_kept {
            if capture.bytes.len() >= RECORD_BYTES_MAX {
                let line = capture.line;
                self.state = State::Lost { is_line_start: byte == b'\n' };
                return Some(Scanned::Broken {
                    line,
                    why: "it is larger than a record may be, or has no end",
                });
            }
            capture.bytes.push(byte);
        }
        if capture.in_string {
            match byte {
                _ if capture.is_escaped => capture.is_escaped = false,
                b'\\' => capture.is_escaped = true,
                b'"' => capture.in_string = false,
                b'\n' => {
                    let line = capture.line;
                    return Some(self.lose(line));
                }
                _ => {}
            }
            return None;
        }
        match byte {
            b'"' => capture.in_string = true,
            b'{' | b'[' => capture.depth += 1,
            b'}' | b']' => capture.depth -= 1,
            _ => {}
        }
        if capture.depth > 0 {
            return None;
        }
        let (line, list, is_kept) = (capture.line, capture.list, capture.is_kept);
        let bytes = std::mem::take(&mut capture.bytes);
        self.state = State::Between;
        is_kept.then_some(Scanned::Record { line, list, bytes })
    }

    /// Gives up at the end of a line on which a string did not end.
    fn lose(&mut self, line: u64) -> Scanned {
        self.state = State::Lost { is_line_start: true };
        Scanned::Broken { line, why: "not JSON: a text in it does not end on its line" }
    }

    fn find_again(&mut self) {
        while matches!(self.levels.last(), Some(Level::Object { .. })) {
            self.levels.pop();
        }
        let list = match self.levels.last() {
            Some(Level::Array { list }) => *list,
            _ => {
                self.levels.push(Level::Array { list: None });
                None
            }
        };
        self.capture(b'{', list, true);
    }
}

/// Whether a text begins as a list, or as an object one of whose first values is a list of records.
pub(super) fn is_nested(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    if head.first() == Some(&b'[') {
        return true;
    }
    let mut scanner = Scanner::default();
    for byte in head {
        scanner.step(*byte);
        match (&scanner.state, scanner.levels.as_slice()) {
            (_, [_, Level::Array { list: Some(_) }]) => return true,
            (State::Inside(capture), [_]) if capture.is_kept => return true,
            (State::Lost { .. }, _) => return false,
            (_, [Level::Object { key, .. }]) if key == b"id" => return false,
            _ => {}
        }
    }
    false
}
