//! Words, reader and filter as one query of the index.

use std::collections::BTreeSet;

use domain::TicketReader;
use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query,
        TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{Parts, TicketRequest, filter, lookup, schema::key, words::Part};
use crate::SearchError;

/// What a word of the subject counts besides what it counts in the text.
const SUBJECT_BOOST: f32 = 1.5;
/// What another ending of a word, or what an unfinished word may become, counts beside the word itself. Such a word is
/// often the rarer one, which counts for more.
const VARIANT_BOOST: f32 = 0.5;
/// What a ticket's own number counts: more than any words. BM25 of one word stays under 40 among a billion tickets, and
/// there are some two dozen words.
const NUMBER_SCORE: f32 = 100_000.0;
/// What a customer's own address counts: more than tickets that name it, less than a number.
const ADDRESS_SCORE: f32 = 10_000.0;
/// Most words of the index with which an unfinished phrase is completed.
const PHRASE_COMPLETIONS_MAX: u32 = 50;

/// A query, and the words that a match may be marked by.
pub(super) struct Compiled {
    pub(super) query: BooleanQuery,
    pub(super) marked: BTreeSet<String>,
}

pub(super) fn compile(
    parts: &Parts,
    searcher: &Searcher,
    request: &TicketRequest,
) -> Result<Compiled, SearchError> {
    let fields = &parts.fields;
    let is_team = request.reader.is_team();
    let text = if is_team { fields.everything } else { fields.public };
    let mut compiler = Compiler { parts, searcher, text, clauses: vec![], marked: BTreeSet::new() };
    let last = request.words.parts.len().saturating_sub(1);
    for (n, part) in request.words.parts.iter().enumerate() {
        compiler.part(part, n == last && request.words.is_unfinished)?;
    }
    if compiler.clauses.is_empty() {
        compiler.clauses.push((Occur::Must, silent(Box::new(AllQuery))));
    }
    compiler.clauses.extend(reader(fields, &request.reader).map(|query| (Occur::Must, silent(query))));
    let filter = filter::compile(fields, &request.filter, &request.ctx);
    compiler.clauses.extend(filter.map(|query| (Occur::Must, silent(query))));
    Ok(Compiled { query: BooleanQuery::new(compiler.clauses), marked: compiler.marked })
}

struct Compiler<'a> {
    parts: &'a Parts,
    searcher: &'a Searcher,
    /// The field that this reader's words are looked up in.
    text: Field,
    clauses: Vec<(Occur, Box<dyn Query>)>,
    marked: BTreeSet<String>,
}

impl Compiler<'_> {
    fn part(&mut self, part: &Part, is_unfinished: bool) -> Result<(), SearchError> {
        let fields = &self.parts.fields;
        let query = match part {
            Part::Word(word) => self.word(word, is_unfinished)?,
            Part::Phrase(words) => self.phrase(words, is_unfinished)?,
            Part::Number(number, word) => {
                let number = Term::from_field_i64(fields.number, *number);
                let own = scored(Box::new(TermQuery::new(number, IndexRecordOption::Basic)), NUMBER_SCORE);
                either(vec![own, self.word(word, is_unfinished)?])
            }
            Part::Address(address, words) => {
                let own = scored(keyed(fields.email, &key(Some(address))), ADDRESS_SCORE);
                either(vec![own, self.phrase(words, is_unfinished)?])
            }
        };
        self.clauses.push((Occur::Must, query));
        Ok(())
    }

    /// A word with its other endings, or what it may become; a match in the subject counts more.
    fn word(&mut self, word: &str, is_unfinished: bool) -> Result<Box<dyn Query>, SearchError> {
        let mut variants = if is_unfinished || is_one_unspaced(word) {
            lookup::completions(self.searcher, self.text, word)?
        } else {
            vec![]
        };
        for ending in lookup::endings(self.searcher, self.text, word, self.parts.language)? {
            if !variants.contains(&ending) {
                variants.push(ending);
            }
        }
        let any = |field: Field| {
            let variants = variants.iter().map(|variant| boosted(counted(field, variant), VARIANT_BOOST));
            either(std::iter::once(counted(field, word)).chain(variants).collect())
        };
        self.clauses.push((Occur::Should, boosted(any(self.parts.fields.subject), SUBJECT_BOOST)));
        let query = any(self.text);
        self.marked.insert(word.to_owned());
        self.marked.extend(variants);
        Ok(query)
    }

    fn phrase(&mut self, words: &[String], is_unfinished: bool) -> Result<Box<dyn Query>, SearchError> {
        if let [word] = words {
            if is_unfinished {
                return self.word(word, true);
            }
            self.marked.insert(word.clone());
            return Ok(counted(self.text, word));
        }
        let terms = words.iter().map(|word| Term::from_field_text(self.text, word)).collect();
        self.marked.extend(words.iter().cloned());
        if !is_unfinished {
            return Ok(Box::new(PhraseQuery::new(terms)));
        }
        let mut query = PhrasePrefixQuery::new(terms);
        query.set_max_expansions(PHRASE_COMPLETIONS_MAX);
        if let Some(last) = words.last() {
            self.marked.extend(lookup::completions(self.searcher, self.text, last)?);
        }
        Ok(Box::new(query))
    }
}

fn counted(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

/// Which tickets this reader may find; nothing for all of them.
fn reader(fields: &super::schema::Fields, reader: &TicketReader) -> Option<Box<dyn Query>> {
    match reader {
        TicketReader::All => None,
        TicketReader::Teams(teams) => {
            Some(either(teams.iter().map(|team| keyed(fields.team, team)).collect()))
        }
        TicketReader::Customer(id) => Some(keyed(fields.customer, &key(Some(id.as_str())))),
        TicketReader::Visitor(id) => Some(keyed(fields.conversation, &key(Some(id.as_str())))),
        TicketReader::Nobody => Some(Box::new(tantivy::query::EmptyQuery)),
    }
}

/// A single character where characters are words: it is part of pairs.
fn is_one_unspaced(word: &str) -> bool {
    word.chars().nth(1).is_none() && language::is_unspaced(word)
}

/// Documents that have this key.
pub(super) fn keyed(field: Field, key: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, key), IndexRecordOption::Basic))
}

/// Documents that at least one admits; none where there is none.
pub(super) fn either(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        0 => Box::new(tantivy::query::EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}

fn scored(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

/// Admits documents and says nothing of how good they are.
fn silent(query: Box<dyn Query>) -> Box<dyn Query> {
    scored(query, 0.0)
}
