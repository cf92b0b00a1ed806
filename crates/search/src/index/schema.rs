//! The fields of the index. Articles and passages are documents of their own; no field is shared, so that each field's
//! average length is that of its kind.

use domain::{ArticleId, Locale};
use sha2::{Digest as _, Sha256};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

/// Changes whenever the fields, the analysis or the documents change; an index of another version is rebuilt.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// The fields by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// Article documents: hash of article id and locale; how they are replaced.
    pub(crate) key: Field,
    /// Passage documents: the same hash, for replacing.
    pub(crate) passage_of: Field,
    /// Passage documents: hash of the key and the ordinal; how one is found.
    pub(crate) passage: Field,
    /// Passage documents: the ordinal.
    pub(crate) ordinal: Field,
    /// Article documents: what the catalog keeps, as JSON.
    pub(crate) entry: Field,
    /// Passage documents: the passage and its source, as JSON.
    pub(crate) content: Field,
    pub(crate) title: Field,
    pub(crate) full: Field,
    pub(crate) grams: Field,
    pub(crate) text: Field,
}

impl Fields {
    pub(crate) fn schema() -> (Schema, Self) {
        let mut builder = Schema::builder();
        let number: NumericOptions = (INDEXED | FAST).into();
        let terms = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(true)
                .set_index_option(IndexRecordOption::WithFreqs);
            TextOptions::default().set_indexing_options(indexing)
        };
        let fields = Self {
            key: builder.add_u64_field("key", number.clone()),
            passage_of: builder.add_u64_field("passage_of", number.clone()),
            passage: builder.add_u64_field("passage", INDEXED),
            ordinal: builder.add_u64_field("ordinal", FAST),
            entry: builder.add_text_field("entry", STORED),
            content: builder.add_text_field("content", STORED),
            title: builder.add_text_field("title", terms()),
            full: builder.add_text_field("full", terms()),
            grams: builder.add_text_field("grams", terms()),
            text: builder.add_text_field("text", terms()),
        };
        (builder.build(), fields)
    }
}

/// The key of an article in a locale: 64 bits of a hash. Among ten million keys the chance of one collision is
/// under one in a hundred thousand.
pub(crate) fn key_of(article_id: &ArticleId, locale: &Locale) -> u64 {
    hash(&[article_id.as_str().as_bytes(), b"\0", locale.as_str().as_bytes()])
}

/// The key of a passage.
pub(crate) fn passage_key(key: u64, ordinal: u32) -> u64 {
    hash(&[&key.to_le_bytes(), &ordinal.to_le_bytes()])
}

fn hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}
