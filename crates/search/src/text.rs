//! What is indexed of an article, and which of its texts become vectors.

use domain::{ArticleId, Audience, Locale, Passage, VersionId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A published text as the index needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleText {
    /// The article.
    pub article_id: ArticleId,
    /// The version that readers see.
    pub version_id: VersionId,
    /// In which locale.
    pub locale: Locale,
    /// The article's address.
    pub slug: String,
    /// The version's title.
    pub title: String,
    /// Its collection's address.
    pub collection_slug: Option<String>,
    /// Its collection's title.
    pub collection: Option<String>,
    /// Who may read it.
    pub audience: Audience,
    /// Its id in the system it was imported from.
    pub external_id: Option<String>,
    /// Other ways in which people ask for it.
    pub questions: Vec<String>,
    /// What else it was called, or searched as by people who opened it. They help to find it like its title does; that
    /// it answers them is not sure.
    pub phrasings: Vec<String>,
    /// Its passages, in reading order.
    pub passages: Vec<Passage>,
    /// The version's Markdown.
    pub body: String,
}

/// A change of the index.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexedText {
    /// This text is readable now, in place of any other of its article and locale.
    Put(Box<ArticleText>),
    /// Nothing of this article is readable in this locale any more.
    Remove {
        /// The article.
        article_id: ArticleId,
        /// In which locale.
        locale: Locale,
    },
}

/// A text that needs a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorText {
    /// SHA-256 of the text, in hexadecimal: vectors are stored by it.
    pub hash: String,
    /// The text.
    pub text: String,
}

impl VectorText {
    /// A text with its hash.
    pub fn of(text: &str) -> Self {
        Self::new(text.to_owned())
    }

    fn new(text: String) -> Self {
        Self { hash: format!("{:x}", Sha256::digest(text.as_bytes())), text }
    }
}

/// What a vector stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum VectorKind {
    /// A passage, by its ordinal.
    Passage(u32),
    /// The title, or another phrasing.
    Title,
    /// An alternative question.
    Question,
}

impl ArticleText {
    /// The texts that become vectors, with what each stands for: the title, the phrasings, the questions, the passages.
    pub(crate) fn vector_texts(&self) -> Vec<(VectorKind, VectorText)> {
        let titles = std::iter::once(&self.title).chain(&self.phrasings);
        let mut texts: Vec<_> =
            titles.map(|title| (VectorKind::Title, VectorText::new(title.clone()))).collect();
        texts.extend(self.questions.iter().map(|q| (VectorKind::Question, VectorText::new(q.clone()))));
        for passage in &self.passages {
            let kind = VectorKind::Passage(passage.ordinal);
            texts.push((kind, VectorText::new(self.passage_text(passage))));
        }
        texts
    }

    /// A passage as it is searched: `Collection – Title – Heading – Heading`, a line end, the text.
    pub(crate) fn passage_text(&self, passage: &Passage) -> String {
        let path = self
            .collection
            .iter()
            .chain(std::iter::once(&self.title))
            .chain(passage.headings.iter())
            .map(String::as_str)
            .collect::<Vec<_>>();
        format!("{}\n{}", path.join(" – "), passage.text())
    }

    /// Title, questions, phrasings and body as one text, with the heading lines where they stand.
    pub(crate) fn full_text(&self) -> String {
        let mut lines: Vec<&str> = self.collection.as_deref().into_iter().collect();
        lines.push(&self.title);
        lines.extend(self.questions.iter().chain(&self.phrasings).map(String::as_str));
        let mut last: &[String] = &[];
        for passage in &self.passages {
            if passage.headings != last {
                lines.extend(passage.headings.last().map(String::as_str));
                last = &passage.headings;
            }
            lines.extend(passage.segments.iter().map(|segment| segment.text.as_str()));
        }
        lines.join("\n")
    }

    /// Words of the body; a character of a script without spaces counts as .6 of a word.
    pub(crate) fn n_words(&self) -> usize {
        self.passages.iter().flat_map(|passage| &passage.segments).map(|segment| n_words(&segment.text)).sum()
    }
}

fn n_words(text: &str) -> usize {
    let n_wide = text
        .chars()
        .filter(|&c| matches!(u32::from(c), 0xe00..=0xeff | 0x3040..=0x9fff | 0xac00..=0xd7af))
        .count();
    text.split_whitespace().count() + n_wide * 6 / 10
}
