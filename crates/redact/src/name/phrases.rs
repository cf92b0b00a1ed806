//! The words around names, in the languages with phrases of their own.

use std::collections::HashMap;

use crate::words::Word;

/// Before a surname.
pub(super) const TITLES: [&str; 40] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "doctor",
    "sir",
    "herr",
    "herrn",
    "frau",
    "señor",
    "señora",
    "señorita",
    "sr",
    "sra",
    "srta",
    "senhor",
    "senhora",
    "signor",
    "signora",
    "signore",
    "sig",
    "mme",
    "mlle",
    "madame",
    "monsieur",
    "mevrouw",
    "meneer",
    "dhr",
    "mw",
    "pan",
    "pani",
    "fru",
    "bay",
    "bayan",
    "don",
    "doña",
];
/// What introduces a name and nothing else.
pub(super) const SURE: [&str; 30] = [
    "my name is",
    "my name's",
    "name is",
    "the name is",
    "my name",
    "my full name is",
    "call me",
    "calls me",
    "under the name",
    "ich heiße",
    "ich heisse",
    "mein name ist",
    "me llamo",
    "mi nombre es",
    "je m'appelle",
    "je m’appelle",
    "mon nom est",
    "mi chiamo",
    "il mio nome è",
    "meu nome é",
    "me chamo",
    "ik heet",
    "mijn naam is",
    "nazywam się",
    "jag heter",
    "jeg heter",
    "jeg hedder",
    "benim adım",
    "меня зовут",
    "اسمي",
];
/// What introduces a name or something else: a capital must follow, and no ordinary word.
pub(super) const LIKELY: [&str; 28] = [
    "i am",
    "i'm",
    "i’m",
    "this is",
    "it is",
    "it's",
    "here is",
    "speaking with",
    "spoke with",
    "spoke to",
    "talked to",
    "was called",
    "is called",
    "named",
    "yours",
    "thanks to",
    "per",
    "ich bin",
    "hier ist",
    "hier spricht",
    "soy",
    "je suis",
    "sono",
    "sou",
    "sou o",
    "ik ben",
    "jestem",
    "attn",
];
/// Fields of a form whose value is a name.
pub(super) const FIELDS: [&str; 26] = [
    "name",
    "first name",
    "last name",
    "full name",
    "surname",
    "given name",
    "family name",
    "contact",
    "contact name",
    "customer",
    "client",
    "agent",
    "signed",
    "from",
    "cc",
    "attn",
    "sender",
    "vorname",
    "nachname",
    "nombre",
    "apellido",
    "apellidos",
    "nom",
    "prénom",
    "nome",
    "imię",
];
/// Verbs after a name; the name before has a capital and no ordinary word.
pub(super) const VERBS: [&str; 27] = [
    "wrote",
    "writes",
    "schrieb",
    "schreibt",
    "escribió",
    "escreveu",
    "scrisse",
    "schreef",
    "skrev",
    "says",
    "said",
    "lives",
    "replied",
    "asked",
    "explained",
    "told",
    "starred",
    "signed",
    "sings",
    "sang",
    "flew",
    "died",
    "shouted",
    "spent",
    "thinks",
    "suggested",
    "mentioned",
];
/// Words before a name of two or more words.
pub(super) const BEFORE_WHOLE: [&str; 16] = [
    "by", "starring", "with", "from", "for", "to", "and", "is", "of", "producer", "director", "actor",
    "says", "said", "cc", "author",
];

/// Phrases by their last word, so that most words of a text are looked up once.
pub(super) struct Phrases(HashMap<&'static str, Vec<Vec<&'static str>>>);

impl Phrases {
    /// Splits the phrases at blanks.
    pub(super) fn of(phrases: &[&'static str]) -> Self {
        let mut by_last: HashMap<_, Vec<_>> = HashMap::new();
        for phrase in phrases {
            let parts: Vec<&str> = phrase.split(' ').collect();
            let last = parts.last().copied().unwrap_or_default();
            by_last.entry(stem(last)).or_default().push(parts);
        }
        Phrases(by_last)
    }

    /// Whether the words that end there are one of the phrases, with blanks between.
    pub(super) fn end_at(&self, words: &[Word], at: usize) -> bool {
        let candidates = self.0.get(words[at].lower.as_str());
        candidates.into_iter().flatten().any(|parts| {
            let start = (at + 1).checked_sub(parts.len());
            start.is_some_and(|start| {
                parts.iter().zip(&words[start..=at]).all(|(part, word)| stem(part) == word.lower)
                    && words[start + 1..=at].iter().all(Word::follows)
            })
        })
    }
}

/// `name's` and `it's` as the words of a text have them, without the ending.
fn stem(part: &'static str) -> &'static str {
    ["'s", "’s"].iter().find_map(|s| part.strip_suffix(s)).unwrap_or(part)
}
