//! Words for texts in whatever language, when it is not known in which one they will be looked for.

use unicode_normalization::UnicodeNormalization as _;

use super::{Term, WORD_CHARS_MAX, runs};

/// The words of a text in one spelling for all languages: lower case, compatible forms as one, without accents and vowel
/// marks that writers leave out at will. Nothing is stemmed and nothing left out. Scripts that put no spaces between words
/// give overlapping pairs of characters.
///
/// Where a language tells letters apart that others take for variants (Swedish `o` and `ö`), this does not.
pub fn neutral(text: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for (position, run) in runs::runs(text).enumerate() {
        let word = fold(&text[run.start..run.end]);
        if !word.is_empty() && word.chars().count() <= WORD_CHARS_MAX {
            terms.push(Term { text: word, start: run.start, end: run.end, position });
        }
    }
    terms
}

/// Whether a term comes from a script that puts no spaces between words.
pub fn is_unspaced(term: &str) -> bool {
    runs::is_paired(term)
}

fn fold(word: &str) -> String {
    // Most words are plain ASCII, which has one spelling but for its capitals.
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(word.len());
    for c in word.nfkd().flat_map(char::to_lowercase) {
        match c {
            // Accents, and the vowel marks and stretching of Arabic.
            '\u{300}'..='\u{36f}' | '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}' => {}
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' => out.push('d'),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            other => out.push(other),
        }
    }
    // Hangul and the marks that are kept are put together again.
    out.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_all_languages_have_one_spelling() {
        for (text, expected) in [
            ("Where's my INVOICE №7?", "where s my invoice 7"),
            ("Größe, ÉTÉ, naïve", "grosse ete naive"),
            ("İstanbul IŞIK ışık", "istanbul isik isik"),
            ("ΟΔΥΣΣΕΎΣ Οδυσσεύς", "οδυσσευσ οδυσσευσ"),
            ("Ёлка й", "елка и"),
            ("كَلِمَةُ", "كلمة"),
            ("ｆｕｌｌ ﬁne", "full fine"),
            ("如何重置密码", "如何 何重 重置 置密 密码"),
            ("비밀번호", "비밀 밀번 번호"),
            ("पासवर्ड", "पासवर्ड"),
            ("a\0b 😀 _", "a b"),
            ("", ""),
        ] {
            let terms = neutral(text);
            let found: Vec<&str> = terms.iter().map(|term| term.text.as_str()).collect();
            assert_eq!(found.join(" "), expected, "{text}");
            assert!(terms.iter().all(|term| text.get(term.start..term.end).is_some()), "{text}");
        }
    }
}
