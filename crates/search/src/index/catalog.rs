//! What is kept in memory of each indexed article: enough to filter, to fuse and to show it.

use std::collections::{BTreeMap, HashMap};

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
    /// The slots of an article, one for each locale.
    by_article: HashMap<ArticleId, Vec<usize>>,
    /// What decides who may find an entry, numbered; and each slot's number. There are few, and a search asks about
    /// every slot.
    classes: HashMap<Class, usize>,
    class_of: Vec<usize>,
    free: Vec<usize>,
    n_passages: usize,
    languages: BTreeMap<String, LanguageCount>,
    /// How many articles each collection has, by its title.
    collections: BTreeMap<String, usize>,
}

/// What entries have in common that the same askers may find.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Class {
    audience: Audience,
    collection_slug: Option<String>,
    /// The language of the locale.
    language: String,
}

impl Class {
    fn of(entry: &Entry) -> Self {
        Self {
            audience: entry.audience.clone(),
            collection_slug: entry.collection_slug.clone(),
            language: entry.locale.language().to_owned(),
        }
    }
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
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.class_of.push(0);
            self.slots.len() - 1
        });
        let n_classes = self.classes.len();
        self.class_of[slot] = *self.classes.entry(Class::of(&entry)).or_insert(n_classes);
        self.by_key.insert(entry.key, slot);
        self.by_article.entry(entry.article_id.clone()).or_default().push(slot);
        self.slots[slot] = Some(entry);
    }

    pub(crate) fn remove(&mut self, key: u64) {
        let Some(slot) = self.by_key.remove(&key) else { return };
        if let Some(entry) = self.slots[slot].take() {
            self.n_passages -= entry.n_passages;
            if let Some(slots) = self.by_article.get_mut(&entry.article_id) {
                slots.retain(|&other| other != slot);
                if slots.is_empty() {
                    self.by_article.remove(&entry.article_id);
                }
            }
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

    /// The slots of an article, one for each locale.
    pub(crate) fn slots_of(&self, article: &ArticleId) -> &[usize] {
        self.by_article.get(article).map(Vec::as_slice).unwrap_or_default()
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
        let mut may = vec![false; self.classes.len()];
        let mut speaks = may.clone();
        for (class, &number) in &self.classes {
            may[number] = readable.includes(&class.audience)
                && collection.is_none_or(|slug| class.collection_slug.as_deref() == Some(slug));
            speaks[number] = wanted_languages.contains(&class.language.as_str());
        }
        // An article is found in another language only when it is not published in a wanted one.
        let is_in_wanted = |entry: &Entry| {
            let slots = self.by_article.get(&entry.article_id);
            slots.is_some_and(|slots| slots.iter().any(|&slot| speaks[self.class_of[slot]]))
        };
        let slots = self.slots.iter().zip(&self.class_of);
        slots
            .map(|(slot, &class)| {
                let Some(entry) = slot else { return false };
                may[class] && (speaks[class] || !is_in_wanted(entry))
            })
            .collect()
    }
}
