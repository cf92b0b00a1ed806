//! Cuts a stream of text into units that are complete, and units into sentences with the sources they cite.

/// What ends a sentence, in the scripts of the languages Askwell speaks.
const STOPS: [char; 9] = ['.', '!', '?', '…', '。', '！', '？', '؟', '।'];

/// A sentence without its citation marks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cited {
    pub(super) text: String,
    pub(super) sources: Vec<usize>,
}

/// Takes the first complete unit off the buffer: a line, or what ends with citation marks and is followed by something.
pub(super) fn take_unit(buffer: &mut String) -> Option<String> {
    let end = unit_end(buffer)?;
    let rest = buffer.split_off(end);
    Some(std::mem::replace(buffer, rest))
}

fn unit_end(buffer: &str) -> Option<usize> {
    let line = buffer.find('\n').map(|at| at + 1);
    let mut from = 0;
    while let Some((start, mut end)) = find_mark(&buffer[from..]).map(|(s, e)| (from + s, from + e)) {
        if line.is_some_and(|line| line <= start) {
            break;
        }
        from = end;
        // More marks, then the stop that some models set after them.
        while let Some((s, e)) = find_mark(&buffer[end..])
            && buffer[end..end + s].trim().is_empty()
        {
            end += e;
            from = end;
        }
        let stopped = buffer[..start].trim_end().ends_with(STOPS);
        let stops = buffer[end..]
            .chars()
            .take_while(|c| STOPS.contains(c) || matches!(c, ')' | '"' | '”' | ';' | ','));
        let after = end + stops.map(char::len_utf8).sum::<usize>();
        let stops_after = after > end;
        // Without what follows it is not known whether another mark comes.
        let Some(next) = buffer[after..].chars().find(|c| !c.is_whitespace()) else { break };
        if next == '[' && find_mark(&buffer[after..]).is_none() && !buffer[after..].contains(']') {
            break;
        }
        if stopped || stops_after || !next.is_lowercase() {
            return Some(after);
        }
    }
    line
}

/// The first `[12]` of a text.
fn find_mark(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(start) = text[from..].find('[').map(|at| from + at) {
        let digits = text[start + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let end = start + 1 + digits;
        if (1..=3).contains(&digits)
            && text[end..].starts_with(']')
            && !text[end + 1..].starts_with(['(', ':'])
        {
            return Some((start, end + 1));
        }
        from = start + 1;
    }
    None
}

/// The sentences of a unit. Marks that stand alone belong to the sentence before them.
pub(super) fn sentences(unit: &str) -> Vec<Cited> {
    let mut sentences: Vec<Cited> = vec![];
    for range in language::sentences(unit) {
        let (text, sources) = without_marks(&unit[range]);
        if text.chars().any(char::is_alphanumeric) {
            sentences.push(Cited { text, sources });
        } else if let Some(last) = sentences.last_mut() {
            last.sources.extend(sources);
        }
    }
    sentences
}

fn without_marks(sentence: &str) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut sources = vec![];
    let mut rest = sentence;
    while let Some((start, end)) = find_mark(rest) {
        text.push_str(&rest[..start]);
        sources.extend(rest[start + 1..end - 1].parse::<usize>().ok());
        rest = &rest[end..];
        // `Done [1].` is `Done.`
        if rest.trim_start().starts_with(STOPS) {
            text.truncate(text.trim_end().len());
            rest = rest.trim_start();
        }
    }
    text.push_str(rest);
    (text.split_whitespace().collect::<Vec<_>>().join(" "), sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, step: usize) -> Vec<String> {
        let mut buffer = String::new();
        let mut units = vec![];
        let chars: Vec<char> = text.chars().collect();
        for piece in chars.chunks(step) {
            buffer.extend(piece);
            while let Some(unit) = take_unit(&mut buffer) {
                units.push(unit.trim().to_owned());
            }
        }
        units.push(buffer.trim().to_owned());
        units.retain(|unit| !unit.is_empty());
        units
    }

    #[test]
    fn units_end_with_their_marks_however_the_stream_is_cut() {
        for (text, expected) in [
            ("Open it. [1] Close it [2]. Done [1]", vec!["Open it. [1]", "Close it [2].", "Done [1]"]),
            ("Open it. [1][2] Close it.", vec!["Open it. [1][2]", "Close it."]),
            ("Open it [1] [2]. Next", vec!["Open it [1] [2].", "Next"]),
            ("1. Open [1]\n2. Close [1]\n", vec!["1. Open [1]", "2. Close [1]"]),
            ("As [1] says, wait [1]. Go", vec!["As [1] says, wait [1].", "Go"]),
            ("打开设置[1]。选择邮件[2]。", vec!["打开设置[1]。", "选择邮件[2]。"]),
            ("See [docs](http://x) [1]. Y", vec!["See [docs](http://x) [1].", "Y"]),
            ("No mark here. None", vec!["No mark here. None"]),
        ] {
            for step in [1, 3, 1000] {
                assert_eq!(units(text, step), expected, "{text:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn a_sentence_knows_what_it_cites() {
        let cited =
            |text: &str, sources: &[usize]| Cited { text: text.to_owned(), sources: sources.to_vec() };
        for (unit, expected) in [
            ("Open it. [1][2]", vec![cited("Open it.", &[1, 2])]),
            ("Open it [1].", vec![cited("Open it.", &[1])]),
            ("It is good. Open it [1].", vec![cited("It is good.", &[]), cited("Open it.", &[1])]),
            ("[1]", vec![]),
            ("Nothing", vec![cited("Nothing", &[])]),
            ("As [1] says, wait [2].", vec![cited("As says, wait.", &[1, 2])]),
        ] {
            assert_eq!(sentences(unit), expected, "{unit:?}");
        }
    }
}
