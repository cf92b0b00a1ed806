//! Decides what each raw tag within a paragraph is: with its partner it is markup, alone it is something a person wrote.

use std::vec::IntoIter;

use comrak::nodes::{Node, NodeValue};

use super::inline::Mark;
use super::tags::{self, Raw, Tag};

/// How many open tags are remembered while looking for the one that a closing tag belongs to.
const OPEN_MAX: usize = 32;

/// What a raw tag does.
pub(super) enum RawTag {
    /// It is text.
    Text,
    /// It has no effect.
    Nothing,
    /// It ends the line.
    Break,
    /// It stands for a mark without text.
    Alone(Mark),
    /// It opens a mark.
    Open(Mark),
    /// It closes the mark that was opened last.
    Close,
    /// What follows is concealed.
    Hide,
    /// What follows is visible again.
    Show,
}

/// The raw tags of one block, in order.
pub(super) struct RawTags(IntoIter<RawTag>);

impl RawTags {
    /// No tag is markup: each is text.
    pub(super) fn none() -> Self {
        Self(Vec::new().into_iter())
    }

    /// Finds the tags of a block and their partners.
    pub(super) fn pair<'a>(block: Node<'a>) -> Self {
        let mut decided: Vec<RawTag> = Vec::new();
        let mut open: Vec<(usize, Tag, Node<'a>)> = Vec::new();
        for node in block.descendants() {
            let NodeValue::HtmlInline(html) = &node.data().value else { continue };
            let index = decided.len();
            match tags::read(html) {
                None => decided.push(RawTag::Text),
                Some((Raw::Tag(tag), _)) if tags::stands_alone(&tag.name) => decided.push(alone(&tag)),
                Some((Raw::Tag(tag), _)) if tag.closing => {
                    let window = open.len().saturating_sub(OPEN_MAX);
                    let partner = open[window..].iter().rposition(|(_, opened, _)| opened.name == tag.name);
                    let Some(position) = partner else {
                        decided.push(RawTag::Text);
                        continue;
                    };
                    open.truncate(window + position + 1);
                    let Some((opener, opened, beside)) = open.pop() else { continue };
                    let siblings = match (beside.parent(), node.parent()) {
                        (Some(one), Some(other)) => one.same_node(other),
                        _ => false,
                    };
                    let (start, end) = paired(&opened, siblings);
                    decided[opener] = start;
                    decided.push(end);
                }
                Some((Raw::Tag(tag), _)) => {
                    decided.push(RawTag::Text);
                    open.push((index, tag, node));
                }
                Some(_) => decided.push(RawTag::Nothing),
            }
        }
        Self(decided.into_iter())
    }

    /// The next tag in reading order.
    pub(super) fn next(&mut self) -> RawTag {
        self.0.next().unwrap_or(RawTag::Text)
    }
}

fn alone(tag: &Tag) -> RawTag {
    match tag.name.as_str() {
        "img" if !tag.hides => {
            let value = |name| tags::attribute(&tag.attributes, name).unwrap_or_default().to_owned();
            RawTag::Alone(Mark::Image { url: value("src"), alt: value("alt") })
        }
        "br" | "hr" | "p" | "li" | "tr" | "td" | "th" | "dt" | "dd" if !tag.closing => RawTag::Break,
        _ => RawTag::Nothing,
    }
}

/// What an opening tag and its closing one do. Only siblings may become marks: others would cross existing marks.
fn paired(tag: &Tag, siblings: bool) -> (RawTag, RawTag) {
    if tag.hides {
        return (RawTag::Hide, RawTag::Show);
    }
    let mark = match tag.name.as_str() {
        _ if !siblings => None,
        "b" | "strong" => Some(Mark::Strong),
        "i" | "em" | "cite" | "dfn" | "var" => Some(Mark::Emphasis),
        "s" | "del" | "strike" => Some(Mark::Strike),
        "code" | "samp" => Some(Mark::Code),
        "kbd" => Some(Mark::Element("kbd")),
        "sub" => Some(Mark::Element("sub")),
        "sup" => Some(Mark::Element("sup")),
        "u" | "ins" => Some(Mark::Element("u")),
        "a" => tags::attribute(&tag.attributes, "href")
            .map(|url| Mark::Link { url: url.to_owned(), title: String::new() }),
        _ => None,
    };
    match mark {
        Some(mark) => (RawTag::Open(mark), RawTag::Close),
        None => (RawTag::Nothing, RawTag::Nothing),
    }
}
