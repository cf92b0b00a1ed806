//! Habits of site generators that stand on lines of their own: notes in several notations, imports, attributes.
//!
//! Notes become GitHub alerts, which are quotes and therefore text; directives for the generator are dropped.

use super::edit::Fences;
use super::notice;

/// Rewrites the lines of a text.
pub(super) fn clean(text: &str) -> String {
    let mut cleaner = Cleaner::default();
    for line in text.lines() {
        cleaner.line(line);
    }
    cleaner.out
}

/// A note or directive that is open.
struct Open {
    /// The columns in front of it, which its lines lose.
    indent: usize,
    ends: Ends,
    shows: Shows,
    /// Whether nothing but options was read yet.
    fresh: bool,
}

/// How it ends.
enum Ends {
    /// With this many of a character, or more: `:::` or a MyST fence.
    Mark(char, usize),
    /// With the first line that is indented less.
    Dedent(usize),
}

/// What becomes of the lines within.
#[derive(PartialEq)]
enum Shows {
    /// They are quoted.
    Quote,
    /// They stay as they are.
    Plain,
    /// They are left out.
    Nothing,
}

#[derive(Default)]
struct Cleaner {
    out: String,
    open: Vec<Open>,
    fences: Fences,
    /// An `export` of several lines goes on.
    in_export: bool,
    /// An `import` of several lines goes on.
    in_import: bool,
    /// Behind how many marks of quotes a blank line was written last, if nothing came after it.
    blank: Option<usize>,
}

impl Cleaner {
    fn line(&mut self, line: &str) {
        let indent = line.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let bare = line.trim();
        let in_code = self.fences.is_open();
        if !in_code {
            self.close_dedented(indent, bare);
            if self.skips(bare, line) || self.closes(bare) || self.opens(bare, indent) {
                return;
            }
        }
        if let Some(open) = self.open.last_mut() {
            if open.fresh && is_option(bare) {
                return;
            }
            open.fresh &= bare.is_empty();
        }
        let content = self.content(line, indent);
        let is_code = self.fences.is_code(&content);
        if is_code {
            self.push(&content);
        } else if let Some(kept) = without_attributes(&content) {
            self.push(kept);
        }
    }

    /// Lines of components' code: imports and exports.
    fn skips(&mut self, bare: &str, line: &str) -> bool {
        if self.in_export {
            self.in_export = !bare.is_empty();
            return true;
        }
        if self.in_import {
            self.in_import = !bare.contains(" from ") && !bare.starts_with("} from") && !bare.is_empty();
            return true;
        }
        let after = |word: &str| line.strip_prefix(word);
        if let Some(rest) = after("import ") {
            let quoted = rest.ends_with(['"', '\'']) || rest.ends_with("';") || rest.ends_with("\";");
            if quoted && (rest.contains(" from ") || rest.starts_with(['"', '\''])) {
                return true;
            }
            self.in_import = rest.trim() == "{";
            return self.in_import;
        }
        let exports = ["const ", "let ", "var ", "default ", "function ", "{"];
        if after("export ").is_some_and(|rest| exports.iter().any(|word| rest.starts_with(word))) {
            let complete = bare.ends_with(';') || bare.ends_with('}');
            self.in_export = !complete;
            return true;
        }
        matches!(bare, "[TOC]" | "[[toc]]" | "{:toc}" | "{% toc %}")
    }

    fn closes(&mut self, bare: &str) -> bool {
        let Some(open) = self.open.last() else { return false };
        let Ends::Mark(mark, length) = open.ends else { return false };
        let closing =
            bare.chars().count() >= length.min(3) && !bare.is_empty() && bare.chars().all(|c| c == mark);
        // With several open, the longer mark belongs to the outer one.
        if !closing {
            return false;
        }
        let wanted = bare.chars().count();
        let matching = self
            .open
            .iter()
            .rposition(|open| matches!(open.ends, Ends::Mark(m, n) if m == mark && n == wanted));
        self.open.truncate(matching.unwrap_or(self.open.len() - 1));
        self.push("");
        true
    }

    fn close_dedented(&mut self, indent: usize, bare: &str) {
        while let Some(Open { ends: Ends::Dedent(least), .. }) = self.open.last() {
            if bare.is_empty() || indent >= *least {
                return;
            }
            self.open.pop();
            self.push("");
        }
    }

