//! Cells of CSV that a spreadsheet cannot mistake for formulas.

/// A cell of CSV (RFC 4180). One that a spreadsheet would take for a formula gets an apostrophe in front
/// (owasp.org/www-community/attacks/CSV_Injection).
pub(crate) fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_finds_no_formula_and_no_broken_line() {
        for (text, cell) in [
            ("Ada", "Ada"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\t=1", "'\t=1"),
            ("a,b", "\"a,b\""),
            ("a\nb", "\"a\nb\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(text), cell, "{text:?}");
        }
    }
}
