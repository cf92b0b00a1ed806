//! The query of an address. Which parameters an operation takes is read from its description, and any other is refused, so that
//! a condition with a slip in its name is not taken for none. What cannot be read gets 400; what can be read and is refused, 422
//! by the desk.

use axum::{extract::Query, http::Uri};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use crate::failure::Failure;

/// Characters of an unknown name that a refusal repeats.
const SHOWN_CHARS_MAX: usize = 64;

/// What is on one page of a list where nothing else is asked for.
const PER_PAGE_DEFAULT: usize = 50;

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Where the page begins: `next` of the page before.
    pub(super) after: Option<String>,
    /// At most this many, up to 100; 50 when absent.
    limit: Option<usize>,
}

impl Part {
    /// How many.
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(PER_PAGE_DEFAULT)
    }
}

/// The parameters that an operation takes in its query, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueryNames(Vec<String>);

impl QueryNames {
    /// Those of an operation of the description.
    pub(super) fn of(operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let names = parameters
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned));
        Self(names.collect())
    }

    /// Refuses any other.
    ///
    /// # Errors
    /// 400 that names the first one, and those that there are.
    pub(super) fn check(&self, uri: &Uri) -> Result<(), Failure> {
        let Query(sent): Query<Vec<(String, String)>> =
            Query::try_from_uri(uri).map_err(|rejection| Failure::bad_request(rejection.body_text()))?;
        let Some((name, _)) = sent.iter().find(|(name, _)| !self.0.contains(name)) else { return Ok(()) };
        let name: String = name.chars().take(SHOWN_CHARS_MAX).collect();
        let taken = if self.0.is_empty() { "none".to_owned() } else { self.0.join(", ") };
        Err(Failure::bad_request(format!("{name}: no such parameter; this operation takes {taken}")))
    }
}

/// A text that names one of a set of values.
///
/// # Errors
/// 400 that names the field and says what is expected in it.
pub(super) fn known<T>(
    field: &'static str,
    text: Option<&str>,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    text.map(|text| parse(text).ok_or_else(|| Failure::unreadable(field, expected))).transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn any_other_parameter_is_refused_by_its_name() {
        let operation = json!({ "parameters": [
            { "in": "path", "name": "id" }, { "in": "query", "name": "limit" }, { "in": "query", "name": "after" },
        ] });
        let refusal = |operation: &Value, query: &str| {
            let uri: Uri = format!("/api/v1/things/x{query}").parse().unwrap();
            QueryNames::of(operation).check(&uri).err().map(|failure| failure.detail)
        };
        for query in ["", "?", "?limit=1&after=x", "?%6cimit=1", "?limit"] {
            assert_eq!(refusal(&operation, query), None, "{query}");
        }
        for (query, name) in [("?limit=1&lmit=2", "lmit"), ("?id=x", "id"), ("?=x", ""), ("?a%20b=1", "a b")]
        {
            let expected = format!("{name}: no such parameter; this operation takes limit, after");
            assert_eq!(refusal(&operation, query), Some(expected), "{query}");
        }
        let long = refusal(&json!({}), &format!("?{}", "x".repeat(1_000)));
        let expected =
            format!("{}: no such parameter; this operation takes none", "x".repeat(SHOWN_CHARS_MAX));
        assert_eq!(long, Some(expected));
    }
}
