//! Numbers by which a state knows a person.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{digits, is_part, luhn};

/// The name of such a number, and after it the number itself.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:ssn|social security|social insurance|national insurance|national id|identity card|passport|",
        r"driver'?s? licen[cs]e|driving licen[cs]e|driver’s licen[cs]e|tax id|taxpayer|tax identification|steuer-?id|",
        r"steuernummer|personalausweis|reisepass|führerschein|sozialversicherung|personnummer|pesel|cpf|cnpj|dni|",
        r"nie|nif|curp|codice fiscale|numéro de sécurité sociale|bsn|aadhaar)\b",
        r"(?: ?(?:number|no\.?|nr\.?|nummer|code|id|#|is|card|ist|é|es|:|=|-)){0,4}[ \t]{0,3}",
        r"(\w{0,6}\d(?:[ ./-]?\w{0,4}\d){3,16}[a-z]?)",
    ))
    .expect("a constant pattern")
});
/// Shapes that need no name: United States, United Kingdom, Brazil, Sweden and Finland.
static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b\d{3}-\d{2}-\d{4}\b|\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
        r"|\b\d{3}\.\d{3}\.\d{3}-\d{2}\b|\b(?:19|20)?\d{6}[-+]\d{4}\b|\b\d{6}[-+A]\d{3}[0-9A-Y]\b",
    ))
    .expect("a constant pattern")
});

/// Finds national numbers.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    let named = NAMED.captures_iter(text).filter_map(|captures| Some(captures.get(1)?.range()));
    let shapes = SHAPES.find_iter(text).map(|m| m.range()).filter(|range| is_shape(text, range));
    let mut found: Vec<Range<usize>> = named.collect();
    let n_named = found.len();
    for shape in shapes {
        // Both lists are sorted, and a place that is named needs no shape.
        let at = found[..n_named].partition_point(|named| named.end <= shape.start);
        if found[..n_named].get(at).is_none_or(|named| named.start >= shape.end) {
            found.push(shape);
        }
    }
    found
}

fn is_shape(text: &str, range: &Range<usize>) -> bool {
    let shown = &text[range.clone()];
    // A hyphen makes it a part of something longer, such as a ticket's or an invoice's number.
    let is_inner =
        text[..range.start].ends_with(['-', '/', '.', '#']) || text[range.end..].starts_with(['-', '/']);
    if is_inner || is_part(text, range) {
        return false;
    }
    let is_six = shown.find(['-', '+']).is_some_and(|at| at == 6 || at == 8);
    // Ten digits in two parts are a birth date and a number with Luhn's sum.
    !is_six || {
        let digits = digits(shown);
        let birth = &digits[digits.len().saturating_sub(10)..];
        let month = birth.get(2).zip(birth.get(3)).map_or(0, |(a, b)| a * 10 + b);
        (1..=12).contains(&month) && luhn(birth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_numbers_are_found_by_shape_or_name() {
        for (text, expected) in [
            ("Here's my SSN: 460-89-9847", vec!["460-89-9847"]),
            ("my driver's license number is F162823540116.", vec!["F162823540116"]),
            ("passport no. C01X00T47", vec!["C01X00T47"]),
            ("AB 12 34 56 C", vec!["AB 12 34 56 C"]),
            ("CPF 123.456.789-09", vec!["123.456.789-09"]),
            ("811228-9874", vec!["811228-9874"]),
            ("2024-11-21, INV-460-89-9847-2, 123456-7890", vec![]),
            ("the passport of 2024", vec![]),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
