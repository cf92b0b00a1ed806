//! Pictures without what cameras and programs write beside the pixels: where, when and with what a picture was taken, by whom, and
//! smaller copies of it. What a picture needs to look as it does is copied part by part; every other part is left out, known or not.
//!
//! Nothing is unpacked, and besides the picture and its copy nothing grows with it: a picture of a million empty parts costs no more
//! than another of its size.

/// Types of pictures that are cleaned.
pub fn is_cleaned(media_type: &str) -> bool {
    matches!(media_type, "image/jpeg" | "image/png" | "image/webp")
}

/// A picture of a type that is cleaned, without what does not belong to its looks: EXIF, XMP, IPTC, comments, thumbnails, further
/// pictures and whatever follows its end. Of a JPEG's EXIF the orientation stays, so that photographs do not lie on their side.
/// Nothing for another type, and for a picture that is broken off or is none.
pub fn cleaned(media_type: &str, picture: &[u8]) -> Option<Vec<u8>> {
    match media_type {
        "image/jpeg" => jpeg(picture),
        "image/png" => png(picture),
        "image/webp" => webp(picture),
        _ => None,
    }
}

/// The parts of a JPEG (ITU T.81, B.1.1) from a place on.
struct JpegParts<'p> {
    picture: &'p [u8],
    at: usize,
}

/// A segment with its marker, and the coded pixels that follow it.
struct JpegPart<'p> {
    marker: u8,
    body: &'p [u8],
    pixels: &'p [u8],
}

impl<'p> JpegParts<'p> {
    fn of(picture: &'p [u8]) -> Option<Self> {
        picture.starts_with(&[0xff, 0xd8]).then_some(Self { picture, at: 2 })
    }

    /// The next part; nothing at the end. What is no marker between two parts is passed over.
    fn next(&mut self) -> Option<JpegPart<'p>> {
        loop {
            self.at += self.picture.get(self.at..)?.iter().position(|byte| *byte == 0xff)?;
            self.at += self.picture[self.at..].iter().position(|byte| *byte != 0xff)?;
            let marker = self.picture[self.at];
            self.at += 1;
            match marker {
                0xd9 => return None,
                // These have no length.
                0x00 | 0x01 | 0xd0..=0xd8 => {}
                marker => {
                    let length = self.picture.get(self.at..self.at + 2)?;
                    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
                    let body = self.picture.get(self.at + 2..self.at + length)?;
                    self.at += length;
                    let n_pixels = if marker == SCAN { self.n_coded() } else { 0 };
                    let pixels = &self.picture[self.at..self.at + n_pixels];
                    self.at += n_pixels;
                    return Some(JpegPart { marker, body, pixels });
                }
            }
        }
    }

    /// How many bytes of coded pixels follow: up to a marker that is neither a stuffed byte nor one of a restart.
    fn n_coded(&self) -> usize {
        let rest = &self.picture[self.at..];
        let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
        rest.windows(2).position(is_end).unwrap_or(rest.len())
    }
}

/// The marker of a scan.
const SCAN: u8 = 0xda;
/// Bytes of a JFIF header without its thumbnail.
const JFIF_BYTES: usize = 14;

fn jpeg(picture: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(picture.len());
    clean.extend([0xff, 0xd8]);
    if let Some(orientation) = orientation(picture) {
        clean.extend(exif(orientation));
    }
    let mut parts = JpegParts::of(picture)?;
    let mut has_pixels = false;
    while let Some(JpegPart { marker, body, pixels }) = parts.next() {
        let is_kept = match marker {
            // Frames, tables, scans.
            0xc0..=0xcf | SCAN..=0xdf => true,
            0xe0 => body.starts_with(b"JFIF\0") && body.len() >= JFIF_BYTES,
            // Colours, without which it looks otherwise.
            0xe2 => body.starts_with(b"ICC_PROFILE\0"),
            0xee => body.starts_with(b"Adobe"),
            _ => false,
        };
        if !is_kept {
            continue;
        }
        let mut body = body.to_vec();
        if marker == 0xe0 {
            body.truncate(JFIF_BYTES);
            body[JFIF_BYTES - 2..].fill(0);
        }
        has_pixels |= marker == SCAN && !pixels.is_empty();
        clean.extend([0xff, marker]);
        // It was read from as many bytes.
        clean.extend(u16::try_from(body.len() + 2).ok()?.to_be_bytes());
        clean.extend(body);
        clean.extend(pixels);
    }
    clean.extend([0xff, 0xd9]);
    has_pixels.then_some(clean)
}

