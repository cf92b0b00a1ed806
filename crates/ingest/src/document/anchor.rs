//! Fragments: stable, unique names for the headings and blocks of one document.

use std::collections::HashMap;

use domain::slugify;

use crate::content_hash;

/// The fragment of what stands before the first heading. Browsers scroll `#top` to the start of any page
/// (WHATWG HTML, "scrolling to a fragment"), so it needs no element.
pub(crate) const TOP: &str = "top";

/// How many hexadecimal digits of a block's hash its anchor carries: 24 bits tell the blocks of a section apart,
/// and a clash only costs a counter.
const HASH_DIGITS: usize = 6;

/// Hands out anchors in reading order.
///
/// A heading's is its slug; where that is taken, its parent's slug comes first, then a counter.
/// A block's is its section's anchor and a hash of its text: edits elsewhere leave it alone.
pub(crate) struct Anchors {
    /// Each anchor handed out, with the counter that the next one of that name gets.
    used: HashMap<String, usize>,
    path: Vec<(u8, String)>,
}

impl Anchors {
    /// None handed out yet.
    pub(crate) fn new() -> Self {
        Self { used: HashMap::from([(TOP.to_owned(), 2)]), path: Vec::new() }
    }

    /// Opens a section and names its heading. `custom` is what the author wrote as `{#custom}`.
    pub(crate) fn heading(&mut self, level: u8, text: &str, custom: Option<&str>) -> String {
        while self.path.last().is_some_and(|(above, _)| *above >= level) {
            self.path.pop();
        }
        let slug = match slugify(custom.unwrap_or(text)) {
            slug if slug.is_empty() => "section".to_owned(),
            slug => slug,
        };
        let anchor = if self.used.contains_key(&slug) {
            let qualified = match self.path.last() {
                Some((_, parent)) => format!("{parent}-{slug}"),
                None => slug,
            };
            self.unique(qualified)
        } else {
            self.unique(slug)
        };
        self.path.push((level, anchor.clone()));
        anchor
    }

    /// Names a block of the current section by its text.
    pub(crate) fn block(&mut self, text: &str) -> String {
        let section = self.path.last().map_or(TOP, |(_, anchor)| anchor.as_str());
        let hash = content_hash(text);
        let anchor = format!("{section}-{}", &hash[..HASH_DIGITS]);
        self.unique(anchor)
    }

    fn unique(&mut self, wanted: String) -> String {
        let Some(&counter) = self.used.get(&wanted) else {
            self.used.insert(wanted.clone(), 2);
            return wanted;
        };
        let mut n = counter;
        let mut anchor = format!("{wanted}-{n}");
        while self.used.contains_key(&anchor) {
            n += 1;
            anchor = format!("{wanted}-{n}");
        }
        self.used.insert(wanted, n + 1);
        self.used.insert(anchor.clone(), 2);
        anchor
    }
}
