//! How large a picture is, by its header alone: nothing is unpacked.

/// The size of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageSize {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// The size that a picture of this type says it has, by its first bytes; nothing for another type or a header that is none.
///
/// PNG (RFC 2083, 4.1.1), GIF (89a, 18), JPEG (ITU T.81, B.2.2), WebP (RFC 9649, 2.4 to 2.7), BMP.
pub fn image_size(media_type: &str, head: &[u8]) -> Option<ImageSize> {
    match media_type {
        "image/png" => png(head),
        "image/gif" => Some(size(u32::from(le16(head, 6)?), u32::from(le16(head, 8)?))),
        "image/jpeg" => jpeg(head),
        "image/webp" => webp(head),
        "image/bmp" => {
            let height = i32::from_le_bytes(head.get(22..26)?.try_into().ok()?);
            Some(size(le32(head, 18)?, height.unsigned_abs()))
        }
        _ => None,
    }
}

fn size(width: u32, height: u32) -> ImageSize {
    ImageSize { width, height }
}

fn png(head: &[u8]) -> Option<ImageSize> {
    (head.get(12..16)? == b"IHDR").then_some(())?;
    Some(size(be32(head, 16)?, be32(head, 20)?))
}

/// The first frame's header, behind segments of any length.
fn jpeg(head: &[u8]) -> Option<ImageSize> {
    let mut at = 2;
    loop {
        while *head.get(at)? != 0xff {
            at += 1;
        }
        while *head.get(at)? == 0xff {
            at += 1;
        }
        let marker = *head.get(at)?;
        at += 1;
        match marker {
            // These have no length.
            0x01 | 0xd0..=0xd8 => {}
            // The picture itself begins, or it has ended, and no frame was named.
            0xd9 | 0xda => return None,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some(size(u32::from(be16(head, at + 5)?), u32::from(be16(head, at + 3)?)));
            }
            _ => at += usize::from(be16(head, at)?).max(2),
        }
    }
}

fn webp(head: &[u8]) -> Option<ImageSize> {
    match head.get(12..16)? {
        b"VP8X" => Some(size(le24(head, 24)? + 1, le24(head, 27)? + 1)),
        b"VP8L" => {
            let bits = le32(head, 21)?;
            Some(size((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8 " => Some(size(u32::from(le16(head, 26)? & 0x3fff), u32::from(le16(head, 28)? & 0x3fff))),
        _ => None,
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 3)?;
    Some(u32::from(bytes[0]) | u32::from(bytes[1]) << 8 | u32::from(bytes[2]) << 16)
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_headers() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\x06";
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08\x01\x02\x03\x04\x03";
        let vp8x = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x2f\x75\0\x0f\0\0";
        let vp8l = b"RIFF\0\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x63\xc0\x18\0";
        let vp8 = b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\0";
        let bmp = [b"BM".as_slice(), &[0; 16], &300_u32.to_le_bytes(), &(-200_i32).to_le_bytes()].concat();
        for (kind, head, width, height) in [
            ("image/png", png.as_slice(), 30_000, 30_000),
            ("image/gif", b"GIF89a\x02\x01\x04\x03", 0x102, 0x304),
            ("image/jpeg", jpeg, 0x304, 0x102),
            ("image/webp", vp8x, 30_000, 16),
            ("image/webp", vp8l, 100, 100),
            ("image/webp", vp8, 320, 240),
            ("image/bmp", &bmp, 300, 200),
        ] {
            assert_eq!(image_size(kind, head), Some(ImageSize { width, height }), "{kind}");
            for cut in 0..head.len() {
                // Half a header is no panic.
                let _ = image_size(kind, &head[..cut]);
            }
        }
        assert_eq!(image_size("image/jpeg", b"\xff\xd8\xff\xda\0\x04ab"), None);
        assert_eq!(image_size("image/png", b"\x89PNG"), None);
        assert_eq!(image_size("application/pdf", png), None);
    }
}
