//! A ticket's thread: what was said to the bot, then replies, notes and events, in the order of time.

use desk::{HistoryRow, MergedThread, TicketView};
use domain::{
    Attachment, Author, Locale, MergeSight, Message, MessageKind, StopReason, TicketField, Timestamp, Turn,
    TurnContent, WaitingReply,
};

use crate::{
    address,
    dates::{When, iso},
    help::{BotView, FileLink},
    markup::{self, Html},
};

/// One entry of the thread.
pub(crate) struct ThreadEntry {
    pub(crate) who: String,
    pub(crate) when: When,
    pub(crate) body: ThreadBody,
    pub(crate) files: Vec<FileLink>,
}

/// What kind of entry it is.
pub(crate) enum ThreadBody {
    Customer {
        text: Html,
    },
    Bot {
        turn: BotView,
    },
    Reply {
        text: Html,
    },
    Note {
        text: Html,
    },
    Event {
        text: String,
    },
    /// A reply that is not sent yet.
    Waiting {
        text: Html,
        notice: String,
        id: String,
    },
}

/// The thread of a ticket. The customer's words stand in the conversation and, from the hand-over on, also in the
/// ticket; each is shown once.
pub(crate) fn thread(view: &TicketView, customer: &str, now: Timestamp, locale: &Locale) -> Vec<ThreadEntry> {
    let mut unmatched: Vec<&str> = view
        .messages
        .iter()
        .filter(|message| message.author == Author::Customer)
        .map(|message| message.body.trim())
        .collect();
    let mut entries: Vec<(Timestamp, ThreadEntry)> = Vec::new();
    for turn in &view.turns {
        if let TurnContent::Customer { text } = &turn.content
            && turn.created_at >= view.ticket.created_at
            && let Some(at) = unmatched.iter().position(|body| *body == text.trim())
        {
            unmatched.swap_remove(at);
            continue;
        }
        if let Some(entry) = of_turn(turn, customer, now, locale) {
            entries.push((turn.created_at, entry));
        }
    }
    for thread in &view.merged {
        entries.extend(of_merged(thread, view, customer, now, locale));
    }
    entries.extend(view.messages.iter().map(|message| {
        let files = files(view.attachments.of(&message.id));
        (message.created_at, ThreadEntry { files, ..of_message(message, customer, now) })
    }));
    entries.extend(view.history.iter().map(|row| (row.entry.at, of_change(row, customer, now))));
    // Stable: at the same moment the question stays before its answer.
    entries.sort_by_key(|(at, _)| *at);
    let waiting = view.waiting.iter().map(|reply| of_waiting(view, reply, now));
    entries.into_iter().map(|(_, entry)| entry).chain(waiting).collect()
}

/// What waits stands after everything that was said.
fn of_waiting(view: &TicketView, reply: &WaitingReply, now: Timestamp) -> ThreadEntry {
    let mut notice = match reply.stopped {
        None => format!("to be sent {}", iso(reply.send_at)),
        Some(StopReason::AuthorGone) => "not sent: who wrote it may no longer write here".to_owned(),
        Some(StopReason::TicketClosed) => "not sent: the ticket is closed".to_owned(),
    };
    if reply.customer_wrote_at.is_some() {
        notice.push_str(" · the customer wrote meanwhile");
    }
    let text = markup::formatted(&reply.body, reply.html.as_deref());
    ThreadEntry {
        who: reply.writer_name.clone(),
        when: When::new(reply.created_at, now),
        body: ThreadBody::Waiting { text, notice, id: reply.id.to_string() },
        files: files(view.attachments.of(&reply.id)),
    }
}

fn files(attachments: &[Attachment]) -> Vec<FileLink> {
    attachments.iter().map(|file| FileLink::new(file, address::attachment(file))).collect()
}

