//! Server-sent events, as far as completions use them: the `data` of each event, whatever way the bytes are cut.
//!
//! Source: the HTML standard, section 9.2.6, "interpreting an event stream".

use super::LlmError;

/// Longest line: an event holds a few words, so this is far above any, and far below what would hurt.
const LINE_BYTES_MAX: usize = 256 << 10;

/// Collects bytes into events.
#[derive(Debug, Default)]
pub(super) struct SseReader {
    line: Vec<u8>,
    data: String,
    after_return: bool,
}

impl SseReader {
    /// Takes the next bytes and gives the data of the events that they complete.
    ///
    /// # Errors
    /// [`LlmError::TooLong`] for a line or an event without end, [`LlmError::Invalid`] for what is not UTF-8.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, LlmError> {
        let mut events = Vec::new();
        for &byte in bytes {
            // A line ends with a line feed, a carriage return, or both.
            let ends = byte == b'\r' || (byte == b'\n' && !self.after_return);
            let skipped = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if ends {
                let line = std::mem::take(&mut self.line);
                events.extend(self.read_line(&line)?);
            } else if !skipped {
                self.line.push(byte);
                if self.line.len() > LINE_BYTES_MAX {
                    return Err(LlmError::TooLong);
                }
            }
        }
        Ok(events)
    }

    /// What is left when the stream ends without an empty line: some servers forget it.
    ///
    /// # Errors
    /// As for [`SseReader::push`].
    pub(super) fn finish(&mut self) -> Result<Option<String>, LlmError> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.read_line(&line)?;
        }
        self.read_line(b"")
    }

    fn read_line(&mut self, line: &[u8]) -> Result<Option<String>, LlmError> {
        if line.is_empty() {
            return Ok((!self.data.is_empty()).then(|| std::mem::take(&mut self.data)));
        }
        let line = std::str::from_utf8(line).map_err(|_| LlmError::Invalid("not UTF-8"))?;
        if let Some(data) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            if self.data.len() > LINE_BYTES_MAX {
                return Err(LlmError::TooLong);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, step: usize) -> Vec<String> {
        let mut reader = SseReader::default();
        let mut events: Vec<String> =
            text.as_bytes().chunks(step).flat_map(|piece| reader.push(piece).unwrap()).collect();
        events.extend(reader.finish().unwrap());
        events
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        for (text, expected) in [
            ("data: a\n\ndata: b\n\n", vec!["a", "b"]),
            ("data: é漢\r\n\r\ndata:b\r\n\r\n", vec!["é漢", "b"]),
            (": ping\n\nevent: x\nid: 1\ndata: a\ndata: b\n\n", vec!["a\nb"]),
            ("data: a\r\rdata: b", vec!["a", "b"]),
            ("\n\n\n", vec![]),
            ("nothing like it", vec![]),
        ] {
            for step in [1, 2, 3, 1000] {
                assert_eq!(read(text, step), expected, "{text:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let mut reader = SseReader::default();
        let piece = vec![b'x'; 64 << 10];
        let refused = (0..10).find_map(|_| reader.push(&piece).err());
        assert_eq!(refused, Some(LlmError::TooLong));
        assert!(reader.line.len() <= LINE_BYTES_MAX + 1);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(SseReader::default().push(b"data: \xff\n"), Err(LlmError::Invalid("not UTF-8")));
    }
}
