//! Locales: the language of an article, a question or a page.

use serde::{Deserialize, Serialize};

/// A BCP 47 tag of a language and optionally a script and region, such as `en` or `pt-BR`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale(String);

/// A text that is no locale tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a locale: {0:?}; write a language such as en, or a language and region such as pt-BR")]
pub struct InvalidLocale(pub String);

impl Locale {
    /// Parses a tag: two or three letters, then up to two groups of two to eight letters or digits.
    ///
    /// # Errors
    /// [`InvalidLocale`] for anything else.
    pub fn parse(tag: &str) -> Result<Self, InvalidLocale> {
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let language_ok =
            (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
        let rest_ok = rest.len() <= 2
            && rest
                .iter()
                .all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !(language_ok && rest_ok) {
            return Err(InvalidLocale(tag.to_owned()));
        }
        let mut canonical = language.to_ascii_lowercase();
        for part in rest {
            canonical.push('-');
            canonical.push_str(&if part.len() == 2 { part.to_ascii_uppercase() } else { part.to_owned() });
        }
        Ok(Self(canonical))
    }

    /// English, the locale of the bundled manual and the fallback of last resort.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The whole tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language subtag: `pt` of `pt-BR`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// Whether text in this locale runs from right to left.
    pub fn is_rtl(&self) -> bool {
        matches!(self.language(), "ar" | "fa" | "he" | "ur" | "ps" | "yi" | "dv" | "ckb" | "sd")
    }
}

impl TryFrom<String> for Locale {
    type Error = InvalidLocale;
    fn try_from(tag: String) -> Result<Self, InvalidLocale> {
        Self::parse(&tag)
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.0
    }
}

impl std::fmt::Display for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_made_canonical_or_refused() {
        for (tag, expected) in [
            ("en", Some("en")),
            ("PT-br", Some("pt-BR")),
            ("zh-Hant-TW", Some("zh-Hant-TW")),
            ("", None),
            ("e", None),
            ("en_US", None),
            ("en-", None),
            ("../etc", None),
        ] {
            assert_eq!(Locale::parse(tag).ok().as_ref().map(Locale::as_str), expected, "{tag}");
        }
    }
}
