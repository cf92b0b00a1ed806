//! Takes greeting, farewell and signature off a reply: the next one gets its own.

use std::sync::LazyLock;

use super::drop::{LIST_MARK, capitalised};
use crate::texts::is_draft_greeting;

/// Greetings, lower case, in the languages with phrases of their own; a word that ends in `*` may go on.
const GREETINGS: &str = include_str!("greetings.txt");
/// Words between a greeting and a name, or instead of one.
const ADDRESSED: &str = include_str!("addressed.txt");
/// Farewells with the most words that may follow on their line: more say something.
const FAREWELLS: &str = include_str!("farewells.txt");
/// Most words of a name that text follows on the same line, and of one that ends its line.
const NAME_WORDS_MAX: usize = 2;
const LINE_NAME_WORDS_MAX: usize = 3;
/// Most greetings at the beginning: `Hello,` and `welcome to the forum!`
const GREETINGS_MAX: usize = 3;
/// Lines with text at the end among which a farewell is looked for.
const LAST_LINES: usize = 8;
/// Longest line of a signature, in words; of one that ends like a sentence.
const SIGNATURE_WORDS_MAX: usize = 6;
const STOPPED_WORDS_MAX: usize = 3;

static GREETING_PHRASES: LazyLock<Vec<Vec<&str>>> =
    LazyLock::new(|| phrases(GREETINGS).map(|phrase| phrase.split(' ').collect()).collect());
static FAREWELL_PHRASES: LazyLock<Vec<(Vec<&str>, usize)>> = LazyLock::new(|| {
    let with_limits = phrases(FAREWELLS).filter_map(|phrase| phrase.rsplit_once(' '));
    with_limits.map(|(phrase, n)| (phrase.split(' ').collect(), n.parse().unwrap_or(0))).collect()
});

/// A word of a line, with the sign behind it.
struct Token {
    /// Lower case, without the signs around it.
    word: String,
    /// Where it and its signs end, in bytes.
    end: usize,
    /// The last sign that follows without a blank.
    stop: Option<char>,
}

/// The reply without greeting, farewell and signature.
pub(super) fn without_manners(reply: &str) -> String {
    let mut text = reply.trim_start();
    let mut goes_on = false;
    for _ in 0..GREETINGS_MAX {
        let Some(end) = end_of_greeting(text) else { break };
        goes_on = !text[end..].trim_start_matches(' ').starts_with('\n');
        text = text[end..].trim_start();
    }
    let text = without_farewell(text);
    // `Hi Bo, open it.` On a line of its own the greeting leaves the writer's letters as they are.
    if goes_on { capitalised(&text) } else { text }
}

/// Where the greeting at the beginning of a text ends: at a comma, an exclamation mark or the end of the line.
fn end_of_greeting(text: &str) -> Option<usize> {
    let line = text.lines().next()?;
    if is_draft_greeting(line) {
        return Some(line.len());
    }
    if let Some(end) = end_without_spaces(line) {
        return Some(end);
    }
    let tokens = tokens(line);
    if line.starts_with('@') {
        return tokens.first().map(|mention| mention.end);
    }
    let n = GREETING_PHRASES.iter().filter(|phrase| begins(&tokens, phrase)).map(Vec::len).max()?;
    let greeting = &tokens[n - 1];
    // After the bare greeting any sign ends it.
    if greeting.stop.is_some_and(|stop| stop != '\'')
        || tokens.get(n).is_some_and(|next| next.word.is_empty())
    {
        let end = tokens.get(n).filter(|next| next.word.is_empty()).map_or(greeting.end, |dash| dash.end);
        return Some(end_of_name(line, end, greeting.stop));
    }
    let mut n_names = 0;
    for token in &tokens[n..] {
        let is_addressed = phrases(ADDRESSED).any(|word| word == token.word);
        n_names += usize::from(!is_addressed);
        let is_last = token.end == line.trim_end().len();
        let most = if is_last { LINE_NAME_WORDS_MAX } else { NAME_WORDS_MAX };
        match token.stop {
            Some(',' | '!' | '，' | '！' | '،') => return (n_names <= most).then_some(token.end),
            // `Hi try this:` leads to something, `Hola María:` does not.
            Some(':') if is_last && starts_small(line, token) => return None,
            _ if is_last => return (n_names <= most && token.stop != Some('?')).then_some(token.end),
            // `Mrs. Smith`
            Some('.') if is_addressed => {}
            // `Hello there dominien. Do this` can be nothing else.
            Some('.') if n_names == 1 && tokens[n].word == "there" => return Some(token.end),
            Some('.' | '?' | ':' | ';') => return None,
            _ => {}
        }
    }
    (tokens.len() == n).then_some(line.len())
}

