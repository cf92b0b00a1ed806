//! Front matter: the part of YAML that people write above their pages, read tolerantly.
//!
//! Keys with text, lists, quotes and blocks are read; nested maps are skipped.
//! A full YAML reader would refuse `title: Note: read this`, and a help page must not be lost over a colon.

use super::{Warning, quoted};

/// What stood above a page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FrontMatter {
    entries: Vec<(String, Value)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    List(Vec<String>),
}

impl FrontMatter {
    /// The text under the first of these keys that has one. Keys are compared without case, `-` and `_` alike.
    pub(super) fn text(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| match self.value(key)? {
            Value::Text(text) => Some(text.as_str()),
            Value::List(list) => list.first().map(String::as_str),
        })
    }

    /// The texts under all of these keys.
    pub(super) fn list(&self, keys: &[&str]) -> Vec<String> {
        let mut all = Vec::new();
        for key in keys {
            match self.value(key) {
                Some(Value::Text(text)) => all.push(text.clone()),
                Some(Value::List(list)) => all.extend(list.iter().cloned()),
                None => {}
            }
        }
        all.retain(|text| !text.trim().is_empty());
        all
    }

    fn value(&self, key: &str) -> Option<&Value> {
        let found = self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)?;
        match found {
            Value::Text(text) if text.is_empty() || text == "null" || text == "~" => None,
            value => Some(value),
        }
    }
}

/// Splits front matter off a text. Also tells how many lines it took.
pub(super) fn split<'t>(text: &'t str, warnings: &mut Vec<Warning>) -> (FrontMatter, &'t str, usize) {
    let none = (FrontMatter::default(), text, 0);
    let Some(first) = text.lines().next() else { return none };
    let fence = match first.trim_end() {
        "---" => "---",
        "+++" => "+++",
        _ => return none,
    };
    let mut offset = first.len() + 1;
    let mut inner: Vec<&str> = Vec::new();
    for line in text.get(offset..).unwrap_or_default().split_inclusive('\n') {
        offset += line.len();
        let bare = line.trim_end();
        if bare == fence || (bare == "..." && fence == "---") {
            if !inner.iter().any(|line| is_entry(line, fence)) {
                return none;
            }
            let front =
                if fence == "+++" { read_toml(&inner, warnings) } else { read_yaml(&inner, warnings) };
            return (front, &text[offset..], inner.len() + 2);
        }
        inner.push(line);
    }
    if inner.first().is_some_and(|line| is_entry(line, fence)) {
        warnings.push(Warning::at(1, "the front matter is not closed: it is kept as text"));
    }
    none
}

/// Reads entries without fences, as `_category_.yml` has them.
pub(super) fn read(text: &str, warnings: &mut Vec<Warning>) -> FrontMatter {
    read_yaml(&text.lines().collect::<Vec<_>>(), warnings)
}

fn is_entry(line: &str, fence: &str) -> bool {
    let sign = if fence == "+++" { '=' } else { ':' };
    !line.starts_with([' ', '\t', '#']) && line.split_once(sign).is_some_and(|(key, _)| is_key(key.trim()))
}

fn is_key(key: &str) -> bool {
    let bare = key.trim_matches(['"', '\'']);
    !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c)) && bare.len() <= 64
}

fn normal_key(key: &str) -> String {
    key.trim().trim_matches(['"', '\'']).to_lowercase().replace('-', "_")
}

fn read_toml(lines: &[&str], warnings: &mut Vec<Warning>) -> FrontMatter {
    let mut front = FrontMatter::default();
    for (index, line) in lines.iter().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            break;
        }
        match line.split_once('=') {
            Some((key, value)) => front.entries.push((normal_key(key), scalar_or_list(value.trim()))),
            None if line.is_empty() || line.starts_with('#') => {}
            None => warnings
                .push(Warning::at(index + 2, format!("front matter not understood: {}", quoted(line)))),
        }
    }
    front
}

fn read_yaml(lines: &[&str], warnings: &mut Vec<Warning>) -> FrontMatter {
    let mut front = FrontMatter::default();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim_end();
        let number = at + 2;
        at += 1;
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let entry = line.split_once(':').filter(|(key, rest)| {
            !line.starts_with([' ', '\t'])
                && is_key(key)
                && (rest.is_empty() || rest.starts_with([' ', '\t']))
        });
        let Some((key, rest)) = entry else {
            warnings
                .push(Warning::at(number, format!("front matter not understood: {}", quoted(line.trim()))));
            continue;
        };
        let below = lines[at..].iter().take_while(|line| belongs(line, rest)).count();
        let value = value_of(rest.trim(), &lines[at..at + below]);
        if rest.trim().starts_with('[') && matches!(value, Value::Text(_)) {
            warnings
                .push(Warning::at(number, "a list in the front matter is not closed: it is kept as text"));
        }
        at += below;
        if front.entries.iter().any(|(name, _)| *name == normal_key(key)) {
            warnings.push(Warning::at(
                number,
                format!("front matter says {} twice: the first counts", quoted(key)),
            ));
        }
        front.entries.push((normal_key(key), value));
    }
    front
}

/// Whether a line goes on with the entry above: it is indented, blank, or an item of its list.
fn belongs(line: &str, rest: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with([' ', '\t'])
        || (rest.trim().is_empty() && (line.starts_with("- ") || line.trim_end() == "-"))
}

