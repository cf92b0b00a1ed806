//! Text to terms, the same way for articles and for queries.

mod neutral;
mod normalize;
mod runs;
mod stem;
mod stop;

pub use neutral::{is_unspaced, neutral};

use crate::Language;

/// A unit of the lexical index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What is indexed and searched.
    pub text: String,
    /// Byte offset of its first character in the text.
    pub start: usize,
    /// Byte offset after its last character.
    pub end: usize,
    /// Its place among the words of the text, counted from 0; stop words keep theirs.
    pub position: usize,
}

/// The length of the character n-grams of [`grams`]; 4 was the best of 3, 4 and 5 (`evals/retrieval.md`).
const GRAM_CHARS: usize = 4;
/// Longest word that is indexed, in characters; what is longer is no word (a key, an image in base 64).
const WORD_CHARS_MAX: usize = 100;

/// The content terms of a text: normalised, without stop words, stemmed. Scripts that put no spaces between words give
/// overlapping pairs of characters.
///
/// When nothing but stop words is left, they are kept: "who are we" is a query too.
pub fn analyze(text: &str, language: Language) -> Vec<Term> {
    let all = words(text, language);
    let stops = stop::words(language);
    let mut terms: Vec<Term> =
        all.iter().filter(|term| !stops.contains(term.text.as_str())).cloned().collect();
    if terms.is_empty() {
        terms = all;
    }
    let stemmer = stem::Stemmer::new(language);
    for term in &mut terms {
        if !runs::is_paired(&term.text) {
            term.text = stemmer.stem(&term.text);
        }
    }
    terms
}

/// The words of a text, normalised, with stop words and endings.
pub fn words(text: &str, language: Language) -> Vec<Term> {
    let mut terms = Vec::new();
    for (position, run) in runs::runs(text).enumerate() {
        let word = normalize::normalize(&text[run.start..run.end], language);
        if !word.is_empty() && word.chars().count() <= WORD_CHARS_MAX {
            terms.push(Term { text: word, start: run.start, end: run.end, position });
        }
    }
    terms
}

/// Overlapping character n-grams of the content words, before stemming. They bridge compounds, missing stemmers and
/// typing errors; for languages other than English.
pub fn grams(text: &str, language: Language) -> Vec<Term> {
    let stops = stop::words(language);
    let mut terms = Vec::new();
    for term in words(text, language) {
        if stops.contains(term.text.as_str()) {
            continue;
        }
        let chars: Vec<char> = term.text.chars().collect();
        if chars.len() <= GRAM_CHARS || runs::is_paired(&term.text) {
            terms.push(term);
            continue;
        }
        for window in chars.windows(GRAM_CHARS) {
            terms.push(Term { text: window.iter().collect(), ..term.clone() });
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, text: &str, expected: &str) {
        let terms = analyze(text, Language::parse(code).unwrap());
        let found: Vec<&str> = terms.iter().map(|term| term.text.as_str()).collect();
        assert_eq!(found.join(" "), expected, "{code}: {text}");
        for term in &terms {
            assert!(text.get(term.start..term.end).is_some(), "{code}: {text}: {term:?}");
        }
    }

    #[test]
    fn each_language_is_cut_and_stemmed_in_its_own_way() {
        check("en", "How do I reset my passwords?", "reset password");
        check("en", "Mail-Server's e-mail_address", "mail server e mail address");
        check("en", "who are we", "who are we");
        check("de", "Wie ändere ich meine Passwörter?", "and passwort");
        check("fr", "Comment changer l'adresse ?", "comment chang adress");
        check("ru", "Как сменить пароли", "смен парол");
        check("zh", "如何重置密码", "如何 何重 重置 置密 密码");
        check("zh", "用 iPhone 登录", "用 iphon 登录");
        check("ja", "パスワード", "パス スワ ワー ード");
        check("ko", "비밀번호", "비밀 밀번 번호");
        check("th", "รหัสผ่าน", "รห หั ัส สผ ผ่ ่า าน");
        check("hi", "पासवर्ड कैसे बदलें", "पासवर कैसे बदलें");
        check("tr", "İstanbul IŞIK", "istanbul ışık");
        check("ar", "كيف أُغيّر كلمة المرور", "اغير كلم مرور");
        check("en", "", "");
    }

    #[test]
    fn grams_bridge_compounds() {
        let terms = grams("Passwortlänge", Language::parse("de").unwrap());
        assert_eq!(terms.len(), 10);
        assert_eq!(terms[0].text, "pass");
    }
}
