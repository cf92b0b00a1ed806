//! HTML to Markdown: headings, lists, tables, code and links stay; what a reader does not see goes.

use scraper::Node;
use scraper::node::Element;

use super::compose::{code_span, destination, marked, prefixed, split_blanks, starts_list, tidy};
use super::escape;
use crate::document::tags::{is_block, is_concealing_style};
use crate::plain::one_line;

type NodeRef<'a> = ego_tree::NodeRef<'a, Node>;

/// Elements nested deeper than this are read as their text.
const DEPTH_MAX: usize = 100;

/// How text is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A page: its text is text.
    Page,
    /// HTML within Markdown: its text may hold marks, and its author meant them.
    Markdown,
}

/// The Markdown of a node and all below it.
pub(crate) fn markdown(node: NodeRef<'_>, source: Source) -> String {
    let converter = Converter { source };
    converter.blocks(node, 0).join("\n\n")
}

/// Whether a reader sees nothing of this element.
pub(crate) fn is_invisible(element: &Element) -> bool {
    let dropped = matches!(
        element.name(),
        "script"
            | "style"
            | "template"
            | "noscript"
            | "head"
            | "title"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "embed"
            | "canvas"
            | "audio"
            | "video"
            | "input"
            | "select"
            | "textarea"
            | "option"
            | "datalist"
            | "nav"
            | "dialog"
            | "map"
    );
    let style: String =
        element.attr("style").unwrap_or_default().to_ascii_lowercase().split_whitespace().collect();
    let visually_hidden = element.classes().any(|class| {
        matches!(
            class,
            "sr-only" | "usa-sr-only" | "visually-hidden" | "screen-reader-text" | "screen-reader-only"
        )
    });
    dropped || element.attr("hidden").is_some() || visually_hidden || is_concealing_style(&style)
}

struct Converter {
    source: Source,
}

impl Converter {
    /// The blocks below a node; text between blocks becomes paragraphs.
    fn blocks(&self, node: NodeRef<'_>, depth: usize) -> Vec<String> {
        let mut blocks = Vec::new();
        let mut line = String::new();
        for child in node.children() {
            match child.value() {
                Node::Element(element) if is_invisible(element) => {}
                Node::Element(element) if depth < DEPTH_MAX && self.holds_block(child, element, depth) => {
                    self.flush(&mut line, &mut blocks);
                    self.block(child, element, depth + 1, &mut blocks);
                }
                _ => self.inline(child, depth + 1, &mut line),
            }
        }
        self.flush(&mut line, &mut blocks);
        blocks
    }

    /// Whether the element is, or directly holds, a block.
    fn holds_block(&self, node: NodeRef<'_>, element: &Element, depth: usize) -> bool {
        let name = element.name();
        if name == "br" {
            return false;
        }
        is_block(name)
            || (depth < DEPTH_MAX
                && matches!(
                    name,
                    "a" | "span" | "font" | "label" | "button" | "b" | "strong" | "em" | "i" | "ins" | "del"
                )
                && node.children().any(|child| {
                    child
                        .value()
                        .as_element()
                        .is_some_and(|inner| inner.name() != "br" && is_block(inner.name()))
                }))
    }

    fn flush(&self, line: &mut String, blocks: &mut Vec<String>) {
        let text = std::mem::take(line);
        let text = tidy(&text);
        if !text.is_empty() {
            blocks.push(match self.source {
                Source::Page => text.split('\n').map(escape::line_start).collect::<Vec<_>>().join("\n"),
                Source::Markdown => text,
            });
        }
    }

