//! Walks the parser's tree, without recursion, and writes the list of events.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use comrak::nodes::{AlertType, ListType, Node, NodeValue, TableAlignment};
use comrak::{Arena, Options, parse_document};

use super::anchor::Anchors;
use super::inline::Inline;
use super::raw_tags::RawTags;
use super::source::Lines;
use super::tags::{self, Raw};
use super::text::{InlineReader, code_inline, html_inline};
use super::wiki::read_steps;
use super::{Cell, Container, DEPTH_MAX, Event, EventKind};

/// Most block quotes within one another that are parsed as such.
const QUOTES_MAX: usize = 100;

/// Which parts of a body are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parts<'t> {
    /// Everything.
    All,
    /// Everything but a first heading that repeats the title.
    Below(&'t str),
    /// Everything, and raw HTML as the text that somebody typed.
    Typed,
}

/// Parses a body.
pub(crate) fn parse(body: &str, parts: Parts<'_>) -> Vec<Event> {
    let arena = Arena::new();
    let tamed = tame(body);
    let body = tamed.as_ref();
    let root = parse_document(&arena, body, &options());
    let mut builder = Builder {
        body,
        lines: Lines::new(body),
        events: Vec::new(),
        open: Vec::new(),
        n_lists: 0,
        n_tables: 0,
        footnotes: footnote_numbers(root),
        typed: matches!(parts, Parts::Typed),
    };
    builder.walk(root);
    let mut events = read_steps(body, builder.events, builder.n_lists);
    if let Parts::Below(title) = parts {
        drop_title(&mut events, title);
    }
    name(&mut events);
    events
}

/// How Askwell reads Markdown: CommonMark with GitHub's tables, strikethrough, task lists, autolinks, alerts, footnotes.
pub(crate) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.extension.cjk_friendly_emphasis = true;
    options.parse.leave_footnote_definitions = true;
    options
}

/// The body with block quotes nested beyond reason flattened, byte for byte as long.
///
/// The parser's time grows with the square of their depth: a line of a million `>` would take hours.
pub(crate) fn tame(body: &str) -> Cow<'_, str> {
    let is_marker =
        |b: &u8| matches!(b, b'>' | b' ' | b'\t' | b'-' | b'+' | b'*' | b'.' | b')') || b.is_ascii_digit();
    let mut tamed: Option<Vec<u8>> = None;
    let mut start = 0;
    for line in body.split_inclusive(['\n', '\r']) {
        let markers = line.bytes().take_while(|b| is_marker(b)).enumerate().filter(|(_, b)| *b == b'>');
        for (at, _) in markers.skip(QUOTES_MAX) {
            tamed.get_or_insert_with(|| body.as_bytes().to_vec())[start + at] = b' ';
        }
        start += line.len();
    }
    match tamed {
        Some(bytes) => Cow::Owned(String::from_utf8(bytes).expect("only ASCII was replaced by ASCII")),
        None => Cow::Borrowed(body),
    }
}

struct Builder<'b> {
    body: &'b str,
    lines: Lines<'b>,
    events: Vec<Event>,
    /// What was opened on the way down; nothing for nodes that open nothing.
    open: Vec<Option<(Container, Range<usize>, bool)>>,
    n_lists: u32,
    n_tables: u32,
    footnotes: HashMap<String, u32>,
    /// Raw HTML is text.
    typed: bool,
}

