//! Bytes of a file to UTF-8 while they stream: UTF-8 and UTF-16 by their marks. What is neither is left to whoever reads rows.

use std::io::{BufRead, BufReader, Cursor, Read};

/// How much of a file is looked at to tell text from binary.
const SNIFF_BYTES: usize = 8_192;

/// A file that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// It is packed.
    #[error("the file is packed; unpack it first and name what was in it")]
    Packed,
    /// It is something else.
    #[error("the file is binary, not text")]
    Binary,
}

/// A file's bytes as UTF-8 where its mark says what it is, without the mark; as they are where it has none.
///
/// # Errors
/// [`NotText`] in the inner result, and those of reading in the outer one.
pub fn text_stream<R: Read + Send + 'static>(
    mut reader: R,
) -> std::io::Result<Result<Box<dyn BufRead + Send>, NotText>> {
    let mut head = Vec::new();
    reader.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    let packed: [&[u8]; 5] = [b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf"];
    if packed.iter().any(|magic| head.starts_with(magic)) {
        return Ok(Err(NotText::Packed));
    }
    let read: Option<fn([u8; 2]) -> u16> = match head.as_slice() {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(read) = read {
        let rest = Cursor::new(head.split_off(2)).chain(reader);
        return Ok(Ok(Box::new(BufReader::new(Utf16 {
            reader: rest,
            read,
            high: None,
            ready: vec![],
            at: 0,
        }))));
    }
    if head.contains(&0) {
        return Ok(Err(NotText::Binary));
    }
    let start = if head.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    Ok(Ok(Box::new(BufReader::new(Cursor::new(head.split_off(start)).chain(reader)))))
}

/// Text of a row: UTF-8, or else Windows-1252, which old spreadsheets write and in which every byte is a character.
pub(super) fn row_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>; bytes that stand for nothing are control characters there.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// UTF-16 read as UTF-8. What is broken becomes a replacement character.
struct Utf16<R> {
    reader: R,
    read: fn([u8; 2]) -> u16,
    /// The first half of a pair whose second half has not come yet.
    high: Option<u16>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    fn fill(&mut self) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(SNIFF_BYTES);
        // An even number, so that only the end of the file can be half a unit.
        self.reader.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut bytes)?;
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        units.extend(bytes.chunks_exact(2).map(|pair| (self.read)([pair[0], pair[1]])));
        if !bytes.is_empty() && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.high = units.pop();
        }
        let mut text: String =
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        if bytes.len() % 2 == 1 {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        self.ready = text.into_bytes();
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.ready.len() {
            self.fill()?;
            if self.ready.is_empty() && self.high.is_some() {
                self.fill()?;
            }
        }
        let n = out.len().min(self.ready.len() - self.at);
        out[..n].copy_from_slice(&self.ready[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, NotText> {
        let mut stream = text_stream(Cursor::new(bytes.to_vec())).unwrap()?;
        let mut read = Vec::new();
        stream.read_to_end(&mut read).unwrap();
        Ok(row_text(&read))
    }

    fn utf16(text: &str) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    }

    #[test]
    fn the_encodings_of_spreadsheets_are_read_and_what_is_no_text_is_refused() {
        let long = "Grüße 😀 ".repeat(5_000);
        let big_endian: Vec<u8> =
            [0xfe, 0xff].into_iter().chain("hé".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for (bytes, expected) in [
            (b"plain".to_vec(), Ok("plain".to_owned())),
            (b"\xef\xbb\xbfmarked".to_vec(), Ok("marked".to_owned())),
            (utf16(&long), Ok(long.clone())),
            (big_endian, Ok("hé".to_owned())),
            (b"caf\xe9 \x80 \x93x\x94".to_vec(), Ok("café € “x”".to_owned())),
            (b"\xff\xfe\x3d\xd8".to_vec(), Ok("\u{fffd}".to_owned())),
            (b"\xff\xfea\0b".to_vec(), Ok("a\u{fffd}".to_owned())),
            (b"PK\x03\x04zip".to_vec(), Err(NotText::Packed)),
            (b"\x1f\x8bgzip".to_vec(), Err(NotText::Packed)),
            (b"\x7fELF\0\0".to_vec(), Err(NotText::Binary)),
            (vec![], Ok(String::new())),
        ] {
            assert_eq!(read(&bytes), expected);
        }
    }
}