    fn block(&self, node: NodeRef<'_>, element: &Element, depth: usize, blocks: &mut Vec<String>) {
        match element.name() {
            name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                let text = one_line(&self.line(node, depth));
                if !text.is_empty() {
                    let level = usize::from(name.as_bytes()[1] - b'0');
                    let id = element.attr("id").filter(|id| is_plain_id(id));
                    let id = id.map_or(String::new(), |id| format!(" {{#{id}}}"));
                    blocks.push(format!("{} {text}{id}", "#".repeat(level)));
                }
            }
            "ul" | "ol" => blocks.extend(self.list(node, element, depth)),
            "blockquote" => {
                let inner = self.blocks(node, depth).join("\n\n");
                if !inner.is_empty() {
                    blocks.push(prefixed(&inner, "> ", "> "));
                }
            }
            "pre" => blocks.extend(code(node)),
            "table" => blocks.extend(self.table(node, depth)),
            "hr" => blocks.push("***".to_owned()),
            "dt" | "summary" | "caption" | "legend" => {
                let text = one_line(&self.line(node, depth));
                if !text.is_empty() {
                    blocks.push(if text.contains("**") { text } else { format!("**{text}**") });
                }
            }
            _ => blocks.extend(self.blocks(node, depth)),
        }
    }

    fn list(&self, node: NodeRef<'_>, element: &Element, depth: usize) -> Option<String> {
        let mut number: usize = element.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1);
        let mut items: Vec<String> = Vec::new();
        let mut loose = false;
        for child in node.children() {
            let blocks = match child.value() {
                Node::Element(inner) if is_invisible(inner) => continue,
                Node::Element(inner) if matches!(inner.name(), "ul" | "ol") && !items.is_empty() => {
                    // A list right within a list belongs to the item before it.
                    if let (Some(nested), Some(last)) = (self.list(child, inner, depth + 1), items.last_mut())
                    {
                        last.push('\n');
                        last.push_str(&prefixed(&nested, "   ", "   "));
                    }
                    continue;
                }
                Node::Element(_) if depth < DEPTH_MAX => self.blocks(child, depth + 1),
                Node::Element(_) => vec![tidy(&text_below(child))],
                Node::Text(text) if !text.trim().is_empty() => vec![tidy(&self.text(text))],
                _ => continue,
            };
            if blocks.is_empty() {
                continue;
            }
            let marker = if element.name() == "ol" { format!("{number}. ") } else { "- ".to_owned() };
            number = number.saturating_add(1).min(999_999_999);
            let nested_only = blocks.len() == 2 && starts_list(&blocks[1]);
            loose |= blocks.len() > 1 && !nested_only;
            let inner = blocks.join(if nested_only { "\n" } else { "\n\n" });
            items.push(prefixed(&inner, &marker, &" ".repeat(marker.len())));
        }
        (!items.is_empty()).then(|| items.join(if loose { "\n\n" } else { "\n" }))
    }

    /// A table in GitHub's notation. Blocks within cells become lines.
    fn table(&self, node: NodeRef<'_>, depth: usize) -> Vec<String> {
        let mut before = Vec::new();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut stack: Vec<NodeRef<'_>> = node.children().rev().collect();
        while let Some(part) = stack.pop() {
            let Some(element) = part.value().as_element() else { continue };
            if is_invisible(element) {
                continue;
            }
            match element.name() {
                "tr" => rows.push(self.cells(part, depth)),
                "caption" => self.block(part, element, depth + 1, &mut before),
                _ => stack.extend(part.children().rev().collect::<Vec<_>>()),
            }
        }
        rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        let n_columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        if n_columns == 0 {
            return before;
        }
        let line = |row: &[String]| {
            let cell = |column: usize| row.get(column).map_or("", String::as_str);
            let cells: Vec<&str> = (0..n_columns).map(cell).collect();
            format!("| {} |", cells.join(" | "))
        };
        let mut lines = vec![line(&rows[0]), format!("|{}", " --- |".repeat(n_columns))];
        lines.extend(rows[1..].iter().map(|row| line(row)));
        before.push(lines.join("\n"));
        before
    }

    fn cells(&self, row: NodeRef<'_>, depth: usize) -> Vec<String> {
        let mut cells = Vec::new();
        for cell in row.children() {
            let Some(element) = cell.value().as_element().filter(|element| !is_invisible(element)) else {
                continue;
            };
            let text =
                if depth < DEPTH_MAX { self.blocks(cell, depth + 1).join("\n") } else { text_below(cell) };
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            cells.push(lines.join("<br>").replace('|', "\\|"));
            let span: usize = element.attr("colspan").and_then(|span| span.parse().ok()).unwrap_or(1);
            cells.extend(std::iter::repeat_n(String::new(), span.clamp(1, 50) - 1));
        }
        cells
    }

    /// The text within a node, on one line where its source has no breaks.
    fn line(&self, node: NodeRef<'_>, depth: usize) -> String {
        let mut line = String::new();
        for child in node.children() {
            self.inline(child, depth + 1, &mut line);
        }
        line
    }

    fn inline(&self, node: NodeRef<'_>, depth: usize, line: &mut String) {
        let element = match node.value() {
            Node::Text(text) => return line.push_str(&self.text(text)),
            Node::Element(element) => element,
            _ => return,
        };
        if is_invisible(element) {
            return;
        }
        if depth >= DEPTH_MAX {
            return line.push_str(&text_below(node));
        }
        let inner = |converter: &Self| converter.line(node, depth);
        match element.name() {
            "br" => line.push_str("\\\n"),
            "strong" | "b" => marked(line, &inner(self), "**"),
            "em" | "i" => marked(line, &inner(self), "*"),
            "del" | "s" | "strike" => marked(line, &inner(self), "~~"),
            "code" | "samp" | "tt" => line.push_str(&code_span(&one_line(&text_below(node)))),
            name @ ("kbd" | "sub" | "sup") => {
                let text = inner(self);
                line.push_str(&format!("<{name}>{}</{name}>", text.trim()));
            }
            "img" => {
                let alt = escape::text(&one_line(element.attr("alt").unwrap_or_default()));
                if let Some(src) = element.attr("src").filter(|src| !src.starts_with("data:")) {
                    line.push_str(&format!("![{alt}]({})", destination(src)));
                }
            }
            "a" => self.link(element, &inner(self), line),
            name if is_block(name) => {
                // Blocks within a line, as in a heading: their text stands apart from its neighbours.
                line.push(' ');
                line.push_str(&inner(self));
                line.push(' ');
            }
            _ => line.push_str(&inner(self)),
        }
    }

    fn link(&self, element: &Element, text: &str, line: &mut String) {
        let href = element.attr("href").map(str::trim).unwrap_or_default();
        let scheme_ok = !href.to_ascii_lowercase().starts_with("javascript:");
        if href.is_empty() || !scheme_ok || text.trim().is_empty() {
            return line.push_str(text);
        }
        let (lead, core, trail) = split_blanks(text);
        line.push_str(lead);
        line.push_str(&format!("[{}]({})", core.replace("\\\n", " "), destination(href)));
        line.push_str(trail);
    }

    fn text(&self, text: &str) -> String {
        let joined: String =
            text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
        match self.source {
            Source::Page => escape::text(&joined),
            Source::Markdown => joined,
        }
    }
}

/// A block of code with its language.
fn code(node: NodeRef<'_>) -> Option<String> {
    let text = text_below(node);
    let text = text.strip_prefix('\n').unwrap_or(&text).trim_end();
    if text.trim().is_empty() {
        return None;
    }
    let language = node.descendants().find_map(|inner| {
        let element = inner.value().as_element()?;
        element
            .classes()
            .find_map(|class| class.strip_prefix("language-").or_else(|| class.strip_prefix("lang-")))
    });
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    Some(format!("{fence}{}\n{text}\n{fence}", language.unwrap_or_default()))
}

/// All text below a node, as it stands.
fn text_below(node: NodeRef<'_>) -> String {
    let mut text = String::new();
    let mut stack = vec![node];
    while let Some(part) = stack.pop() {
        match part.value() {
            Node::Text(piece) => text.push_str(piece),
            Node::Element(element) if element.name() == "br" => text.push('\n'),
            Node::Element(element) if is_invisible(element) => {}
            _ => stack.extend(part.children().rev().collect::<Vec<_>>()),
        }
    }
    text
}

fn is_plain_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 80 && id.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c))
}
