//! The fields of a ticket in the index.

use tantivy::{
    Index,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, JsonObjectOptions, NumericOptions, STORED, STRING, Schema,
        TextFieldIndexing, TextOptions,
    },
    tokenizer::{Token, TokenStream, Tokenizer},
};

/// Changes whenever the fields, the cutting of texts or the documents change; an index of another version is rebuilt.
pub(super) const SCHEMA_VERSION: u32 = 3;
/// What stands in a field of keys where there is none; a key that is there has [`KEY`] before it.
const NONE: &str = "-";
const KEY: char = '+';
/// The name of the tokenizer.
const WORDS: &str = "words";

/// The fields by name.
///
/// `public` and `everything` both hold what the customer reads, so that the team's search, the common one, looks into one
/// field: a word is then one list instead of a union of several, and what is in several places of a ticket counts together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) number: Field,
    pub(super) revision: Field,
    /// The subject alone, which counts more.
    pub(super) subject: Field,
    /// What the customer may read: subject, replies, transcript, their own name and address.
    pub(super) public: Field,
    /// The same with the team's notes, tags and custom fields. Only the team's searches look into it.
    pub(super) everything: Field,
    /// The customer's address, in lower case.
    pub(super) email: Field,
    /// The category.
    pub(super) status: Field,
    /// The site's own status, where it is one.
    pub(super) custom_status: Field,
    pub(super) priority: Field,
    pub(super) team: Field,
    pub(super) assignee: Field,
    pub(super) follower: Field,
    pub(super) customer: Field,
    pub(super) organisation: Field,
    pub(super) conversation: Field,
    pub(super) tag: Field,
    pub(super) channel: Field,
    pub(super) locale: Field,
    /// The custom fields that have a value, each with its values as text; see [`value_key`].
    pub(super) value: Field,
    /// The custom fields that are numbers or days, by key, in millionths.
    pub(super) amount: Field,
    pub(super) created: Field,
    pub(super) updated: Field,
    pub(super) solved: Field,
    pub(super) snoozed: Field,
    /// How it stands to what its customer is promised, and when that is due.
    pub(super) sla: Field,
    pub(super) due: Field,
}

impl Fields {
    pub(super) fn schema() -> (Schema, Self) {
        let mut builder = Schema::builder();
        let text = |option| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(WORDS)
                .set_fieldnorms(true)
                .set_index_option(option);
            TextOptions::default().set_indexing_options(indexing)
        };
        let key = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic);
            TextOptions::default().set_indexing_options(indexing)
        };
        let number: NumericOptions = (INDEXED | FAST).into();
        let fields = Self {
            id: builder.add_text_field("id", STRING | STORED),
            number: builder.add_i64_field("number", number),
            revision: builder.add_i64_field("revision", FAST),
            subject: builder.add_text_field("subject", text(IndexRecordOption::WithFreqs)),
            public: builder.add_text_field("public", text(IndexRecordOption::WithFreqsAndPositions)),
            everything: builder.add_text_field("everything", text(IndexRecordOption::WithFreqsAndPositions)),
            email: builder.add_text_field("email", key()),
            status: builder.add_text_field("status", key()),
            custom_status: builder.add_text_field("custom_status", key()),
            priority: builder.add_text_field("priority", key()),
            team: builder.add_text_field("team", key()),
            assignee: builder.add_text_field("assignee", key()),
            follower: builder.add_text_field("follower", key()),
            customer: builder.add_text_field("customer", key()),
            organisation: builder.add_text_field("organisation", key()),
            conversation: builder.add_text_field("conversation", key()),
            tag: builder.add_text_field("tag", key()),
            channel: builder.add_text_field("channel", key()),
            locale: builder.add_text_field("locale", key()),
            value: builder.add_text_field("value", key()),
            amount: builder.add_json_field("amount", JsonObjectOptions::from(FAST)),
            created: builder.add_i64_field("created", FAST),
            updated: builder.add_i64_field("updated", FAST),
            solved: builder.add_i64_field("solved", FAST),
            snoozed: builder.add_i64_field("snoozed", FAST),
            sla: builder.add_text_field("sla", key()),
            due: builder.add_i64_field("due", FAST),
        };
        (builder.build(), fields)
    }
}

/// A key as it is indexed, so that its absence can be looked for too.
pub(super) fn key(value: Option<&str>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{KEY}{value}"))
}

/// That a custom field has this value as text, or any value at all.
pub(super) fn value_key(field: &str, text: Option<&str>) -> String {
    text.map_or_else(|| field.to_owned(), |text| format!("{field}={text}"))
}

/// The name of the column of a custom field that is a number or a day. Keys of fields have no full stop.
pub(super) fn amount_column(field: &str) -> String {
    format!("amount.{field}")
}

/// Hands an index its tokenizer, which is not stored with it.
pub(super) fn register(index: &Index) {
    index.tokenizers().register(WORDS, Words);
}

/// Cuts texts into [`language::neutral`] words.
#[derive(Debug, Clone)]
struct Words;

struct WordStream {
    terms: std::vec::IntoIter<language::Term>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        WordStream { terms: language::neutral(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        let Some(term) = self.terms.next() else { return false };
        self.token = Token {
            offset_from: term.start,
            offset_to: term.end,
            position: term.position,
            text: term.text,
            position_length: 1,
        };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