/// Which way up a JPEG is, where its EXIF says that it is turned (CIPA DC-008, 4.6.4): the first tag of this kind in the first list.
fn orientation(picture: &[u8]) -> Option<u8> {
    let mut parts = JpegParts::of(picture)?;
    loop {
        let part = parts.next().filter(|part| part.marker != SCAN)?;
        let Some(tiff) = part.body.strip_prefix(b"Exif\0\0").filter(|_| part.marker == 0xe1) else {
            continue;
        };
        let is_little = tiff.starts_with(b"II");
        let short = |at: usize| {
            let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
            Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
        };
        let word = tiff.get(4..8)?.try_into().ok()?;
        let list = if is_little { u32::from_le_bytes(word) } else { u32::from_be_bytes(word) };
        let list = usize::try_from(list).ok()?;
        let tags = (0..usize::from(short(list)?)).map(|n| list + 2 + 12 * n);
        let found = tags.into_iter().find(|at| short(*at) == Some(0x0112))?;
        return u8::try_from(short(found + 8)?).ok().filter(|orientation| (2..=8).contains(orientation));
    }
}

/// An EXIF segment that says which way up the picture is, and nothing else.
fn exif(orientation: u8) -> impl Iterator<Item = u8> {
    let head = b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".iter().copied();
    head.chain([orientation]).chain([0; 6])
}

/// Chunks of a PNG that belong to its looks (PNG, third edition, 11, and its animation).
const PNG_KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

fn png(picture: &[u8]) -> Option<Vec<u8>> {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    let mut rest = picture.strip_prefix(SIGNATURE)?;
    let mut clean = Vec::with_capacity(picture.len());
    clean.extend(SIGNATURE);
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        let kind: &[u8; 4] = rest.get(4..8)?.try_into().ok()?;
        // Length, kind and check sum.
        let (chunk, after) = rest.split_at_checked(length.checked_add(12)?)?;
        if PNG_KEPT.contains(&kind) {
            clean.extend(chunk);
        }
        if kind == b"IEND" {
            return Some(clean);
        }
        rest = after;
    }
}

/// Chunks of a WebP that belong to its looks (RFC 9649, 2.5 to 2.7).
const WEBP_KEPT: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// What says in a WebP's header that it has EXIF and XMP.
const WEBP_METADATA: u8 = 0x08 | 0x04;

