//! Notes, tips and warnings: the many words for five kinds.

/// The kind of GitHub alert that a word of some site generator stands for.
pub(super) fn kind(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "note" | "info" | "notice" | "seealso" | "abstract" | "summary" | "quote" | "callout"
        | "admonition" => Some("NOTE"),
        "tip" | "hint" | "success" | "check" => Some("TIP"),
        "important" | "attention" => Some("IMPORTANT"),
        "warning" | "warn" => Some("WARNING"),
        "caution" | "danger" | "error" | "bug" | "failure" => Some("CAUTION"),
        _ => None,
    }
}

/// The lines that open a note in Markdown, without the mark of the quote.
pub(super) fn opening(kind: &str, title: &str) -> Vec<String> {
    let mut lines = vec![format!("[!{kind}]")];
    let title = title.trim().trim_matches('"');
    if !title.is_empty() {
        lines.push(format!("**{title}**"));
        lines.push(String::new());
    }
    lines
}
