//! Cuts text into sentences.

use std::ops::Range;

/// Abbreviations after which a full stop ends no sentence, in the languages whose texts need it most.
const ABBREVIATIONS: &[&str] = &[
    "v", "c", "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "mt", "ft", "rev", "hon", "gen", "col",
    "capt", "lt", "sgt", "gov", "sen", "rep", "pres", "vs", "e.g", "i.e", "eg", "ie", "cf", "al", "approx",
    "est", "inc", "ltd", "co", "corp", "dept", "fig", "figs", "eq", "nos", "vol", "vols", "pp", "p", "ed",
    "eds", "ch", "sec", "art", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
    "dec", "u.s", "u.k", "u.n", "d.c", "ph.d", "b.c", "a.d", "z.b", "bzw", "ggf", "bspw", "nr", "str", "abs",
    "tel", "sra", "srta", "ud", "uds", "pág", "núm", "т.е", "т.д", "т.п", "т.к", "г", "гг", "в", "вв", "см",
    "стр", "рис", "им",
];

/// The sentences of a text as byte ranges, in order, without surrounding space. A line end ends a sentence.
///
/// Understands text whose punctuation stands apart ("a year . Any"), closing quotes, abbreviations, initials, version
/// numbers and addresses, and the stops of Chinese, Japanese, Arabic, Urdu and Hindi. Boundaries against people's:
/// precision .999, recall .956 on ClapNQ's gold passages (`evals/answers.md`).
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut line_start = 0;
    for line in text.split('\n') {
        line_sentences(line, line_start, &mut out);
        line_start += line.len() + 1;
    }
    out
}

fn line_sentences(line: &str, offset: usize, out: &mut Vec<Range<usize>>) {
    let chars: Vec<(usize, char)> = line.char_indices().collect();
    let at = |i: usize| chars.get(i).map_or(line.len(), |&(at, _)| at);
    let char_at = |i: usize| chars.get(i).map(|&(_, c)| c);
    let (mut start, mut i) = (0, 0);
    while i < chars.len() {
        let c = chars[i].1;
        if !is_stop(c) {
            i += 1;
            continue;
        }
        let mut after_stops = i + 1;
        while char_at(after_stops).is_some_and(is_stop) {
            after_stops += 1;
        }
        let next = skip_closing(&chars, after_stops);
        let rest = line[at(next)..].trim_start();
        let ends = next >= chars.len()
            || ((char_at(next).is_some_and(char::is_whitespace) || is_wide_stop(c))
                && may_end(&line[at(start)..at(i)], c, after_stops - i, next > after_stops, rest));
        if ends {
            push(line, at(start)..at(next), offset, out);
            start = next;
        }
        i = next;
    }
    push(line, at(start)..line.len(), offset, out);
}

/// The place after closing quotes and brackets, which may stand apart from the stop.
fn skip_closing(chars: &[(usize, char)], mut i: usize) -> usize {
    let closes = |i: usize| chars.get(i).is_some_and(|&(_, c)| is_closing(c));
    loop {
        if closes(i) {
            i += 1;
        } else if chars.get(i).is_some_and(|&(_, c)| c == ' ')
            && closes(i + 1)
            && chars.get(i + 2).is_none_or(|&(_, c)| c == ' ' || is_closing(c))
        {
            i += 2;
        } else {
            return i;
        }
    }
}

/// Whether a stop that is followed by space ends the sentence `before` it.
fn may_end(before: &str, stop: char, n_stops: usize, quoted: bool, rest: &str) -> bool {
    let next = rest.chars().next();
    let goes_on = next.is_some_and(char::is_lowercase);
    match stop {
        '.' if n_stops == 1 => {
            let before = before.trim_end();
            let word = before.rsplit([' ', '(', '[', '“', '"', '«']).next().unwrap_or_default();
            let lower = word.to_lowercase();
            let n_chars = word.chars().count();
            let is_initial = n_chars == 1 && word != "I" && word.chars().all(char::is_uppercase);
            let is_list_number =
                word == before.trim() && n_chars <= 3 && word.chars().all(|c| c.is_ascii_digit());
            let is_dotted = word.contains('.')
                && word.split('.').all(|part| part.chars().count() == 1)
                && word.chars().all(|c| c == '.' || c.is_alphabetic());
            !(goes_on
                || matches!(next, Some(',' | ';' | ':'))
                || ABBREVIATIONS.contains(&lower.as_str())
                || (lower == "no" && next.is_some_and(|c| c.is_ascii_digit()))
                || is_initial
                || is_list_number
                || (is_dotted && !matches!(lower.as_str(), "a.m" | "p.m")))
        }
        '.' | '…' => !goes_on,
        '!' | '?' => !(goes_on && quoted),
        _ => true,
    }
}

fn push(line: &str, range: Range<usize>, offset: usize, out: &mut Vec<Range<usize>>) {
    let text = &line[range.clone()];
    let trimmed = text.trim();
    if !trimmed.is_empty() {
        let start = offset + range.start + (text.len() - text.trim_start().len());
        out.push(start..start + trimmed.len());
    }
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '｡' | '؟' | '۔' | '।' | '॥')
}

/// Stops that need no space after them.
fn is_wide_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡')
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '’' | '”' | '»' | ')' | ']' | '）' | '】' | '」' | '』' | '›')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn sentences_are_cut_where_people_cut_them() {
        check("One. Two! Three?", &["One.", "Two!", "Three?"]);
        check("recur every calendar year . Any change", &["recur every calendar year .", "Any change"]);
        check("Use e.g. a proxy. Dr. No said so.", &["Use e.g. a proxy.", "Dr. No said so."]);
        check(
            "See example.org/a.b now. Version 1.2.3 is out.",
            &["See example.org/a.b now.", "Version 1.2.3 is out."],
        );
        check("He said \"Stop.\" Then left.", &["He said \"Stop.\"", "Then left."]);
        check("In the U.S. it works. J. Smith agrees.", &["In the U.S. it works.", "J. Smith agrees."]);
        check("打开设置。选择安全！完成", &["打开设置。", "选择安全！", "完成"]);
        check("كيف ذلك؟ افتح الإعدادات.", &["كيف ذلك؟", "افتح الإعدادات."]);
        check("खाता खोलें। फिर सहेजें।", &["खाता खोलें।", "फिर सहेजें।"]);
        check("one line\nanother line", &["one line", "another line"]);
        check("  \n ", &[]);
    }

    #[test]
    fn a_long_line_takes_linear_time() {
        let text = "word ".repeat(200_000);
        assert_eq!(sentences(&text).len(), 1);
    }
}
