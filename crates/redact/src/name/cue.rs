//! Names that the words before or after give away: titles, introductions, fields, who wrote or said.

use super::{can_be_name, mark_from};
use crate::{
    lists::{GIVEN_ORDINARY, ORDINARY, is_given},
    words::Word,
};

const TITLES: [&str; 40] = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "doctor", "sir", "herr", "herrn", "frau", "señor",
    "señora", "señorita", "sr", "sra", "srta", "senhor", "senhora", "signor", "signora", "signore", "sig", "mme",
    "mlle", "madame", "monsieur", "mevrouw", "meneer", "dhr", "mw", "pan", "pani", "fru", "bay", "bayan", "don", "doña",
];
/// What introduces a name, as words; the longest first. The last ones need a capital and no ordinary word after.
const SURE: [&str; 30] = [
    "my name is", "my name's", "name is", "the name is", "my name", "my full name is", "call me", "calls me", "under the name",
    "ich heiße", "ich heisse", "mein name ist", "me llamo", "mi nombre es", "je m'appelle", "je m’appelle",
    "mon nom est", "mi chiamo", "il mio nome è", "meu nome é", "me chamo", "ik heet", "mijn naam is", "nazywam się",
    "jag heter", "jeg heter", "jeg hedder", "benim adım", "меня зовут", "اسمي",
];
const LIKELY: [&str; 28] = [
    "i am", "i'm", "i’m", "this is", "it is", "it's", "here is", "speaking with", "spoke with", "spoke to", "talked to",
    "was called", "is called", "named", "yours", "thanks to", "per", "ich bin", "hier ist", "hier spricht", "soy",
    "je suis", "sono", "sou", "sou o", "ik ben", "jestem", "attn",
];
/// Fields of a form whose value is a name.
const FIELDS: [&str; 26] = [
    "name", "first name", "last name", "full name", "surname", "given name", "family name", "contact", "contact name",
    "customer", "client", "agent", "signed", "from", "cc", "attn", "sender", "vorname", "nachname", "nombre", "apellido",
    "apellidos", "nom", "prénom", "nome", "imię",
];
/// Verbs after a name; the name before has a capital and no ordinary word.
const VERBS: [&str; 27] = [
    "wrote", "writes", "schrieb", "schreibt", "escribió", "escreveu", "scrisse", "schreef", "skrev", "says", "said",
    "lives", "replied", "asked", "explained", "told", "starred", "signed", "sings", "sang", "flew", "died", "shouted", "spent", "thinks", "suggested", "mentioned",
];
/// Words before a name of two or more words.
const BEFORE_WHOLE: [&str; 16] = [
    "by", "starring", "with", "from", "for", "to", "and", "is", "of", "producer", "director", "actor", "says", "said",
    "cc", "author",
];

/// Marks the names.
pub(super) fn mark(words: &[Word], marks: &mut [bool]) {
    for at in 0..words.len() {
        let Some(start) = start_of(words, at) else { continue };
        mark_from(words, marks, start);
    }
    for at in 1..words.len() {
        if VERBS.contains(&words[at].text) && words[at].follows() {
            mark_before(words, marks, at);
        }
    }
}

/// Where the name begins that this word and those before it announce.
fn start_of(words: &[Word], at: usize) -> Option<usize> {
    let word = &words[at];
    let next = at + 1;
    let name = words.get(next)?;
    let is_near = name.follows() || matches!(name.gap, ", " | ": " | " \"" | " “" | " '");
    let is_name = can_be_name(name) || (name.is_initial() && words.get(next + 1).is_some_and(can_be_name));
    if TITLES.contains(&word.lower.as_str()) {
        let is_title = matches!(name.gap, ". " | " " | ".");
        return (is_title && word.is_capital() && is_name).then_some(next);
    }
    if is_near && ends_with(words, at, &SURE) {
        return (is_name || is_said(words, next)).then_some(next);
    }
    let is_field = name.gap.trim_end_matches(['*', '_', ' ', '\t', '\u{a0}']).ends_with(':') && !name.gap.contains('\n');
    if is_field && is_name && ends_with(words, at, &FIELDS) {
        return Some(next);
    }
    let is_alone = name.follows() && is_name && !is_people(&name.lower);
    if is_alone && ends_with(words, at, &LIKELY) {
        // One unknown word after `this is` may be a product; two are hardly ever one.
        let is_known = is_given(&name.lower) || GIVEN_ORDINARY.contains(name.lower.as_str());
        let is_whole = super::end_of(words, next) > next + 1;
        let is_first = matches!(word.lower.as_str(), "am" | "i'm" | "i’m" | "bin" | "soy" | "spricht");
        return (is_known || is_whole || is_first).then_some(next);
    }
    // `"It works," says Xy`: after a quotation one word is enough.
    let is_quoted = matches!(word.text, "says" | "said") && word.gap.contains(['"', '”', '“', '»']);
    if is_alone && is_quoted {
        return Some(next);
    }
    let is_whole = is_alone && BEFORE_WHOLE.contains(&word.text) && has_name(words, next);
    is_whole.then_some(next)
}

/// Whether a run of two or more has a word that only a name has.
fn has_name(words: &[Word], start: usize) -> bool {
    let end = super::end_of(words, start);
    let run = &words[start..end];
    run.len() > 1
        && run.iter().any(|word| {
            let lower = word.lower.as_str();
            is_given(lower) || GIVEN_ORDINARY.contains(lower) || super::family::is_family(lower)
        })
}

/// Whether the words that end there are one of the phrases.
fn ends_with(words: &[Word], at: usize, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        let n = phrase.split(' ').count();
        at + 1 >= n
            && phrase.split(' ').zip(&words[at + 1 - n..=at]).all(|(part, word)| word.lower == part || shown(word) == part)
            && words[at + 2 - n..=at].iter().all(Word::follows)
    })
}

/// `name's` has lost its ending as a possessive.
fn shown(word: &Word) -> String {
    format!("{}'s", word.lower)
}

/// `my name is jacob`: after the surest words, a small letter is enough if the word is rare.
fn is_said(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    is_given(&word.lower)
        || (word.is_capital() && GIVEN_ORDINARY.contains(word.lower.as_str()))
        || (word.is_capital() && !ORDINARY.contains(word.lower.as_str()) && !word.text.contains(|c: char| c.is_ascii_digit()))
}

/// `I am Spanish`.
fn is_people(lower: &str) -> bool {
    ["ish", "ese", "ian", "ean", "ican"].iter().any(|ending| lower.ends_with(ending)) && !is_given(lower)
}

/// Marks the name whose last word stands before a verb.
fn mark_before(words: &[Word], marks: &mut [bool], verb: usize) {
    let mut start = verb;
    while start > 0
        && verb - start < 4
        && (start == verb || words[start].follows() || words[start - 1].is_initial())
        && (can_be_name(&words[start - 1]) || words[start - 1].is_initial() && words[start - 1].text != "I")
    {
        start -= 1;
    }
    marks[start..verb].fill(true);
}
