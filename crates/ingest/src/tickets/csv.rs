//! Rows of a CSV file, one after another, within limits: a quotation mark that is never closed must not read the file into memory.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::encoding::row_text;

/// Largest row, in bytes: the longest text of a ticket several times over.
pub const ROW_BYTES_MAX: usize = 2 << 20;
/// Most cells of a row.
pub const CELLS_MAX: usize = 500;
/// Room for a row at first.
const ROW_BYTES: usize = 64 << 10;
/// What stands between cells, as spreadsheets write it; the most frequent one of the first line is meant.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvRow {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its cells, or why they cannot be read.
    pub cells: Result<Vec<String>, String>,
}

/// Reads rows one by one (RFC 4180, and what spreadsheets make of it).
pub struct CsvRows {
    reader: Box<dyn BufRead + Send>,
    core: Option<Reader>,
    delimiter: u8,
    /// Lines before those that the core has counted.
    lines_before: u64,
    n_bytes: u64,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl CsvRows {
    /// The rows of this text.
    pub fn new(reader: Box<dyn BufRead + Send>) -> Self {
        Self {
            reader,
            core: None,
            delimiter: b',',
            lines_before: 0,
            n_bytes: 0,
            output: vec![0; ROW_BYTES],
            ends: vec![0; CELLS_MAX],
        }
    }

    /// How many bytes were read so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The next row that is not empty; nothing at the end.
    ///
    /// # Errors
    /// Those of reading.
    pub fn read(&mut self) -> std::io::Result<Option<CsvRow>> {
        if self.core.is_none() {
            self.delimiter = delimiter(self.reader.fill_buf()?);
            self.core = Some(core(self.delimiter));
        }
        self.skip_line_ends()?;
        let line = self.line();
        let (mut n_out, mut n_ends) = (0, 0);
        loop {
            let Some(core) = &mut self.core else { return Ok(None) };
            let input = self.reader.fill_buf()?;
            let (result, n_read, n_written, n_ended) =
                core.read_record(input, &mut self.output[n_out..], &mut self.ends[n_ends..]);
            self.reader.consume(n_read);
            self.n_bytes += n_read as u64;
            n_out += n_written;
            n_ends += n_ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.output.len() < ROW_BYTES_MAX => {
                    self.output.resize(self.output.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => {
                    let why = format!("it has more than {ROW_BYTES_MAX} bytes; is a quotation mark missing?");
                    return self.give_up(line, &why).map(Some);
                }
                ReadRecordResult::OutputEndsFull => {
                    return self.give_up(line, &format!("it has more than {CELLS_MAX} cells")).map(Some);
                }
                ReadRecordResult::Record => return Ok(Some(CsvRow { line, cells: Ok(self.cells(n_ends)) })),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn cells(&self, n: usize) -> Vec<String> {
        let mut start = 0;
        let cell = |end: &usize| {
            let text = row_text(&self.output[start..*end]);
            start = *end;
            text
        };
        self.ends[..n].iter().map(cell).collect()
    }

    fn line(&self) -> u64 {
        self.lines_before + self.core.as_ref().map_or(1, Reader::line)
    }

    /// Passes over empty lines, so that a row is on the line where it begins.
    fn skip_line_ends(&mut self) -> std::io::Result<()> {
        loop {
            let input = self.reader.fill_buf()?;
            let n = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            let n_lines = input[..n].iter().filter(|byte| **byte == b'\n').count();
            self.reader.consume(n);
            self.n_bytes += n as u64;
            self.lines_before += n_lines as u64;
            if n == 0 {
                return Ok(());
            }
        }
    }

    /// Goes on after the end of the line on which a row became too large.
    fn give_up(&mut self, line: u64, why: &str) -> std::io::Result<CsvRow> {
        let mut n_lines = self.line() - 1;
        loop {
            let input = self.reader.fill_buf()?;
            let end = input.iter().position(|byte| *byte == b'\n');
            let n = end.map_or(input.len(), |end| end + 1);
            self.reader.consume(n);
            self.n_bytes += n as u64;
            if end.is_some() || n == 0 {
                n_lines += 1;
                break;
            }
        }
        self.lines_before = n_lines;
        self.core = Some(core(self.delimiter));
        let why = if n_lines > line {
            format!("{why} Lines {line} to {n_lines} are left out")
        } else {
            why.to_owned()
        };
        Ok(CsvRow { line, cells: Err(why) })
    }
}

fn core(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// What stands between the cells of a first line.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut is_quoted = false;
    for byte in line {
        if *byte == b'"' {
            is_quoted = !is_quoted;
        } else if let (false, Some(n)) = (is_quoted, DELIMITERS.iter().position(|known| known == byte)) {
            counts[n] += 1;
        }
    }
    // The first of equals: a comma where there is nothing to tell.
    let best = (0..DELIMITERS.len()).rev().max_by_key(|n| counts[*n]).unwrap_or_default();
    DELIMITERS[best]
}
