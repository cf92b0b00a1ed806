//! Languages by their code, and the class that decides how they are searched.

/// A language, by the language subtag of its locale: `en`, `de`, `zh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 3]);

/// How much a model that knows English can say about a language (RETRIEVAL.md 1 and 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptClass {
    /// English.
    English,
    /// Any other language that is written in Latin script.
    Latin,
    /// Any language in another script.
    NonLatin,
}

impl Language {
    /// Parses a code of two or three ASCII letters; `None` for anything else.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes = code.as_bytes();
        if !(2..=3).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        let mut tag = [0; 3];
        for (to, from) in tag.iter_mut().zip(bytes) {
            *to = from.to_ascii_lowercase();
        }
        Some(Self(tag))
    }

    /// English.
    pub fn english() -> Self {
        Self(*b"en\0")
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        let len = if self.0[2] == 0 { 2 } else { 3 };
        std::str::from_utf8(&self.0[..len]).unwrap_or("en")
    }

    /// How it is searched.
    pub fn class(self) -> ScriptClass {
        match self.as_str() {
            "en" => ScriptClass::English,
            "ru" | "uk" | "be" | "bg" | "mk" | "sr" | "kk" | "ky" | "mn" | "tg" | "ar" | "fa" | "ur"
            | "ps" | "he" | "yi" | "el" | "hy" | "ka" | "hi" | "mr" | "ne" | "bn" | "as" | "pa" | "gu"
            | "or" | "ta" | "te" | "kn" | "ml" | "si" | "th" | "lo" | "km" | "my" | "bo" | "zh" | "ja"
            | "ko" | "yue" | "am" | "ti" | "dv" | "ug" => ScriptClass::NonLatin,
            _ => ScriptClass::Latin,
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_parsed_and_classed() {
        for (code, expected) in [
            ("EN", Some(("en", ScriptClass::English))),
            ("de", Some(("de", ScriptClass::Latin))),
            ("vi", Some(("vi", ScriptClass::Latin))),
            ("zh", Some(("zh", ScriptClass::NonLatin))),
            ("yue", Some(("yue", ScriptClass::NonLatin))),
            ("e", None),
            ("e1", None),
            ("engl", None),
        ] {
            let found = Language::parse(code);
            assert_eq!(found.as_ref().map(|l| (l.as_str(), l.class())), expected, "{code}");
        }
    }
}
