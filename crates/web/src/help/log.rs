//! A conversation as its visitor sees it: the turns, and where it stands.

use askama::Template;
use desk::{Attachments, ConversationView};
use domain::{
    Attachment, BotTurn, Citation, ConversationState, Feedback, HandoffReason, Locale, Turn, TurnContent,
};

use crate::{
    address,
    markup::{self, Html},
    page::pages,
};

/// Where the ask panel is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// Beside an article.
    Side,
    /// On its own page.
    Page,
}

/// The ask panel: label, log, field, "talk to a human".
pub(crate) struct AskPanel {
    pub(crate) place: Panel,
    pub(crate) log: Log,
    /// What stands in the field, from a link that carries a question.
    pub(crate) question: String,
}

impl AskPanel {
    /// A panel without a conversation. Pages that can be cached carry this one; scripts fetch the conversation.
    pub(crate) fn empty(place: Panel) -> Self {
        Self { place, log: Log::empty(), question: String::new() }
    }

    pub(crate) fn is_side(&self) -> bool {
        self.place == Panel::Side
    }
}

/// A conversation's turns and its last word.
#[derive(Template)]
#[template(path = "help/log.html")]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry>,
    pub(crate) tail: Tail,
    /// Changes whenever a turn is added.
    pub(crate) n_turns: u32,
    /// Whether a person is on it, so that the page looks for their reply now and then.
    pub(crate) is_waiting: bool,
}

/// One utterance.
#[derive(Template)]
#[template(path = "help/entry.html")]
pub(crate) struct Entry {
    pub(crate) said: Said,
}

/// Who says what.
pub(crate) enum Said {
    You { text: Html },
    Bot { turn: BotView },
    Agent { name: String, text: Html, files: Vec<FileLink> },
}

/// A file of a message.
pub(crate) struct FileLink {
    pub(crate) name: String,
    pub(crate) href: String,
    /// In words, such as `1.2 MB`.
    pub(crate) size: String,
}

impl FileLink {
    pub(crate) fn new(file: &Attachment, href: String) -> Self {
        Self { name: file.name.clone(), href, size: size(file.n_bytes) }
    }
}

/// How large something is, for people: at most one digit after the point.
fn size(n_bytes: u64) -> String {
    match n_bytes {
        0..1_000 => format!("{n_bytes} B"),
        1_000..1_000_000 => format!("{} kB", n_bytes / 1_000),
        _ => format!("{}.{} MB", n_bytes / 1_000_000, n_bytes % 1_000_000 / 100_000),
    }
}

/// A bot turn.
pub(crate) struct BotView {
    pub(crate) id: String,
    pub(crate) body: Html,
    pub(crate) sources: Vec<Source>,
    /// Whether the sources support what is said, or are only what was looked at.
    pub(crate) is_answer: bool,
    pub(crate) options: Vec<String>,
    pub(crate) feedback: Option<&'static str>,
}

/// An article that a turn quotes, with every place that it quotes.
pub(crate) struct Source {
    pub(crate) title: String,
    pub(crate) href: String,
    pub(crate) quote: String,
    pub(crate) chips: Vec<Chip>,
}

/// A numbered link to a quote.
pub(crate) struct Chip {
    pub(crate) n: u32,
    pub(crate) href: String,
    pub(crate) quote: String,
}

/// What stands under the last turn.
#[derive(Template)]
#[template(path = "help/tail.html")]
pub(crate) struct Tail {
    pub(crate) kind: TailKind,
    /// What was typed into the form before it was refused, and why.
    pub(crate) form: FormState,
}

/// Where the conversation stands.
pub(crate) enum TailKind {
    /// The bot goes on.
    Nothing,
    /// The form that passes it to a person.
    Offer { lead: &'static str },
    /// A ticket carries it on.
    Ticket { number: i64, is_known: bool, human_spoke: bool },
    /// The visitor said that it was solved.
    Resolved,
}

/// What was typed, and what was wrong with it.
#[derive(Default)]
pub(crate) struct FormState {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) message: String,
    pub(crate) error: Option<String>,
}

pages!(Log, Entry, Tail);

impl Log {
    pub(crate) fn empty() -> Self {
        let tail = Tail { kind: TailKind::Nothing, form: FormState::default() };
        Self { entries: vec![], tail, n_turns: 0, is_waiting: false }
    }