impl<'b> Builder<'b> {
    fn walk<'a>(&mut self, root: Node<'a>) {
        let mut node = root;
        loop {
            let descend = self.enter(node);
            if let Some(child) = node.first_child().filter(|_| descend) {
                node = child;
                continue;
            }
            if descend {
                self.leave();
            }
            loop {
                if node.same_node(root) {
                    return;
                }
                if let Some(next) = node.next_sibling() {
                    node = next;
                    break;
                }
                let Some(parent) = node.parent() else { return };
                node = parent;
                self.leave();
            }
        }
    }

    /// Writes the node's event; true when its children are to be visited.
    fn enter<'a>(&mut self, node: Node<'a>) -> bool {
        let source = self.lines.range(node.data().sourcepos);
        let container = match &node.data().value {
            NodeValue::Document => None,
            NodeValue::BlockQuote => Some((Container::Quote { alert: None }, false)),
            NodeValue::Alert(alert) => {
                Some((Container::Quote { alert: Some(alert_word(&alert.alert_type)) }, false))
            }
            NodeValue::List(list) => {
                let start = matches!(list.list_type, ListType::Ordered).then_some(list.start);
                self.n_lists += 1;
                Some((Container::List { number: self.n_lists - 1, start }, list.tight))
            }
            NodeValue::Item(_) => Some((Container::Item { task: None }, self.is_tight())),
            NodeValue::TaskItem(task) => {
                Some((Container::Item { task: Some(task.symbol.is_some()) }, self.is_tight()))
            }
            NodeValue::FootnoteDefinition(definition) => {
                let number = self.footnotes.get(&definition.name).copied().unwrap_or(0);
                Some((Container::Footnote { number }, false))
            }
            NodeValue::Table(_) => {
                self.n_tables += 1;
                Some((Container::Table { number: self.n_tables - 1 }, false))
            }
            _ => {
                self.leaf(node, source);
                return false;
            }
        };
        let deep = self.open.len() > DEPTH_MAX;
        if let Some((container, _)) = container
            && !deep
        {
            let kind = EventKind::Open(container);
            self.events.push(Event { kind, source: source.clone(), anchor: None });
        }
        self.open.push(container.filter(|_| !deep).map(|(container, tight)| (container, source, tight)));
        true
    }

    fn leave(&mut self) {
        if let Some(Some((container, source, _))) = self.open.pop() {
            self.events.push(Event { kind: EventKind::Close(container), source, anchor: None });
        }
    }

    fn is_tight(&self) -> bool {
        self.open.last().and_then(Option::as_ref).is_some_and(|(_, _, tight)| *tight)
    }

    fn leaf<'a>(&mut self, node: Node<'a>, source: Range<usize>) {
        let kind = match &node.data().value {
            NodeValue::Heading(heading) => {
                EventKind::Heading { level: heading.level, inline: self.inline(node, &source) }
            }
            NodeValue::Paragraph => {
                EventKind::Paragraph { inline: self.inline(node, &source), tight: self.is_tight() }
            }
            NodeValue::CodeBlock(code) => EventKind::Code {
                info: code.info.split_whitespace().next().unwrap_or_default().to_owned(),
                inline: code_inline(self.body, &self.lines, code, node.data().sourcepos),
            },
            NodeValue::HtmlBlock(html) => {
                let literal = html.literal.replace("\r\n", "\n").replace('\r', "\n");
                let parts = if self.typed { vec![Raw::Text(&literal)] } else { tags::split(&literal) };
                let at = node.data().sourcepos;
                EventKind::Paragraph {
                    inline: html_inline(self.body, &self.lines, &literal, &parts, at),
                    tight: false,
                }
            }
            NodeValue::TableRow(header) => EventKind::Row { header: *header, cells: self.cells(node) },
            NodeValue::ThematicBreak => EventKind::Rule,
            _ => return,
        };
        let empty = match &kind {
            EventKind::Paragraph { inline, .. } => inline.text.trim().is_empty() && inline.spans.is_empty(),
            EventKind::Heading { inline, .. } => inline.text.trim().is_empty(),
            _ => false,
        };
        if !empty {
            self.events.push(Event { kind, source, anchor: None });
        }
    }

    fn cells<'a>(&self, row: Node<'a>) -> Vec<Cell> {
        let alignments = match row.parent().map(|table| table.data()) {
            Some(table) => match &table.value {
                NodeValue::Table(table) => table.alignments.clone(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        };
        let mut from = self.lines.range(row.data().sourcepos).start;
        let mut cells = Vec::new();
        for (column, cell) in row.children().enumerate() {
            let source = self.lines.range(cell.data().sourcepos);
            let source = source.start.max(from)..source.end.max(from);
            from = source.end;
            let align = match alignments.get(column) {
                Some(TableAlignment::Left) => "left",
                Some(TableAlignment::Center) => "center",
                Some(TableAlignment::Right) => "right",
                _ => "",
            };
            cells.push(Cell { inline: self.inline(cell, &source), align });
        }
        cells
    }

    fn inline<'a>(&self, block: Node<'a>, source: &Range<usize>) -> Inline {
        let raw = if self.typed { RawTags::none() } else { RawTags::pair(block) };
        InlineReader::new(self.body, &self.lines, &self.footnotes, source.clone()).read(block, raw)
    }
}

