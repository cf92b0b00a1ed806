//! Bytes of a file to text: UTF-8, UTF-16 with a mark, and what is nearly UTF-8.

use super::{ImportError, Warning};

/// How much of a file is looked at to tell text from binary.
const SNIFF_BYTES: usize = 8192;

/// A file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// What had to be replaced.
    pub warnings: Vec<Warning>,
}

/// Decodes a file.
///
/// # Errors
/// [`ImportError`] when the bytes are no text.
pub fn decode(bytes: &[u8]) -> Result<Decoded, ImportError> {
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return Ok(utf16(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return Ok(utf16(rest, u16::from_be_bytes));
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if bytes.iter().take(SNIFF_BYTES).any(|byte| *byte == 0) {
        return Err(ImportError {
            line: None,
            message: "cannot read as text: the file is binary".to_owned(),
        });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: text.to_owned(), warnings: Vec::new() }),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            let text = String::from_utf8_lossy(bytes).into_owned();
            let warning = Warning::at(line, "not UTF-8: unreadable bytes are shown as \u{fffd}");
            Ok(Decoded { text, warnings: vec![warning] })
        }
    }
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Decoded {
    let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    let mut n_broken = 0;
    let text = char::decode_utf16(units)
        .map(|unit| {
            unit.unwrap_or_else(|_| {
                n_broken += 1;
                '\u{fffd}'
            })
        })
        .collect();
    let mut warnings = Vec::new();
    if n_broken > 0 || bytes.len() % 2 == 1 {
        warnings.push(Warning::new("broken UTF-16: unreadable characters are shown as \u{fffd}"));
    }
    Decoded { text, warnings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encodings_of_editors_and_binaries_are_refused() {
        for (bytes, expected) in [
            (&b"plain"[..], Some("plain")),
            (b"\xef\xbb\xbfmarked", Some("marked")),
            (b"\xff\xfeh\0i\0", Some("hi")),
            (b"\xfe\xff\0h\0i", Some("hi")),
            (b"caf\xe9", Some("caf\u{fffd}")),
            (b"\x7fELF\0\0", None),
        ] {
            assert_eq!(decode(bytes).ok().map(|decoded| decoded.text).as_deref(), expected);
        }
        assert_eq!(decode(b"a\nb\xe9").unwrap().warnings[0].line, Some(2));
    }
}