    /// The whole conversation. `wants_human`: the visitor pressed "talk to a human".
    pub(crate) fn new(view: &ConversationView, wants_human: bool, default_locale: &Locale) -> Self {
        let is_open = view.ticket_number.is_none();
        Self {
            entries: view
                .turns
                .iter()
                .map(|turn| Entry::new(turn, &view.attachments, is_open, default_locale))
                .collect(),
            tail: Tail::new(view, wants_human),
            n_turns: view.conversation.n_turns,
            is_waiting: !is_open,
        }
    }
}

impl Entry {
    pub(crate) fn new(
        turn: &Turn,
        attachments: &Attachments,
        takes_feedback: bool,
        default_locale: &Locale,
    ) -> Self {
        let said = match &turn.content {
            TurnContent::Customer { text } => Said::You { text: markup::plain(text) },
            TurnContent::Agent { name, text, html, message_id, .. } => {
                let files = message_id.as_ref().map_or(&[][..], |id| attachments.of(id));
                Said::Agent {
                    name: name.clone(),
                    text: markup::formatted(text, html.as_deref()),
                    files: files
                        .iter()
                        .map(|file| FileLink::new(file, address::own_attachment(file)))
                        .collect(),
                }
            }
            TurnContent::Bot { turn: bot, .. } => {
                let mut view = BotView::new(turn.id.as_str(), bot, default_locale);
                view.feedback = match (turn.feedback, &bot) {
                    (Some(Feedback::Helpful), _) => Some("helpful"),
                    (Some(Feedback::Unhelpful), _) => Some("unhelpful"),
                    (None, BotTurn::Answer { .. }) if takes_feedback => Some("wanted"),
                    _ => None,
                };
                Said::Bot { turn: view }
            }
        };
        Self { said }
    }
}

impl BotView {
    pub(crate) fn new(id: &str, turn: &BotTurn, default_locale: &Locale) -> Self {
        let (body, options) = match turn {
            BotTurn::Answer { sentences, citations, .. } => {
                (markup::answer(sentences, citations, default_locale), vec![])
            }
            BotTurn::Clarify { text, options, .. } => {
                (markup::message(text), options.iter().map(|option| option.title.clone()).collect())
            }
            BotTurn::HandOff { text, .. } => (markup::message(text), vec![]),
        };
        Self {
            id: id.to_owned(),
            body,
            sources: sources(turn.citations(), default_locale),
            is_answer: matches!(turn, BotTurn::Answer { .. }),
            options,
            feedback: None,
        }
    }
}

/// Citations grouped by article, in order of appearance.
pub(crate) fn sources(citations: &[Citation], default_locale: &Locale) -> Vec<Source> {
    let mut sources: Vec<(&str, Source)> = Vec::new();
    for citation in citations {
        let href = address::quote(citation, default_locale);
        let chip = Chip { n: citation.n, href: href.clone(), quote: markup::quote(&citation.quote) };
        match sources.iter_mut().find(|(slug, _)| *slug == citation.slug) {
            Some((_, source)) => source.chips.push(chip),
            None => sources.push((
                &citation.slug,
                Source {
                    title: citation.title.clone(),
                    href,
                    quote: markup::quote(&citation.quote),
                    chips: vec![chip],
                },
            )),
        }
    }
    sources.into_iter().map(|(_, source)| source).collect()
}

impl Tail {
    pub(crate) fn new(view: &ConversationView, wants_human: bool) -> Self {
        let kind = match (&view.conversation.state, view.ticket_number) {
            (ConversationState::Ticketed { human_spoke, .. }, Some(number)) => TailKind::Ticket {
                number,
                is_known: view.conversation.customer_id.is_some(),
                human_spoke: *human_spoke,
            },
            (ConversationState::HandingOff { handoff }, _) => TailKind::Offer { lead: lead(&handoff.reason) },
            _ if wants_human => TailKind::Offer { lead: lead(&HandoffReason::Asked) },
            (ConversationState::Resolved, _) => TailKind::Resolved,
            _ => TailKind::Nothing,
        };
        Self { kind, form: FormState::default() }
    }

    /// The form before there is a conversation.
    pub(crate) fn offer() -> Self {
        Self { kind: TailKind::Offer { lead: lead(&HandoffReason::Asked) }, form: FormState::default() }
    }
}

fn lead(reason: &HandoffReason) -> &'static str {
    match reason {
        HandoffReason::Asked => "A person will read everything said here and answer.",
        HandoffReason::Unhelpful => "That did not help twice. A person will take it from here.",
        HandoffReason::Abstained => "Nothing we have written answers this. A person can.",
        HandoffReason::Policy { .. } => "This is something people decide, not a bot.",
        HandoffReason::Failure => "Something failed on our side. A person will look at it.",
    }
}
