//! Text to filter. Every refusal says where, and what would be right.

use super::{CONDITIONS_MAX, Comparison, DEPTH_MAX, FILTER_BYTES_MAX, Filter, FilterCondition, VALUES_MAX};

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {at}")]
pub struct FilterError {
    /// Where it went wrong, in characters from 1.
    pub at: usize,
    /// What went wrong, and what would be right.
    pub message: String,
}

pub(super) fn parse<C: FilterCondition>(text: &str) -> Result<Filter<C>, FilterError> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(FilterError { at: 1, message: format!("longer than {FILTER_BYTES_MAX} bytes") });
    }
    let mut parser = Parser { text, at: 0, n_conditions: 0 };
    let filter = parser.any(0)?;
    if parser.peek().is_some() {
        return Err(parser.error("a closing parenthesis without an opening one"));
    }
    Ok(filter)
}

/// Whether a value needs no quotes.
pub(super) fn is_bare(value: &str) -> bool {
    !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || "(),\"".contains(c))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    n_conditions: usize,
}

impl Parser<'_> {
    /// `all or all …`
    fn any<C: FilterCondition>(&mut self, depth: usize) -> Result<Filter<C>, FilterError> {
        if depth > DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX}")));
        }
        let mut parts = vec![];
        loop {
            let part = self.all(depth)?;
            let is_last = !self.word("or");
            if part == Filter::everything() && !(parts.is_empty() && is_last) {
                return Err(self.error("a condition is missing beside \"or\""));
            }
            match part {
                Filter::Any(inner) => parts.extend(inner),
                part => parts.push(part),
            }
            if is_last {
                break;
            }
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    /// `one and one one …`
    fn all<C: FilterCondition>(&mut self, depth: usize) -> Result<Filter<C>, FilterError> {
        let mut parts = vec![];
        loop {
            self.skip_space();
            if matches!(self.peek(), None | Some(')')) || self.is_word("or") {
                break;
            }
            if !parts.is_empty() && self.word("and") && self.ends_here() {
                return Err(self.error("a condition is missing after \"and\""));
            }
            match self.one(depth)? {
                Filter::All(inner) => parts.extend(inner),
                part => parts.push(part),
            }
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    /// `-one`, `not one`, `(any)` or a condition.
    fn one<C: FilterCondition>(&mut self, depth: usize) -> Result<Filter<C>, FilterError> {
        self.skip_space();
        if depth > DEPTH_MAX {
            return Err(self.error(format!("nested deeper than {DEPTH_MAX}")));
        }
        if self.take('-') || self.word("not") {
            if self.ends_here() {
                return Err(self.error("a condition is missing after the negation"));
            }
            return Ok(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take('(') {
            let inner = self.any(depth + 1)?;
            self.skip_space();
            if !self.take(')') {
                return Err(self.error("a closing parenthesis is missing"));
            }
            if inner == Filter::everything() {
                return Err(self.error("nothing stands between the parentheses"));
            }
            return Ok(inner);
        }
        self.condition()
    }

    fn condition<C: FilterCondition>(&mut self) -> Result<Filter<C>, FilterError> {
        let start = self.at;
        let mut field = self.while_true(|c| c.is_ascii_lowercase() || c == '_').to_owned();
        if field == "field" && self.take('.') {
            let key = self.while_true(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            field = format!("field.{key}");
        }
        let Some((comparison, is_not)) = self.comparison() else {
            self.at = start;
            return Err(self.error(format!("write field:value; the fields are {}", C::FIELDS)));
        };
        self.n_conditions += 1;
        if self.n_conditions > CONDITIONS_MAX {
            return Err(self.error(format!("more than {CONDITIONS_MAX} conditions")));
        }
        let values_at = self.at;
        let values = self.values()?;
        let is = C::of(&field, comparison, &values).map_err(|refusal| {
            self.at = if refusal.is_of_field { start } else { values_at };
            self.error(refusal.message)
        })?;
        Ok(if is_not { Filter::Not(Box::new(is)) } else { is })
    }

    fn comparison(&mut self) -> Option<(Comparison, bool)> {
        const SIGNS: [(&str, Comparison, bool); 7] = [
            ("!=", Comparison::Is, true),
            (">=", Comparison::AtLeast, false),
            ("<=", Comparison::AtMost, false),
            (">", Comparison::More, false),
            ("<", Comparison::Less, false),
            (":", Comparison::Is, false),
            ("=", Comparison::Is, false),
        ];
        let (sign, comparison, is_not) =
            SIGNS.into_iter().find(|(sign, ..)| self.text[self.at..].starts_with(sign))?;
        self.at += sign.len();
        Some((comparison, is_not))
    }

    /// `value,value …`, each bare or in quotes.
    fn values(&mut self) -> Result<Vec<String>, FilterError> {
        let mut values = vec![];
        loop {
            values.push(if self.take('"') { self.quoted()? } else { self.bare()? });
            if values.len() > VALUES_MAX {
                return Err(self.error(format!("more than {VALUES_MAX} values")));
            }
            if !self.take(',') {
                return Ok(values);
            }
        }
    }

    fn bare(&mut self) -> Result<String, FilterError> {
        let value = self.while_true(|c| !c.is_whitespace() && !"(),\"".contains(c)).to_owned();
        if value.is_empty() { Err(self.error("a value is missing")) } else { Ok(value) }
    }

    fn quoted(&mut self) -> Result<String, FilterError> {
        let mut value = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(value),
                Some('\\') => value.extend(self.next()),
                Some(c) => value.push(c),
                None => return Err(self.error("a closing quote is missing")),
            }
        }
    }

    /// Takes a keyword, in small or capital letters.
    fn word(&mut self, word: &str) -> bool {
        self.skip_space();
        let is = self.is_word(word);
        if is {
            self.at += word.len();
        }
        is
    }

    fn is_word(&self, word: &str) -> bool {
        let rest = &self.text[self.at..];
        rest.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
            && rest[word.len()..].chars().next().is_none_or(|c| c.is_whitespace() || c == '(' || c == ')')
    }

    fn ends_here(&mut self) -> bool {
        self.skip_space();
        matches!(self.peek(), None | Some(')')) || self.is_word("or") || self.is_word("and")
    }

    fn skip_space(&mut self) {
        self.while_true(char::is_whitespace);
    }

    fn take(&mut self, wanted: char) -> bool {
        let is = self.peek() == Some(wanted);
        if is {
            self.at += wanted.len_utf8();
        }
        is
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn while_true(&mut self, is: impl Fn(char) -> bool) -> &str {
        let start = self.at;
        let rest = &self.text[start..];
        self.at += rest.find(|c| !is(c)).unwrap_or(rest.len());
        &self.text[start..self.at]
    }

    fn error(&self, message: impl Into<String>) -> FilterError {
        FilterError { at: self.text[..self.at].chars().count() + 1, message: message.into() }
    }
}
