//! What is kept in memory of each indexed article: enough to filter, to fuse and to show it.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{ArticleId, Audience, Locale, Readable, VersionId};
use language::Language;
use serde::{Deserialize, Serialize};

use crate::text::VectorKind;

/// An article in one locale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) key: u64,
    pub(crate) article_id: ArticleId,
    pub(crate) version_id: VersionId,
    pub(crate) locale: Locale,
    /// The language its text is in, which need not be that of the locale.
    pub(crate) language: String,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) collection_slug: Option<String>,
    pub(crate) collection: Option<String>,
    pub(crate) audience: Audience,
    pub(crate) external_id: Option<String>,
    pub(crate) n_words: usize,
    pub(crate) n_passages: usize,
    /// What has a vector, and the hash of its text.
    pub(crate) vectors: Vec<(VectorKind, String)>,
}

/// Every indexed article. Slots are stable while the process runs; a slot that was emptied is used again.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    slots: Vec<Option<Entry>>,
    by_key: HashMap<u64, usize>,
    free: Vec<usize>,
    n_passages: usize,
    languages: BTreeMap<String, LanguageCount>,
    /// How many articles each collection has, by its title.
    collections: BTreeMap<String, usize>,
}

#[derive(Debug, Default)]
struct LanguageCount {
    /// Articles whose text is in it.
    n: usize,
    /// Those among them whose locale says so too.
    n_declared: usize,
}

/// Of how many articles one must be in a language for it to be expected of a query, where no locale declares it: what
/// the detector makes of lists and code is wrong once in a while.
const LANGUAGE_SHARE: usize = 50;

impl Catalog {
    /// Puts an entry, in place of the one with the same key.
    pub(crate) fn put(&mut self, entry: Entry) {
        self.remove(entry.key);
        self.n_passages += entry.n_passages;
        let language = self.languages.entry(entry.language.clone()).or_default();
        language.n += 1;
        language.n_declared += usize::from(entry.locale.language() == entry.language);
        if let Some(name) = &entry.collection {
            *self.collections.entry(name.clone()).or_default() += 1;
        }
        let key = entry.key;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = Some(entry);
                slot
            }
            None => {
                self.slots.push(Some(entry));
                self.slots.len() - 1
            }
        };
        self.by_key.insert(key, slot);
    }

    pub(crate) fn remove(&mut self, key: u64) {
        let Some(slot) = self.by_key.remove(&key) else { return };
        if let Some(entry) = self.slots[slot].take() {
            self.n_passages -= entry.n_passages;
            if let Some(language) = self.languages.get_mut(&entry.language) {
                language.n -= 1;
                language.n_declared -= usize::from(entry.locale.language() == entry.language);
            }
            if let Some(name) = &entry.collection
                && let Some(n) = self.collections.get_mut(name)
            {
                *n -= 1;
                if *n == 0 {
                    self.collections.remove(name);
                }
            }
        }
        self.free.push(slot);
    }

    pub(crate) fn slot(&self, key: u64) -> Option<usize> {
        self.by_key.get(&key).copied()
    }

    pub(crate) fn get(&self, slot: usize) -> Option<&Entry> {
        self.slots.get(slot).and_then(Option::as_ref)
    }

    /// One more than the highest slot in use.
    pub(crate) fn n_slots(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(crate) fn n_passages(&self) -> usize {
        self.n_passages
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().flatten()
    }

    /// The languages there are articles in, the most frequent first; ties by code.
    pub(crate) fn languages(&self) -> Vec<Language> {
        let is_expected = |count: &LanguageCount| {
            count.n > 0 && (count.n_declared > 0 || count.n * LANGUAGE_SHARE >= self.len())
        };
        let mut counts: Vec<(&String, usize)> = self
            .languages
            .iter()
            .filter(|(_, count)| is_expected(count))
            .map(|(code, count)| (code, count.n))
            .collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts.into_iter().filter_map(|(code, _)| Language::parse(code)).collect()
    }

    /// How many articles are in a language.
    pub(crate) fn n_in(&self, language: Language) -> usize {
        self.languages.get(language.as_str()).map_or(0, |count| count.n)
    }

    /// The titles of the collections, each with the number of its articles.
    pub(crate) fn collections(&self) -> impl Iterator<Item = (&str, usize)> {
        self.collections.iter().map(|(name, &n)| (name.as_str(), n))
    }

    /// The slots with the highest scores above `floor`; ties by key, which does not depend on what was indexed when.
    pub(crate) fn best<S: Copy + PartialOrd>(&self, scores: &[S], floor: S, n: usize) -> Vec<usize> {
        let key = |slot: usize| self.get(slot).map_or(u64::MAX, |entry| entry.key);
        let higher_first = |&a: &usize, &b: &usize| {
            let by_score = scores[b].partial_cmp(&scores[a]).unwrap_or(std::cmp::Ordering::Equal);
            by_score.then_with(|| key(a).cmp(&key(b)))
        };
        let mut found: Vec<usize> = (0..scores.len()).filter(|&slot| scores[slot] > floor).collect();
        if found.len() > n && n > 0 {
            found.select_nth_unstable_by(n - 1, higher_first);
            found.truncate(n);
        }
        found.sort_by(higher_first);
        found
    }

    /// For each slot, whether it may be found: its audience is readable, it is of the collection, and its locale is one
    /// that was asked for (or none of those has any article).
    pub(crate) fn allowed(
        &self,
        readable: &Readable,
        collection: Option<&str>,
        wanted_languages: &[&str],
    ) -> Vec<bool> {
        let may = |entry: &Entry| {
            readable.includes(&entry.audience)
                && collection.is_none_or(|slug| entry.collection_slug.as_deref() == Some(slug))
        };
        let speaks = |entry: &Entry| wanted_languages.contains(&entry.locale.language());
        // An article is found in another language only when it is not published in a wanted one.
        let in_wanted: HashSet<&ArticleId> =
            self.entries().filter(|entry| speaks(entry)).map(|entry| &entry.article_id).collect();
        self.slots
            .iter()
            .map(|slot| {
                slot.as_ref().is_some_and(|entry| {
                    may(entry) && (speaks(entry) || !in_wanted.contains(&entry.article_id))
                })
            })
            .collect()
    }
}
