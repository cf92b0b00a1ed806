//! What a file is, by its first bytes. What its sender says counts for nothing.

/// Bytes from the beginning of a file that are looked at.
pub const HEAD_BYTES: usize = 256 << 10;

/// Types that are named. Everything else is a mere stream of bytes: markup and scripts, for which a browser or another program might
/// have a use of its own, and what nobody asked for yet.
const NAMED: [&str; 26] = [
    "application/gzip",
    "application/msword",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/x-7z-compressed",
    "application/zip",
    "audio/mpeg",
    "audio/ogg",
    "audio/x-flac",
    "audio/x-wav",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    "video/mp4",
    "video/quicktime",
    "video/webm",
];

/// The type of a file by its first bytes, or `application/octet-stream`.
pub fn media_type(head: &[u8]) -> &'static str {
    let found = infer::get(head).map(|kind| kind.mime_type());
    found
        .and_then(|found| NAMED.into_iter().find(|named| *named == found))
        .unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_content_has_a_type() {
        for (head, expected) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), "image/png"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"PK\x03\x04\x14\0\0\0", "application/zip"),
            (b"<!DOCTYPE html><script>alert(1)</script>", "application/octet-stream"),
            (b"<html><body>", "application/octet-stream"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x()\">", "application/octet-stream"),
            (b"<?xml version=\"1.0\"?><svg/>", "application/octet-stream"),
            (b"#!/bin/sh\n", "application/octet-stream"),
            (b"MZ\x90\0", "application/octet-stream"),
            (b"plain words", "application/octet-stream"),
            (b"", "application/octet-stream"),
        ] {
            assert_eq!(media_type(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}