/// `Hello, Bo!`: the name after the comma, if nothing else stands before the mark or the end of the line.
fn end_of_name(line: &str, end: usize, stop: Option<char>) -> usize {
    let rest = &line[end..];
    let name_end = rest.find('!').map_or(line.len(), |at| end + at + 1);
    let name = line[end..name_end].trim_end_matches(['!', '.']).trim();
    let is_name = !name.is_empty()
        && name.split(' ').count() <= NAME_WORDS_MAX
        && name
            .split(' ')
            .all(|word| word.starts_with(char::is_uppercase) && !word.ends_with([',', ':', '?']));
    if is_name && stop == Some(',') { name_end } else { end }
}

/// The same for greetings of scripts without spaces.
fn end_without_spaces(line: &str) -> Option<usize> {
    let rest = ["您好", "你好", "こんにちは", "안녕하세요"]
        .iter()
        .find_map(|greeting| line.strip_prefix(greeting))?;
    let rest = rest.trim_start_matches(['，', ',', '！', '!', '：', ':', '。', '、', '.', ' ']);
    Some(line.len() - rest.len())
}

fn starts_small(line: &str, token: &Token) -> bool {
    let start = line[..token.end].trim_end().rfind(' ').map_or(0, |at| at + 1);
    line[start..].starts_with(char::is_lowercase)
}

fn without_farewell(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let filled: Vec<usize> = (0..lines.len()).filter(|at| !lines[*at].trim().is_empty()).collect();
    let last = &filled[filled.len().saturating_sub(LAST_LINES)..];
    let ends = |at: usize| last.iter().filter(|after| **after > at).all(|after| is_signature(lines[*after]));
    if let Some(at) = last.iter().copied().find(|at| is_farewell(lines[*at]) && ends(*at)) {
        lines.truncate(at);
    }
    let text = lines.join("\n").trim_end().to_owned();
    // `... and restart it. Regards, Ada`
    let start_of_last = text.rfind('\n').map_or(0, |at| at + 1);
    let sentences = language::sentences(&text[start_of_last..]);
    let n_kept = sentences.len()
        - sentences
            .iter()
            .rev()
            .take_while(|range| is_farewell(&text[start_of_last..][(*range).clone()]))
            .count();
    match sentences.get(n_kept.max(1)) {
        Some(farewell) => text[..start_of_last + farewell.start].trim_end().to_owned(),
        None => text,
    }
}

/// Whether a line or a sentence is a farewell and says nothing else.
pub(super) fn is_farewell(line: &str) -> bool {
    let tokens: Vec<Token> = tokens(line).into_iter().filter(|token| !token.word.is_empty()).collect();
    let is_rule = line.trim().len() > 1 && line.trim().chars().all(|c| c == '_');
    is_rule
        || FAREWELL_PHRASES.iter().any(|(phrase, n_after_max)| {
            let n = phrase.len();
            begins(&tokens, phrase)
                && tokens.len() <= n + n_after_max
                && !line.trim_end().ends_with([':', '?'])
                // `Best to restart it` goes on without a comma.
                && (phrase[..] != ["best"] || tokens.len() == n || tokens[n - 1].stop == Some(','))
        })
}

fn is_signature(line: &str) -> bool {
    let n_words = super::n_words(line);
    let is_sentence = line.trim_end().ends_with(['.', ':', '?', '!', '。']) && n_words > STOPPED_WORDS_MAX;
    is_farewell(line) || (n_words <= SIGNATURE_WORDS_MAX && !is_sentence && !LIST_MARK.is_match(line))
}

fn begins(tokens: &[Token], phrase: &[&str]) -> bool {
    let fits = |(token, word): (&Token, &&str)| match word.strip_suffix('*') {
        Some(beginning) => token.word.starts_with(beginning),
        None => token.word == *word,
    };
    tokens.len() >= phrase.len()
        && tokens.iter().zip(phrase).all(fits)
        && tokens[..phrase.len() - 1].iter().all(|token| token.stop.is_none())
}

fn tokens(line: &str) -> Vec<Token> {
    let mut tokens = vec![];
    let mut start = 0;
    for part in line.split_inclusive(char::is_whitespace) {
        let shown = part.trim_end();
        if !shown.is_empty() {
            let own = shown.trim_matches(|c: char| !c.is_alphanumeric());
            let stop = shown.chars().next_back().filter(|c| !c.is_alphanumeric() && !own.is_empty());
            tokens.push(Token { word: own.to_lowercase(), end: start + shown.len(), stop });
        }
        start += part.len();
    }
    tokens
}

/// The phrases of a list: divided by commas, lines that begin with `#` aside.
fn phrases(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split(", "))
}
