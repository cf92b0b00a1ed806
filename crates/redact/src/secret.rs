//! Passwords that are named as such, and keys by their prefix or their look.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// `password: hunter2`. The word before may be a part of a name, as in `db_password=`.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:password|passwort|kennwort|passwd|pwd|passphrase|contraseña|mot de passe|senha|wachtwoord|пароль|",
        r"api[ _-]?key|secret(?:[ _-]key)?|access[ _-]?key|auth[ _-]?token|access[ _-]?token|client[ _-]secret|",
        r"\bpin(?:[ -]code)?|bearer)",
        r#"(?:(?: is| ist| es| est)? ?[:=] ?| is | ist |(?:er) )["'`“]?([^\s"'`“”<>,;\[\]]{3,})"#,
    ))
    .expect("a constant pattern")
});
static PREFIXED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:[spr]k[-_][A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}",
        r"|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|A[KS]IA[0-9A-Z]{16}|AIza[A-Za-z0-9_-]{35}",
        r"|ya29\.[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9_.-]{20,}|SG\.[A-Za-z0-9_.-]{32,})",
    ))
    .expect("a constant pattern")
});
/// The first line of a private key and the base64 below it.
static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[A-Za-z0-9+/=\s:,-]*").expect("a constant pattern")
});
static LONG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_-]{32,}={0,2}").expect("a constant pattern"));

/// Shortest run of letters and digits within a key; those of names with dashes are shorter.
const LONG_RUN_MIN: usize = 16;

/// Finds passwords, keys and sessions.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let keys = PRIVATE_KEY.find_iter(text).chain(PREFIXED.find_iter(text)).map(|m| m.range());
    let named = NAMED.captures_iter(text).filter_map(|captures| {
        let (whole, value) = (captures.get(0)?, captures.get(1)?);
        let shown = value.as_str().trim_end_matches(['.', '!', '?', ')', '*']);
        let is_marked = whole.as_str()[..value.start() - whole.start()].contains([':', '=']);
        (!shown.is_empty() && is_value(shown, is_marked)).then(|| value.start()..value.start() + shown.len())
    });
    let long = LONG.find_iter(text).filter(|m| is_random(m.as_str())).map(|m| m.range());
    keys.chain(named).chain(long).collect()
}

/// Whether it is a password and not what a sentence goes on with: `password is wrong`, `Password: OAuth2`.
fn is_value(shown: &str, is_marked: bool) -> bool {
    let has = |kind: fn(char) -> bool| shown.contains(kind);
    let is_mixed = has(char::is_alphabetic) && has(|c| c.is_ascii_digit());
    let is_signed =
        has(|c| c.is_ascii_punctuation() && !".-/()_'*:".contains(c)) && has(char::is_alphanumeric);
    let is_pin = shown.len() >= 4 && shown.chars().all(|c| c.is_ascii_digit());
    let is_setting = shown.to_lowercase().starts_with("oauth") || shown.contains("://");
    !is_setting && (is_mixed || is_signed || (is_marked && is_pin))
}

/// Whether a long word mixes small and capital letters with digits as only a machine does; dashed ids of crash
/// reports, paths and hashes of one case stay.
fn is_random(shown: &str) -> bool {
    let count = |kind: fn(&u8) -> bool| shown.bytes().filter(kind).count();
    let (upper, lower, digits) =
        (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase), count(u8::is_ascii_digit));
    let n_signs = shown.len() - upper - lower - digits;
    let n_longest = shown.split(['_', '-', '/']).map(str::len).max().unwrap_or(0);
    n_longest >= LONG_RUN_MIN && upper >= 5 && lower >= 5 && digits >= 3 && n_signs * 8 <= shown.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_and_talk_about_passwords_is_not() {
        for (text, expected) in [
            ("password: hunter2.", vec!["hunter2"]),
            ("my password is Tr0ub4dor&3, ok", vec!["Tr0ub4dor&3"]),
            ("PIN: 4711", vec!["4711"]),
            ("db_password=pa$$word", vec!["pa$$word"]),
            ("key AKIAIOSFODNN7EXAMPLE", vec!["AKIAIOSFODNN7EXAMPLE"]),
            ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", vec!["ghp_abcdefghijklmnopqrstuvwxyz0123456789"]),
            ("wJalrXUtnF3MIK7MDENGbPxRfiCYEXAMPLEKEY9", vec!["wJalrXUtnF3MIK7MDENGbPxRfiCYEXAMPLEKEY9"]),
            ("the password is wrong; password: required", vec![]),
            ("Authentication: OAuth2, password is 'Normal password'", vec![]),
            ("bp-0a1b2c3d-1111-2222-3333-444455556666 d41d8cd98f00b204e9800998ecf8427e", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