fn value_of(rest: &str, below: &[&str]) -> Value {
    let rest = uncommented(rest);
    if rest.starts_with(['|', '>']) && rest.len() <= 3 {
        return Value::Text(block(rest.starts_with('|'), below));
    }
    let continued = || {
        let mut text = rest.to_owned();
        for line in below.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(line);
        }
        text
    };
    if !rest.is_empty() {
        return scalar_or_list(&continued());
    }
    match below.iter().map(|line| line.trim()).find(|line| !line.is_empty() && !line.starts_with('#')) {
        Some(first) if first == "-" || first.starts_with("- ") => Value::List(items(below)),
        // A nested map holds nothing that an article has.
        Some(first)
            if first.split_once(':').is_some_and(|(key, rest)| is_key(key) && !rest.starts_with("//")) =>
        {
            Value::Text(String::new())
        }
        _ => scalar_or_list(&continued()),
    }
}

/// The items of a list, each with the lines that go on with it.
fn items(lines: &[&str]) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let dash = lines.iter().find(|line| line.trim_start().starts_with('-')).map_or(0, |line| indent(line));
    let mut items: Vec<String> = Vec::new();
    for line in lines {
        let bare = line.trim();
        match bare.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
            Some(rest) if indent(line) == dash => items.push(uncommented(rest.trim()).to_owned()),
            _ => {
                if let Some(last) = items.last_mut()
                    && !bare.is_empty()
                {
                    last.push(' ');
                    last.push_str(bare);
                }
            }
        }
    }
    items.iter().map(|item| unquoted(item.trim())).collect()
}

/// A block scalar: with its line ends (`|`) or folded into one paragraph (`>`).
fn block(literal: bool, lines: &[&str]) -> String {
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = filled.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let bare: Vec<&str> =
        lines.iter().map(|line| line.trim_end().get(indent..).unwrap_or_default()).collect();
    bare.join(if literal { "\n" } else { " " }).trim().to_owned()
}

fn scalar_or_list(text: &str) -> Value {
    match text.strip_prefix('[').and_then(|inner| uncommented(inner).trim_end().strip_suffix(']')) {
        Some(inner) => Value::List(flow_items(inner)),
        None => Value::Text(unquoted(text)),
    }
}

/// The items of `[a, "b, c"]`.
fn flow_items(inner: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut quote = None;
    for c in inner.chars() {
        match c {
            '"' | '\'' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            ',' if quote.is_none() => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = items.last_mut() {
            last.push(c);
        }
    }
    items.iter().map(|item| unquoted(item.trim())).filter(|item| !item.is_empty()).collect()
}

/// The text without a trailing comment.
fn uncommented(text: &str) -> &str {
    if text.starts_with(['"', '\'']) {
        return text;
    }
    if text.starts_with('#') {
        return "";
    }
    text.find(" #").map_or(text, |at| text[..at].trim_end())
}

/// The text without its quotes, escapes read.
fn unquoted(text: &str) -> String {
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return inner.replace("''", "'");
    }
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    plain.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                Some(other) => plain.push(other),
                None => {}
            },
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, key: &str, expected: &[&str]) {
        let mut warnings = Vec::new();
        let (front, _, _) = split(text, &mut warnings);
        assert_eq!(front.list(&[key]), expected, "{key} of {text:?}");
    }

    #[test]
    fn keys_lists_quotes_and_blocks_are_read() {
        check("---\ntitle: Note: read this\n---\n", "title", &["Note: read this"]);
        check("---\nTitle: \"He said \\\"hi\\\"\"\n---\n", "title", &["He said \"hi\""]);
        check("---\ntitle: 'It''s'\n---\n", "title", &["It's"]);
        check("---\ndescription: One line\n  and another\n---\n", "description", &["One line and another"]);
        check("---\ndescription: >-\n  Folded\n  text\nx: 1\n---\n", "description", &["Folded text"]);
        check("---\ntags: [a, 'b, c', \"d\"] # comment\n---\n", "tags", &["a", "b, c", "d"]);
        check("---\nredirect_from:\n- /a/\n- /b/\norder: 6\n---\n", "redirect_from", &["/a/", "/b/"]);
        check("---\nredirect-from:\n  - /a/\n  - /b/\n---\n", "redirect_from", &["/a/", "/b/"]);
        check("---\nimage:\n  src: x.png\ntitle: A\n---\n", "title", &["A"]);
        check("+++\ntitle = \"Hugo\"\ntags = [\"a\"]\n+++\n", "title", &["Hugo"]);
    }

    #[test]
    fn broken_front_matter_is_kept_as_text() {
        for (text, body, n_warnings) in [
            ("---\ntitle: A\n\nNever closed", "---\ntitle: A\n\nNever closed", 1),
            ("---\n\nA rule, not front matter\n\n---\n", "---\n\nA rule, not front matter\n\n---\n", 0),
            ("---\ntitle: A\n%%% what\n---\nBody", "Body", 1),
            ("No front matter", "No front matter", 0),
            ("", "", 0),
        ] {
            let mut warnings = Vec::new();
            assert_eq!(split(text, &mut warnings).1, body);
            assert_eq!(warnings.len(), n_warnings, "{warnings:?}");
        }
    }
}
