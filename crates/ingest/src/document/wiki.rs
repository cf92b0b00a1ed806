//! Numbered lists in wiki notation: `# Do this` on line after line, which Markdown takes for headings.

use super::{Container, Event, EventKind, Inline};

/// Turns headings that are steps into numbered lists, which count on from `n_lists`.
///
/// Nobody writes headings of level 1 on adjacent lines, and none after the first in a page ends in a full stop.
pub(super) fn read_steps(body: &str, events: Vec<Event>, n_lists: u32) -> Vec<Event> {
    let lists = lists(body, &events, n_lists);
    if lists.iter().all(Option::is_none) {
        return events;
    }
    let mut out = Vec::with_capacity(events.len() + lists.len());
    for (index, event) in events.into_iter().enumerate() {
        let source = event.source.clone();
        match (lists[index], event.kind) {
            (Some(number), EventKind::Heading { inline, .. }) => {
                let list = Container::List { number, start: Some(1) };
                let item = Container::Item { task: None };
                let mut push = |kind| out.push(Event { kind, source: source.clone(), anchor: None });
                if index == 0 || lists[index - 1] != Some(number) {
                    push(EventKind::Open(list));
                }
                push(EventKind::Open(item));
                push(EventKind::Paragraph { inline, tight: true });
                push(EventKind::Close(item));
                if lists.get(index + 1) != Some(&Some(number)) {
                    push(EventKind::Close(list));
                }
            }
            (_, kind) => out.push(Event { kind, source, anchor: event.anchor }),
        }
    }
    out
}

/// For each event the number of the list that it is a step of.
fn lists(body: &str, events: &[Event], n_lists: u32) -> Vec<Option<u32>> {
    let mut lists: Vec<Option<u32>> = vec![None; events.len()];
    let mut number = n_lists;
    let mut depth = 0_usize;
    for (index, event) in events.iter().enumerate() {
        match &event.kind {
            EventKind::Open(_) => depth += 1,
            EventKind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        let Some(inline) = step(event).filter(|_| depth == 0) else { continue };
        let joins = index > 0 && is_adjacent(body, &events[index - 1], event);
        let stops = index > 0 && inline.text.trim_end().ends_with('.') && inline.text.contains(' ');
        if joins {
            let joined = *lists[index - 1].get_or_insert_with(|| {
                number += 1;
                number - 1
            });
            lists[index] = Some(joined);
        } else if stops {
            lists[index] = Some(number);
            number += 1;
        }
    }
    lists
}

fn step(event: &Event) -> Option<&Inline> {
    match &event.kind {
        EventKind::Heading { level: 1, inline } => Some(inline),
        _ => None,
    }
}

/// Whether two headings of level 1 stand on adjacent lines.
fn is_adjacent(body: &str, before: &Event, after: &Event) -> bool {
    let gap = body.get(before.source.end..after.source.start).unwrap_or("\n\n");
    step(before).is_some() && gap.trim().is_empty() && gap.matches('\n').count() == 1
}