fn alert_word(alert: &AlertType) -> &'static str {
    match alert {
        AlertType::Note => "note",
        AlertType::Tip => "tip",
        AlertType::Important => "important",
        AlertType::Warning => "warning",
        AlertType::Caution => "caution",
    }
}

/// Footnotes are numbered by their first reference, as the parser does.
fn footnote_numbers<'a>(root: Node<'a>) -> HashMap<String, u32> {
    let mut numbers = HashMap::new();
    for node in root.descendants() {
        if let NodeValue::FootnoteReference(reference) = &node.data().value {
            numbers.insert(reference.name.clone(), reference.ix);
        }
    }
    numbers
}

/// The title is shown above the body, so a first heading that repeats it is not part of the text.
fn drop_title(events: &mut Vec<Event>, title: &str) {
    let Some(Event { kind: EventKind::Heading { level: 1, inline }, .. }) = events.first() else { return };
    let same = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if same(&inline.text) == same(title) {
        events.remove(0);
    }
}

/// Gives headings and outermost blocks their anchors, and takes `{#custom-id}` off headings.
fn name(events: &mut [Event]) {
    let mut anchors = Anchors::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < events.len() {
        let outermost = depth == 0;
        match &mut events[at].kind {
            EventKind::Heading { .. } if !outermost => {}
            EventKind::Heading { level, inline } => {
                let custom = custom_id(inline);
                let level = *level;
                let text = inline.text.clone();
                events[at].anchor = Some(anchors.heading(level, &text, custom.as_deref()));
            }
            EventKind::Close(_) => depth = depth.saturating_sub(1),
            kind => {
                if matches!(kind, EventKind::Open(_)) {
                    depth += 1;
                }
                if outermost && !matches!(kind, EventKind::Rule) {
                    let text = block_text(&events[at..]);
                    events[at].anchor = Some(anchors.block(&text));
                }
            }
        }
        at += 1;
    }
}

/// Takes Docusaurus' and kramdown's `{#custom-id}` off the end of a heading.
fn custom_id(inline: &mut Inline) -> Option<String> {
    let trimmed = inline.text.trim_end();
    let open = trimmed.rfind("{#")?;
    let id = trimmed[open + 2..].strip_suffix('}')?.to_owned();
    let valid = !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c));
    if !valid {
        return None;
    }
    let text = trimmed[..open].trim_end();
    let unclosed = text.trim_end_matches('#');
    let text = if unclosed.ends_with(char::is_whitespace) { unclosed.trim_end() } else { text };
    let len = text.len();
    if len == 0 {
        return None;
    }
    inline.truncate(len);
    Some(id)
}

/// The text of the block that starts the list.
fn block_text(events: &[Event]) -> String {
    let mut text = String::new();
    let mut depth = 0_usize;
    for event in events {
        match &event.kind {
            EventKind::Open(_) => depth += 1,
            EventKind::Close(_) => depth = depth.saturating_sub(1),
            EventKind::Heading { inline, .. }
            | EventKind::Paragraph { inline, .. }
            | EventKind::Code { inline, .. } => {
                text.push_str(&inline.text);
                text.push('\n');
            }
            EventKind::Row { cells, .. } => {
                for cell in cells {
                    text.push_str(&cell.inline.text);
                    text.push('\n');
                }
            }
            EventKind::Rule => {}
        }
        if depth == 0 {
            break;
        }
    }
    text
}
