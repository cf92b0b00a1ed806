//! One spelling for what readers take for the same word.

use unicode_normalization::UnicodeNormalization as _;

use crate::Language;

/// NFKC, lower case, and what the language's own writers leave out at will: Arabic vowel marks, the Greek tonos, the
/// Turkish dot.
pub(super) fn normalize(word: &str, language: Language) -> String {
    // Most words are plain ASCII, where NFKC changes nothing.
    if word.is_ascii() && language.as_str() != "tr" {
        return word.to_ascii_lowercase();
    }
    let composed: String = word.nfkc().collect();
    match language.as_str() {
        "tr" | "az" => {
            let dotted: String = composed
                .chars()
                .map(|c| match c {
                    'İ' => 'i',
                    'I' => 'ı',
                    c => c,
                })
                .collect();
            dotted.to_lowercase()
        }
        "el" => composed.to_lowercase().nfd().filter(|&c| c != '\u{301}').nfc().collect(),
        "ar" | "fa" | "ur" | "ps" => composed
            .to_lowercase()
            .chars()
            .filter(|c| !matches!(c, '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}'))
            .collect(),
        _ => composed.to_lowercase(),
    }
}