/// What was said in a ticket that was merged, with where it was said.
fn of_merged(
    merged: &MergedThread,
    view: &TicketView,
    customer: &str,
    now: Timestamp,
    locale: &Locale,
) -> Vec<(Timestamp, ThreadEntry)> {
    let number = merged.ticket.number;
    let who = match merged.sight {
        MergeSight::Shared => customer,
        MergeSight::Internal => "Customer",
    };
    let mut unmatched: Vec<&str> = merged
        .messages
        .iter()
        .filter(|message| message.author == Author::Customer)
        .map(|message| message.body.trim())
        .collect();
    let mut entries = vec![];
    for turn in &merged.turns {
        if let TurnContent::Customer { text } = &turn.content
            && let Some(at) = unmatched.iter().position(|body| *body == text.trim())
        {
            unmatched.swap_remove(at);
            continue;
        }
        entries.extend(of_turn(turn, who, now, locale).map(|entry| (turn.created_at, entry)));
    }
    entries.extend(merged.messages.iter().map(|message| {
        let files = files(view.attachments.of(&message.id));
        (message.created_at, ThreadEntry { files, ..of_message(message, who, now) })
    }));
    for (_, entry) in &mut entries {
        entry.who = format!("{}, in #{number}", entry.who);
    }
    entries
}

/// An agent's turn is the ticket's reply again, and is left to it.
fn of_turn(turn: &Turn, customer: &str, now: Timestamp, locale: &Locale) -> Option<ThreadEntry> {
    let (who, body) = match &turn.content {
        TurnContent::Customer { text } => {
            (customer.to_owned(), ThreadBody::Customer { text: markup::plain(text) })
        }
        TurnContent::Bot { turn: bot, .. } => {
            ("Bot".to_owned(), ThreadBody::Bot { turn: BotView::new(turn.id.as_str(), bot, locale) })
        }
        TurnContent::Agent { .. } => return None,
    };
    Some(ThreadEntry { who, when: When::new(turn.created_at, now), body, files: vec![] })
}

fn of_change(row: &HistoryRow, customer: &str, now: Timestamp) -> ThreadEntry {
    let entry = |text: String| ThreadEntry {
        who: name(&row.entry.by, customer),
        when: When::new(row.entry.at, now),
        body: ThreadBody::Event { text },
        files: vec![],
    };
    let field = match &row.entry.field {
        TicketField::Status => "Status",
        TicketField::Priority => "Priority",
        TicketField::Team => "Team",
        TicketField::Assignee => "Assignee",
        TicketField::Customer => "Customer",
        TicketField::Organisation => "Organisation",
        TicketField::Tags => "Tags",
        TicketField::CustomStatus => "Status",
        TicketField::SnoozedUntil => "Snoozed until",
        TicketField::MergedInto => "Merged into",
        TicketField::Merged => "Merged",
        TicketField::Split => "Split",
        TicketField::Links => "Links",
        TicketField::Followers => "Followers",
        TicketField::Cc => "In copy",
        TicketField::Checklist => "Checklist",
        TicketField::ChecklistRequired => "Checklist required",
        TicketField::Custom(key) => key.as_str(),
        TicketField::Rule => return entry(row.to.clone().unwrap_or_default()),
        TicketField::BulkJob => {
            let what = if row.to.is_some() { "Bulk job" } else { "Bulk job undone" };
            return entry(what.to_owned());
        }
        TicketField::Macro => return entry(format!("Macro: {}", row.to.as_deref().unwrap_or_default())),
    };
    let none = match row.entry.field {
        TicketField::Assignee | TicketField::Customer | TicketField::Followers => "nobody",
        _ => "none",
    };
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| none.to_owned());
    let text = format!("{field}: {} → {}", value(&row.from), value(&row.to));
    entry(text)
}

fn name(author: &Author, customer: &str) -> String {
    match author {
        Author::Customer => customer.to_owned(),
        Author::Bot => "Bot".to_owned(),
        Author::Agent { name, .. } => name.clone(),
        Author::System => "Askwell".to_owned(),
        Author::Rule { name, .. } => format!("Rule: {name}"),
    }
}

fn of_message(message: &Message, customer: &str, now: Timestamp) -> ThreadEntry {
    let body = match (message.kind, &message.author) {
        (MessageKind::Event, _) => ThreadBody::Event { text: message.body.clone() },
        (MessageKind::Note, _) => ThreadBody::Note { text: markup::of_message(message) },
        (MessageKind::Reply, Author::Customer) => ThreadBody::Customer { text: markup::of_message(message) },
        (MessageKind::Reply, _) => ThreadBody::Reply { text: markup::of_message(message) },
    };
    let when = When::new(message.created_at, now);
    ThreadEntry { who: name(&message.author, customer), when, body, files: vec![] }
}
