//! Secrets that must be used again, such as what signs a webhook: encrypted with the site's key before they are stored.
//!
//! ChaCha20-Poly1305 (RFC 8439) with a random nonce.
//! What a secret is for and whose it is are authenticated with it, so a value that is moved to another row does not open.
//! What is only compared later is hashed instead and does not come here.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use domain::IdSource;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::{Desk, DeskError, people::secret::hex};

/// What a sealed text begins with: the version of its form.
const VERSION: &str = "v1";
/// Hexadecimal digits of a key's id: 64 bits, enough to tell the few keys of one site apart.
const KEY_ID_DIGITS: usize = 16;
/// Longest secret that is sealed, in bytes: keys and tokens, never texts.
const SECRET_BYTES_MAX: usize = 4_096;

/// The key that a site's secrets are sealed with. Its `Debug` shows nothing.
pub struct SiteKey {
    key: LessSafeKey,
    id: String,
}

/// A secret in the clear, for the moment in which it is used. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsealed(Vec<u8>);

/// Why something was not sealed or not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A site key is 256 bits, written as 64 hexadecimal digits.
    #[error("a site key is 64 hexadecimal digits")]
    Key,
    /// This process has no site key.
    #[error("this site's secret key is missing; `askwell doctor` says what to do")]
    Missing,
    /// It was sealed with another key than this one.
    #[error(
        "sealed with another secret key ({sealed_with}) than this site's; `askwell doctor` says what to do"
    )]
    OtherKey {
        /// The id of the key that opens it.
        sealed_with: String,
    },
    /// It is not what was sealed: cut off, changed, or taken from another place.
    #[error("the sealed secret is damaged, or belongs to something else")]
    Damaged,
    /// A secret is at most 4096 bytes.
    #[error("the secret is too long to be sealed")]
    TooLong,
}

impl SiteKey {
    /// A key of 256 random bits.
    pub fn new(bytes: &[u8; 32]) -> Self {
        let unbound = UnboundKey::new(&CHACHA20_POLY1305, bytes).expect("the key has the cipher's length");
        let mut digest = Sha256::new();
        digest.update(b"askwell site key\0");
        digest.update(bytes);
        let mut id = hex(&digest.finalize());
        id.truncate(KEY_ID_DIGITS);
        Self { key: LessSafeKey::new(unbound), id }
    }

    /// Reads a key from its text form: 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`SealError::Key`] for anything else; the text is not repeated.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let digits = text.trim().as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(SealError::Key);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| !pair.contains('+'));
            *byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or(SealError::Key)?;
        }
        Ok(Self::new(&bytes))
    }

    /// The text form of a key, which [`SiteKey::parse`] reads.
    pub fn text_of(bytes: &[u8; 32]) -> String {
        hex(bytes)
    }

    /// Which key it is, in 16 hexadecimal digits that tell nothing about the key itself.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals a secret: `v1.`, the key's id, a dot, and nonce and cipher text in base 64.
    ///
    /// `what` and `id` say what the secret is for and whose it is; it opens only with the same two.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn seal(
        &self,
        ids: &dyn IdSource,
        what: &'static str,
        id: &str,
        secret: &[u8],
    ) -> Result<String, SealError> {
        if secret.len() > SECRET_BYTES_MAX {
            return Err(SealError::TooLong);
        }
        // 96 random bits: a site would have to seal billions of secrets before two nonces meet (NIST SP 800-38D, 8.3).
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&ids.secret()[..NONCE_LEN]);
        let mut sealed = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to(what, id)),
                &mut sealed,
            )
            .expect("the secret is far below the cipher's limit");
        let body = STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat());
        Ok(format!("{VERSION}.{}.{body}", self.id))
    }

    /// Opens what was sealed for the same purpose and owner.
    ///
    /// # Errors
    /// [`SealError::OtherKey`] or [`SealError::Damaged`].
    pub fn open(&self, what: &'static str, id: &str, sealed: &str) -> Result<Unsealed, SealError> {
        let sealed_with = sealing_key_id(sealed).ok_or(SealError::Damaged)?;
        if sealed_with != self.id {
            return Err(SealError::OtherKey { sealed_with: sealed_with.to_owned() });
        }
        let body = sealed.rsplit('.').next().unwrap_or_default();
        let body = STANDARD_NO_PAD.decode(body).map_err(|_| SealError::Damaged)?;
        let (nonce, sealed) = body.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Damaged)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.key.open_in_place(nonce, Aad::from(bound_to(what, id)), &mut sealed);
        Ok(Unsealed(opened.map_err(|_| SealError::Damaged)?.to_vec()))
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey")
    }
}

impl Unsealed {
    /// The secret.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsealed")
    }
}

/// The id of the key that a text was sealed with; `None` for what is no sealed text.
fn sealing_key_id(sealed: &str) -> Option<&str> {
    let (key_id, _) = sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
    let is_id = key_id.len() == KEY_ID_DIGITS && key_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then_some(key_id)
}

