//! Cuts a text into words, and runs of scripts without spaces into pairs of characters.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// The words of a text as byte ranges, in order. A word is a run of letters, digits and the marks on them; an underscore
/// separates. A run of a script without spaces gives its overlapping pairs, or its single character.
pub(super) fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut run: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.char_indices() {
        if !is_word(c, !run.is_empty()) {
            flush(&mut run, &mut out);
            continue;
        }
        let joins = is_combining_mark(c) || is_joiner(c);
        if let Some(&(_, first)) = run.first()
            && !joins
            && is_pairing(first) != is_pairing(c)
        {
            flush(&mut run, &mut out);
        }
        run.push((at, c));
    }
    flush(&mut run, &mut out);
    out.into_iter()
}

/// Whether a term is a pair of characters of a script without spaces, which is never stemmed.
pub(super) fn is_paired(term: &str) -> bool {
    term.chars().next().is_some_and(is_pairing)
}

fn flush(run: &mut Vec<(usize, char)>, out: &mut Vec<Range<usize>>) {
    while run.last().is_some_and(|&(_, c)| is_joiner(c)) {
        run.pop();
    }
    let (Some(&(start, first)), Some(&(last, c))) = (run.first(), run.last()) else { return };
    let end = last + c.len_utf8();
    if is_pairing(first) && run.len() > 2 {
        out.extend(run.windows(2).map(|pair| pair[0].0..pair[1].0 + pair[1].1.len_utf8()));
    } else {
        out.push(start..end);
    }
    run.clear();
}

fn is_word(c: char, inside: bool) -> bool {
    c.is_alphanumeric() || (inside && (is_combining_mark(c) || is_joiner(c)))
}

/// Zero-width joiner and non-joiner: part of a word between two letters.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Han, kana, Hangul, Thai, Lao, Khmer, Burmese: scripts that put no space between words, or whose words are short and
/// heavily inflected.
fn is_pairing(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1100..=0x11ff | 0x1780..=0x17ff
        | 0x3005..=0x3007 | 0x3040..=0x30ff | 0x3130..=0x318f | 0x31f0..=0x31ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x20000..=0x3ffff)
}