    /// Opens a note or directive that starts on this line.
    fn opens(&mut self, bare: &str, indent: usize) -> bool {
        if let Some(rest) = bare.strip_prefix("!!! ").or_else(|| bare.strip_prefix("??? ")) {
            let (word, title) = rest.split_once(' ').unwrap_or((rest, ""));
            let title = if title.is_empty() && notice::kind(word).is_none() { word } else { title };
            self.open_note(
                Some(notice::kind(word).unwrap_or("NOTE")),
                title,
                indent,
                Ends::Dedent(indent + 4),
            );
            return true;
        }
        let Some(mark) = bare.chars().next().filter(|c| matches!(c, ':' | '`' | '~')) else { return false };
        let length = bare.chars().take_while(|c| *c == mark).count();
        let rest = bare[length..].trim();
        if length < 3 || rest.is_empty() {
            return false;
        }
        let ends = Ends::Mark(mark, length);
        let (word, title, braced) = match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((word, title)) => (word.trim(), title.trim(), true),
            None => {
                let end =
                    rest.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
                let title = rest[end..].trim();
                let title =
                    title.strip_prefix('[').and_then(|inner| inner.split_once(']')).map_or(title, |t| t.0);
                (&rest[..end], title, false)
            }
        };
        match (mark, braced, notice::kind(word)) {
            (':', _, Some(kind)) | (_, true, Some(kind)) => self.open_note(Some(kind), title, indent, ends),
            (_, true, None) if is_dropped(word) => self.open_with(Shows::Nothing, indent, ends),
            (':', _, None) => self.open_note(None, title, indent, ends),
            (_, true, None) if matches!(word, "code-block" | "code" | "sourcecode") => {
                let fence = format!("{}{}{title}", " ".repeat(indent), &bare[..length]);
                let content = self.content(&fence, indent);
                self.fences.is_code(&content);
                self.push(&content);
            }
            (_, true, None) if word.starts_with("tab") || word == "dropdown" => {
                self.open_note(None, title, indent, ends);
            }
            _ => return false,
        }
        true
    }

    fn open_note(&mut self, kind: Option<&'static str>, title: &str, indent: usize, ends: Ends) {
        self.push("");
        let shows = if kind.is_some() { Shows::Quote } else { Shows::Plain };
        let lines = match kind {
            Some(kind) => notice::opening(kind, title),
            None if title.is_empty() || title.starts_with('{') => Vec::new(),
            None => vec![format!("**{title}**"), String::new()],
        };
        self.open_with(shows, indent, ends);
        for line in lines {
            self.push(&line);
        }
    }

    fn open_with(&mut self, shows: Shows, indent: usize, ends: Ends) {
        self.open.push(Open { indent, ends, shows, fresh: true });
    }

    /// The line without the indentation of what it stands in.
    fn content(&self, line: &str, indent: usize) -> String {
        let mut least = 0;
        for open in &self.open {
            least = match open.ends {
                Ends::Dedent(least) => least,
                Ends::Mark(..) => open.indent,
            };
        }
        line[indent.min(least)..].to_owned()
    }

    fn push(&mut self, line: &str) {
        if self.open.iter().any(|open| open.shows == Shows::Nothing) {
            return;
        }
        let indent = self.open.first().map_or(0, |open| open.indent);
        let n_quotes = self.open.iter().filter(|open| open.shows == Shows::Quote).count();
        let prefix = if n_quotes > 0 { "> ".repeat(n_quotes) } else { String::new() };
        let in_code = self.fences.is_open();
        if line.trim().is_empty() {
            // One blank line is as good as many, and none is needed where the text or a note begins.
            if !in_code && (self.out.is_empty() || self.blank.is_some_and(|before| before >= n_quotes)) {
                return;
            }
            self.blank = (!in_code).then_some(n_quotes);
            if n_quotes > 0 {
                self.out.push_str(&" ".repeat(indent));
            }
            self.out.push_str(prefix.trim_end());
        } else {
            self.blank = line.starts_with("[!").then_some(n_quotes);
            self.out.push_str(&" ".repeat(indent));
            self.out.push_str(&prefix);
            self.out.push_str(line);
        }
        self.out.push('\n');
    }
}

/// Whether a line is an option of a MyST directive: `:class: wide`.
fn is_option(bare: &str) -> bool {
    let Some((name, _)) = bare.strip_prefix(':').and_then(|rest| rest.split_once(':')) else { return false };
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Directives that make no text.
fn is_dropped(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "toctree" | "include" | "contents" | "raw" | "literalinclude" | "image" | "figure" | "index" | "meta"
    )
}

/// The line without kramdown's attributes (`{: .class}`); nothing when they were all of it.
fn without_attributes(line: &str) -> Option<&str> {
    let trimmed = line.trim_end();
    let Some(start) = trimmed.rfind("{:").filter(|_| trimmed.ends_with('}')) else { return Some(line) };
    if trimmed[start..].contains("{{")
        || trimmed[start + 2..trimmed.len() - 1].contains(['{', '}', '`', '"', ','])
    {
        return Some(line);
    }
    let kept = trimmed[..start].trim_end();
    (!kept.trim().is_empty()).then_some(kept)
}