fn webp(picture: &[u8]) -> Option<Vec<u8>> {
    let length =
        usize::try_from(u32::from_le_bytes(picture.strip_prefix(b"RIFF")?.first_chunk().copied()?)).ok()?;
    let mut rest = picture.get(8..length.checked_add(8)?)?.strip_prefix(b"WEBP")?;
    let mut clean = Vec::with_capacity(picture.len());
    clean.extend(b"RIFF\0\0\0\0WEBP");
    let mut has_pixels = false;
    while !rest.is_empty() {
        let kind: &[u8; 4] = rest.first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?)).ok()?;
        let (chunk, after) = rest.split_at_checked(length.checked_add(8)?)?;
        // A chunk of an odd length has a byte more; some programs leave it out at the end.
        rest = after.get(length % 2..).unwrap_or_default();
        if WEBP_KEPT.contains(&kind) {
            let at = clean.len();
            clean.extend(chunk);
            if kind == b"VP8X" {
                *clean.get_mut(at + 8)? &= !WEBP_METADATA;
            }
            clean.extend([0].iter().take(length % 2));
            has_pixels |= matches!(kind, b"VP8 " | b"VP8L" | b"ANMF");
        }
    }
    let length = u32::try_from(clean.len() - 8).ok()?;
    clean[4..8].copy_from_slice(&length.to_le_bytes());
    has_pixels.then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What must not be there afterwards.
    const SECRETS: [&[u8]; 6] =
        [b"GPSLatitude", b"52.5200N", b"xpacket", b"Photoshop 3.0", b"Cy's phone", b"thumb"];

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, body].concat()
    }

    /// EXIF with an orientation behind another tag, and a place.
    fn exif_of(orientation: u8, is_little: bool) -> Vec<u8> {
        let short = |n: u16| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
        let word = |n: u32| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
        let tag =
            |tag: u16, value: u16| [&short(tag)[..], &short(3), &word(1), &short(value), &[0, 0]].concat();
        let order = if is_little { b"II" } else { b"MM" };
        [
            &b"Exif\0\0"[..],
            order,
            &short(42),
            &word(8),
            &short(2),
            &tag(0x0100, 9),
            &tag(0x0112, u16::from(orientation)),
            &word(0),
            b"GPSLatitude 52.5200N Cy's phone",
        ]
        .concat()
    }

    const SCANNED: &[u8] = b"\x12\xff\x00\x34\xff\xd0\x56\xff\xff\xd1pixels";

    fn photograph(exif: &[u8]) -> Vec<u8> {
        [
            &b"\xff\xd8"[..],
            &segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x05\x01thumb"),
            &segment(0xe1, exif),
            &segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<?xpacket GPSLatitude?>"),
            &segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"),
            &segment(0xe2, b"MPF\0 52.5200N"),
            &segment(0xed, b"Photoshop 3.0\0IPTC"),
            &segment(0xee, b"Adobe\0d\0\0\0\0\x01"),
            &segment(0xfe, b"Cy's phone"),
            &segment(0xdb, b"table"),
            &segment(0xc2, b"\x08\0\x02\0\x02\x01\x01\x11\0"),
            &segment(0xda, b"\x01\x01\0\0\x3f\0"),
            SCANNED,
            // Between two scans, and behind the end.
            &segment(0xe1, b"GPSLatitude"),
            &segment(0xc4, b"codes"),
            &segment(0xda, b"\x01\x01\0\0\x3f\0"),
            b"more",
            b"\xff\xd9",
            b"\xff\xd8\xff\xe1\0\x0fGPSLatitude\0\0\xff\xd9",
        ]
        .concat()
    }

    fn contains(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], kind, body, b"\x01\x02\x03\x04"].concat()
    }

    fn riff(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let pad = if body.len() % 2 == 1 { &[0][..] } else { &[] };
        [&kind[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), body, pad].concat()
    }

    fn web(parts: &[Vec<u8>]) -> Vec<u8> {
        riff(b"RIFF", &[&b"WEBP"[..], &parts.concat()].concat())
    }

    #[test]
    fn of_a_photograph_its_looks_and_its_orientation_stay() {
        for (is_little, orientation) in [(true, 6), (false, 6), (true, 1), (true, 9)] {
            let taken = photograph(&exif_of(orientation, is_little));
            assert!(SECRETS.iter().all(|secret| contains(&taken, secret)), "it was there before");
            let clean = cleaned("image/jpeg", &taken).unwrap();
            for secret in SECRETS {
                assert!(!contains(&clean, secret), "{}", String::from_utf8_lossy(secret));
            }
            let turned = (orientation == 6).then_some(6);
            assert_eq!(super::orientation(&clean), turned);
            let kept: [&[u8]; 8] = [
                b"JFIF\0",
                b"ICC_PROFILE\0\x01\x01colours",
                b"Adobe",
                b"table",
                b"codes",
                SCANNED,
                b"more",
                b"\x08\0\x02",
            ];
            assert!(kept.iter().all(|part| contains(&clean, part)), "its looks stay");
            assert!(clean.ends_with(b"more\xff\xd9"), "it ends with its pixels");
            assert_eq!(crate::image_size("image/jpeg", &clean), crate::image_size("image/jpeg", &taken));
            assert_eq!(cleaned("image/jpeg", &clean), Some(clean.clone()), "a clean one stays as it is");
        }
    }

    #[test]
    fn pngs_and_webps_lose_what_is_not_seen() {
        let png = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", b"\0\0\0\x02\0\0\0\x02\x08\x06\0\0\0"),
            chunk(b"eXIf", b"GPSLatitude"),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0 xpacket"),
            chunk(b"tEXt", b"Author\0Cy's phone"),
            chunk(b"zTXt", b"52.5200N"),
            chunk(b"tIME", b"GPSLatitude"),
            chunk(b"gAMA", b"\0\0\x01\x01"),
            chunk(b"prVt", b"thumb"),
            chunk(b"IDAT", b"pixels"),
            chunk(b"IEND", b""),
            b"Photoshop 3.0".to_vec(),
        ];
        let clean = cleaned("image/png", &png.concat()).unwrap();
        assert_eq!(
            clean,
            [png[0].clone(), png[1].clone(), png[7].clone(), png[9].clone(), png[10].clone()].concat()
        );

        let head = |flags: u8| riff(b"VP8X", &[flags, 0, 0, 0, 1, 0, 0, 1, 0, 0]);
        let taken = [
            web(&[
                head(0x3c),
                riff(b"ICCP", b"colours"),
                riff(b"VP8L", b"pixel"),
                riff(b"EXIF", b"GPSLatitude"),
                riff(b"XMP ", b"xpacket"),
                riff(b"WHAT", b"thumb"),
            ]),
            b"52.5200N".to_vec(),
        ]
        .concat();
        let expected = web(&[head(0x30), riff(b"ICCP", b"colours"), riff(b"VP8L", b"pixel")]);
        assert_eq!(cleaned("image/webp", &taken), Some(expected));
    }

    #[test]
    fn what_is_broken_off_is_no_picture_and_no_panic() {
        let png = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", b"\0\0"),
            chunk(b"IDAT", b"pixels"),
            chunk(b"IEND", b""),
        ]
        .concat();
        let webp = web(&[riff(b"VP8 ", b"pixels")]);
        let jpeg = photograph(&exif_of(6, true));
        for cut in 0..png.len() {
            assert_eq!(cleaned("image/png", &png[..cut]), None, "{cut}");
        }
        for cut in 0..webp.len() {
            assert_eq!(cleaned("image/webp", &webp[..cut]), None, "{cut}");
        }
        for cut in 0..jpeg.len() {
            // Pixels that end early are a picture all the same; what is left has no secret.
            let clean = cleaned("image/jpeg", &jpeg[..cut]).unwrap_or_default();
            assert!(SECRETS.iter().all(|secret| !contains(&clean, secret)), "{cut}");
        }
        assert_eq!(cleaned("image/jpeg", b"\xff\xd8\xff\xe1\0\x01\xff\xda\0\0"), None);
        assert_eq!(cleaned("image/gif", b"GIF89a"), None);
        assert!(is_cleaned("image/webp") && !is_cleaned("image/gif"));
    }
}
