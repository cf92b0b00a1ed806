//! Which language a text is in.

use whatlang::{Detector, Lang};

use crate::Language;

/// Shortest text, in characters, whose letters are trusted to tell languages of one script apart.
const CHARS_MIN: usize = 20;
/// Least confidence of the detector that is trusted.
const CONFIDENCE_MIN: f64 = 0.8;
/// Longest prefix that is looked at, in characters: more does not change the verdict.
const CHARS_MAX: usize = 4_000;
/// How many Latin letters stand beside one of another script in a text of that other script, at most: products and
/// people keep their Latin names everywhere ("Super Bowl 50 的亚军是谁"), while the reverse is rare.
const LATIN_PER_OTHER_MAX: usize = 3;

/// The language of a text.
///
/// The script is certain and comes first. Within a script the verdict is restricted to `expected` (the languages there
/// are articles in) when that is not empty. A short or unsure text is taken to be in `fallback`, unless its script says
/// otherwise; then in the most likely language of its script.
pub fn detect(text: &str, expected: &[Language], fallback: Language) -> Language {
    let head: String = text.chars().take(CHARS_MAX).collect();
    let head = without_latin_names(&head, expected).unwrap_or(head);
    let Some(script) = whatlang::detect_script(&head) else { return fallback };
    let candidates: Vec<Lang> = script.langs().iter().copied().filter(|&lang| code(lang).is_some()).collect();
    let only = |among: &[Language]| -> Vec<Lang> {
        candidates
            .iter()
            .copied()
            .filter(|&lang| language(lang).is_some_and(|l| among.contains(&l)))
            .collect()
    };
    let expected_here = only(expected);
    let likely = if expected_here.is_empty() { candidates.clone() } else { expected_here };
    if let [single] = likely.as_slice() {
        // Japanese is written in Han characters and kana; the detector names the script it sees more of.
        return language(*single).unwrap_or(fallback);
    }
    let fits = !only(&[fallback]).is_empty();
    let verdict = Detector::with_allowlist(likely.clone()).detect(&head);
    let sure = verdict.as_ref().is_some_and(|v| {
        head.chars().count() >= CHARS_MIN && (v.confidence() >= CONFIDENCE_MIN || v.is_reliable())
    });
    if sure && let Some(found) = verdict.and_then(|v| language(v.lang())) {
        return found;
    }
    if fits {
        return fallback;
    }
    // The script rules the fallback out and the letters do not decide: the most common language of the script.
    likely
        .iter()
        .copied()
        .find(|&lang| lang == Lang::Eng)
        .or(likely.first().copied())
        .and_then(language)
        .unwrap_or(fallback)
}

/// A text of another script with Latin words in it, without these; `None` for any other text.
fn without_latin_names(text: &str, expected: &[Language]) -> Option<String> {
    let is_latin = |c: char| c.is_alphabetic() && matches!(u32::from(c), 0..=0x24f | 0x1e00..=0x1eff);
    let n_latin = text.chars().filter(|&c| is_latin(c)).count();
    // A character of Chinese, Japanese or Korean says as much as two or three letters.
    let weight = |c: char| if u32::from(c) >= 0x2e80 { 2 } else { 1 };
    let n_other: usize = text.chars().filter(|&c| c.is_alphabetic() && !is_latin(c)).map(weight).sum();
    if n_latin == 0 || n_latin > LATIN_PER_OTHER_MAX * n_other {
        return None;
    }
    let rest: String = text.chars().filter(|&c| !is_latin(c)).collect();
    let script = whatlang::detect_script(&rest)?;
    let is_expected = |lang: &Lang| language(*lang).is_some_and(|language| expected.contains(&language));
    (expected.is_empty() || script.langs().iter().any(is_expected)).then_some(rest)
}

fn language(lang: Lang) -> Option<Language> {
    code(lang).and_then(Language::parse)
}

/// ISO 639-1 of the detector's ISO 639-3.
fn code(lang: Lang) -> Option<&'static str> {
    Some(match lang.code() {
        "epo" => "eo",
        "eng" => "en",
        "rus" => "ru",
        "cmn" => "zh",
        "spa" => "es",
        "por" => "pt",
        "ita" => "it",
        "ben" => "bn",
        "fra" => "fr",
        "deu" => "de",
        "ukr" => "uk",
        "kat" => "ka",
        "ara" => "ar",
        "hin" => "hi",
        "jpn" => "ja",
        "heb" => "he",
        "yid" => "yi",
        "pol" => "pl",
        "amh" => "am",
        "jav" => "jv",
        "kor" => "ko",
        "nob" => "no",
        "dan" => "da",
        "swe" => "sv",
        "fin" => "fi",
        "tur" => "tr",
        "nld" => "nl",
        "hun" => "hu",
        "ces" => "cs",
        "ell" => "el",
        "bul" => "bg",
        "bel" => "be",
        "mar" => "mr",
        "kan" => "kn",
        "ron" => "ro",
        "slv" => "sl",
        "hrv" => "hr",
        "srp" => "sr",
        "mkd" => "mk",
        "lit" => "lt",
        "lav" => "lv",
        "est" => "et",
        "tam" => "ta",
        "vie" => "vi",
        "urd" => "ur",
        "tha" => "th",
        "guj" => "gu",
        "uzb" => "uz",
        "pan" => "pa",
        "aze" => "az",
        "ind" => "id",
        "tel" => "te",
        "pes" => "fa",
        "mal" => "ml",
        "ori" => "or",
        "mya" => "my",
        "nep" => "ne",
        "sin" => "si",
        "khm" => "km",
        "tuk" => "tk",
        "aka" => "ak",
        "zul" => "zu",
        "sna" => "sn",
        "afr" => "af",
        "lat" => "la",
        "slk" => "sk",
        "cat" => "ca",
        "tgl" => "tl",
        "hye" => "hy",
        "cym" => "cy",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str], fallback: &str, found: &str) {
        let expected: Vec<Language> = expected.iter().filter_map(|code| Language::parse(code)).collect();
        let fallback = Language::parse(fallback).unwrap();
        assert_eq!(detect(text, &expected, fallback).as_str(), found, "{text:?}");
    }

    #[test]
    fn the_script_is_certain_and_short_text_takes_the_fallback() {
        check("reset password", &["en", "de"], "de", "de");
        check("How do I reset the password of my account?", &["en", "de"], "de", "en");
        check("Wie kann ich das Passwort meines Kontos ändern?", &["en", "de"], "en", "de");
        check("пароль", &["en"], "en", "ru");
        check("如何重置密码", &["en", "zh"], "en", "zh");
        check("パスワードを忘れました", &["en"], "en", "ja");
        check("كيف أغير كلمة المرور", &["en", "ar"], "en", "ar");
        check("Πώς αλλάζω τον κωδικό", &["en", "el"], "en", "el");
        check("Super Bowl 50 由 Levi's Stadium 主办吗", &["zh"], "zh", "zh");
        check("Как настроить SMTP в Thunderbird", &["en", "ru"], "en", "ru");
        check("what does 你好 mean in English", &["en"], "en", "en");
        check("1234 ???", &["en", "de"], "de", "de");
        check("", &["en"], "en", "en");
    }
}
