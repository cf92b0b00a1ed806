//! The documents of an article: one for the whole, one for each passage.

use domain::Passage;
use language::{Language, ScriptClass, Term};
use serde::{Deserialize, Serialize};
use tantivy::{
    TantivyDocument,
    schema::Field,
    tokenizer::{PreTokenizedString, Token},
};

use super::{Entry, Fields, key_of, passage_key};
use crate::{ArticleText, SearchError};

/// A passage as it is stored in the index.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredPassage {
    pub(crate) passage: Passage,
    /// The body between the passage's start and end.
    pub(crate) source: String,
    /// Characters of the body before it.
    pub(crate) source_start_chars: usize,
}

/// What the catalog keeps of a text.
pub(crate) fn entry(text: &ArticleText, language: Language) -> Entry {
    Entry {
        key: key_of(&text.article_id, &text.locale),
        article_id: text.article_id.clone(),
        version_id: text.version_id.clone(),
        locale: text.locale.clone(),
        language: language.as_str().to_owned(),
        slug: text.slug.clone(),
        title: text.title.clone(),
        collection_slug: text.collection_slug.clone(),
        collection: text.collection.clone(),
        audience: text.audience.clone(),
        external_id: text.external_id.clone(),
        n_words: text.n_words(),
        n_passages: text.passages.len(),
        vectors: text.vector_texts().into_iter().map(|(kind, text)| (kind, text.hash)).collect(),
    }
}

pub(crate) fn article_document(
    fields: &Fields,
    text: &ArticleText,
    language: Language,
) -> Result<(TantivyDocument, Entry), SearchError> {
    let entry = entry(text, language);
    let mut document = TantivyDocument::default();
    document.add_u64(fields.key, entry.key);
    document.add_text(fields.entry, json(&entry)?);
    let title = [std::slice::from_ref(&text.title), &text.questions].concat().join("\n");
    add_terms(&mut document, fields.title, language::analyze(&title, language));
    let full = text.full_text();
    add_terms(&mut document, fields.full, language::analyze(&full, language));
    if language.class() != ScriptClass::English {
        add_terms(&mut document, fields.grams, language::grams(&full, language));
    }
    Ok((document, entry))
}

pub(crate) fn passage_document(
    fields: &Fields,
    text: &ArticleText,
    key: u64,
    passage: &Passage,
    source_start_chars: usize,
    language: Language,
) -> Result<TantivyDocument, SearchError> {
    let stored = StoredPassage {
        passage: passage.clone(),
        source: text.body.get(passage.start..passage.end).unwrap_or_default().to_owned(),
        source_start_chars,
    };
    let mut document = TantivyDocument::default();
    document.add_u64(fields.passage_of, key);
    document.add_u64(fields.passage, passage_key(key, passage.ordinal));
    document.add_u64(fields.ordinal, u64::from(passage.ordinal));
    document.add_text(fields.content, json(&stored)?);
    add_terms(&mut document, fields.text, language::analyze(&text.passage_text(passage), language));
    Ok(document)
}

fn add_terms(document: &mut TantivyDocument, field: Field, terms: Vec<Term>) {
    let tokens = terms
        .into_iter()
        .map(|term| Token {
            offset_from: term.start,
            offset_to: term.end,
            position: term.position,
            text: term.text,
            position_length: 1,
        })
        .collect();
    document.add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
}

fn json(value: &impl Serialize) -> Result<String, SearchError> {
    serde_json::to_string(value)
        .map_err(|error| SearchError::Index(tantivy::TantivyError::InternalError(error.to_string())))
}