/// What is authenticated beside the secret. `what` is a word of this program, so the zero byte ends it.
fn bound_to(what: &'static str, id: &str) -> Vec<u8> {
    [VERSION, what, id].join("\0").into_bytes()
}

impl Desk {
    /// Seals a secret with the site's key; see [`SiteKey::seal`].
    pub(crate) fn seal(&self, what: &'static str, id: &str, secret: &[u8]) -> Result<String, SealError> {
        let key = self.0.site_key.as_ref().ok_or(SealError::Missing)?;
        key.seal(&*self.0.ids, what, id, secret)
    }

    /// Opens what was sealed; see [`SiteKey::open`].
    pub(crate) fn unseal(&self, what: &'static str, id: &str, sealed: &str) -> Result<Unsealed, SealError> {
        self.0.site_key.as_ref().ok_or(SealError::Missing)?.open(what, id, sealed)
    }
}

impl Desk {
    /// How many sealed secrets this site's key does not open, by the id of the key that does and by whose they are (see
    /// [`store::Store::count_sealed`]): all without a key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unreadable_secrets(&self) -> Result<BTreeMap<(String, &'static str), i64>, DeskError> {
        let own = self.0.site_key.as_ref().map(SiteKey::id);
        let counts = self.0.store.count_sealed().await?;
        let by_key = counts.into_iter().map(|((head, whose), n)| {
            let id = head.strip_prefix(VERSION).and_then(|id| id.strip_prefix('.')).unwrap_or(&head);
            ((id.to_owned(), whose), n)
        });
        Ok(by_key.filter(|((id, _), _)| Some(id.as_str()) != own).collect())
    }
}

impl From<SealError> for DeskError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Missing | SealError::OtherKey { .. } => Self::Conflict(error.to_string()),
            other => Self::failed("cannot use a sealed secret", other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use domain::Timestamp;

    use super::*;

    #[derive(Default)]
    struct Counting(AtomicU8);

    impl IdSource for Counting {
        fn id(&self, _now: Timestamp) -> String {
            String::new()
        }

        fn secret(&self) -> [u8; 32] {
            [self.0.fetch_add(1, Ordering::SeqCst); 32]
        }
    }

    const SECRET: &[u8] = b"what nobody may read";

    #[test]
    fn what_is_sealed_opens_with_the_same_key_purpose_and_owner_only() {
        let (key, other) = (SiteKey::new(&[1; 32]), SiteKey::new(&[2; 32]));
        let sealed = key.seal(&Counting::default(), "a", "T1", SECRET).unwrap();
        assert_eq!(key.open("a", "T1", &sealed).unwrap().bytes(), SECRET);
        assert_eq!(key.open("b", "T1", &sealed), Err(SealError::Damaged));
        assert_eq!(key.open("a", "T2", &sealed), Err(SealError::Damaged));
        let sealed_with = key.id().to_owned();
        assert_eq!(other.open("a", "T1", &sealed), Err(SealError::OtherKey { sealed_with }));
    }

    #[test]
    fn a_sealed_text_differs_each_time_and_shows_nothing() {
        let (key, ids) = (SiteKey::new(&[1; 32]), Counting::default());
        let first = key.seal(&ids, "a", "T1", SECRET).unwrap();
        let second = key.seal(&ids, "a", "T1", SECRET).unwrap();
        assert_ne!(first, second);
        assert!(first.starts_with(&format!("v1.{}.", key.id())), "{first}");
        assert_eq!(format!("{key:?} {:?}", key.open("a", "T1", &first)), "SiteKey Ok(Unsealed)");
    }

    #[test]
    fn every_change_to_a_sealed_text_is_noticed() {
        let key = SiteKey::new(&[1; 32]);
        let sealed = key.seal(&Counting::default(), "a", "T1", SECRET).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(key.open("a", "T1", &changed).is_err(), "{at}: {changed}");
            assert!(key.open("a", "T1", &sealed[..at]).is_err(), "cut at {at}");
        }
        for rubbish in ["", "v1", "v1.", "v1..", "v2.0123456789abcdef.AAAA", "é".repeat(40).as_str()] {
            assert_eq!(key.open("a", "T1", rubbish), Err(SealError::Damaged), "{rubbish}");
        }
        let long = vec![0; SECRET_BYTES_MAX + 1];
        assert_eq!(key.seal(&Counting::default(), "a", "T1", &long), Err(SealError::TooLong));
    }

    #[test]
    fn a_key_is_read_from_its_text_and_from_nothing_else() {
        let text = SiteKey::text_of(&[0xa7; 32]);
        assert_eq!(SiteKey::parse(&format!("{text}\n")).unwrap().id(), SiteKey::new(&[0xa7; 32]).id());
        for wrong in ["", "a7", &text[1..], &text.replace('a', "g"), &text.replace('a', "+")] {
            assert_eq!(SiteKey::parse(wrong).err(), Some(SealError::Key), "{wrong}");
        }
    }
}
