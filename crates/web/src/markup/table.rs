//! Quoted rows of a table: their cells are found again in their source, and the first row is the head.

use super::inline;

/// A row as it stands in the article, without the bars at its ends, and the chip behind its last cell.
pub(super) struct Row<'s> {
    pub(super) source: &'s str,
    pub(super) chip: String,
}

/// The rows as a table that scrolls on narrow screens and can be reached by keyboard.
pub(super) fn html(rows: &[Row<'_>]) -> String {
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let n_columns = rows.iter().map(|row| cells(row.source).len()).max().unwrap_or_default();
    let mut html = String::from("<div class=\"table-scroll\" tabindex=\"0\"><table><thead>");
    push_row(&mut html, head, n_columns, ("<th scope=\"col\">", "</th>"));
    html.push_str("</thead><tbody>");
    for row in body {
        push_row(&mut html, row, n_columns, ("<td>", "</td>"));
    }
    html.push_str("</tbody></table></div>");
    html
}

fn push_row(html: &mut String, row: &Row<'_>, n_columns: usize, (open, close): (&str, &str)) {
    let cells = cells(row.source);
    html.push_str("<tr>");
    for column in 0..n_columns {
        let text = cells.get(column).map(|cell| inline(cell)).unwrap_or_default();
        let chip = if column + 1 == n_columns { row.chip.as_str() } else { "" };
        html.push_str(&format!("{open}{text}{chip}{close}"));
    }
    html.push_str("</tr>");
}

/// The cells between the bars; `\|` is a bar of the text, also within code (GFM 0.29, 4.10).
fn cells(source: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, cells.last_mut()) {
            ('|', _) => cells.push(String::new()),
            ('\\', Some(cell)) if chars.next_if_eq(&'|').is_some() => cell.push('|'),
            (other, Some(cell)) => cell.push(other),
            (_, None) => {}
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}
