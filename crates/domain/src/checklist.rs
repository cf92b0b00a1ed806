//! What is to be done about a ticket, item by item.

use serde::{Deserialize, Serialize};

use crate::{Required, Timestamp};

/// Most items of a checklist: longer lists are tickets of their own.
pub const CHECKLIST_ITEMS_MAX: usize = 50;
/// Longest text of an item, in bytes: a line.
pub const CHECKLIST_TEXT_BYTES_MAX: usize = 500;

/// Items in the order in which they are to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    /// The items.
    pub items: Vec<ChecklistItem>,
    /// When all must be done.
    pub required: Required,
}

impl Default for Checklist {
    fn default() -> Self {
        Self { items: vec![], required: Required::Never }
    }
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// What programs name it by.
    pub id: String,
    /// What is to be done.
    pub text: String,
    /// Who did it and when; absent until then.
    pub done: Option<ItemDone>,
}

/// That an item is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemDone {
    /// When.
    pub at: Timestamp,
    /// Who said so, by name.
    pub by: String,
}

impl ChecklistItem {
    /// The item as the history tells it: `[x] Call the carrier`.
    pub fn line(&self) -> String {
        format!("[{}] {}", if self.done.is_some() { "x" } else { " " }, self.text)
    }
}

impl Checklist {
    /// Whether it keeps its ticket from being solved or closed.
    pub fn holds_back(&self) -> bool {
        self.required == Required::OnSolve && self.items.iter().any(|item| item.done.is_none())
    }

    /// The items in which another state of this list differs, as the history tells them, here and there. A list in another
    /// order differs in none.
    pub fn changes(&self, after: &Self) -> Vec<(Option<String>, Option<String>)> {
        let find =
            |list: &Self, id: &str| list.items.iter().find(|item| item.id == id).map(ChecklistItem::line);
        let gone = self.items.iter().filter(|item| after.items.iter().all(|other| other.id != item.id));
        let pairs = gone
            .map(|item| (Some(item.line()), None))
            .chain(after.items.iter().map(|item| (find(self, &item.id), Some(item.line()))));
        pairs.filter(|(from, to)| from != to).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, text: &str, is_done: Option<i64>) -> ChecklistItem {
        let done = is_done.map(|at| ItemDone { at: Timestamp(at), by: "Ada".to_owned() });
        ChecklistItem { id: id.to_owned(), text: text.to_owned(), done }
    }

    #[test]
    fn a_list_tells_what_changed_in_it() {
        let before = Checklist {
            items: vec![item("a", "Call", None), item("b", "Pay", None), item("c", "Write", None)],
            required: Required::OnSolve,
        };
        let after = Checklist {
            items: vec![item("c", "Write", None), item("a", "Call", Some(1)), item("d", "New", None)],
            ..before.clone()
        };
        let line = |text: &str| Some(text.to_owned());
        let expected =
            [(line("[ ] Pay"), None), (line("[ ] Call"), line("[x] Call")), (None, line("[ ] New"))];
        assert_eq!(before.changes(&after), expected);
        assert!(before.changes(&before).is_empty());
        assert!(before.holds_back() && after.holds_back());
        assert!(!Checklist { required: Required::Never, ..before }.holds_back());
        let done = Checklist { items: vec![item("a", "Call", Some(1))], required: Required::OnSolve };
        assert!(!done.holds_back() && !Checklist::default().holds_back());
    }
}
