//! Recognises sentences that were meant for one person: they point at an earlier message or an attachment, say that the
//! writer has the problem too, speak about the reader, or name a long number.
//!
//! English is the measured part; the other languages have the commonest phrases only.

use std::sync::LazyLock;

use regex::Regex;

use super::{URL, pattern};
use crate::phrase::Phrased;

/// Digits from which a number is a case, an account or a telephone rather than an amount.
const NUMBER_DIGITS_MIN: usize = 9;

/// Points at what was said before, or at a case by its number.
static EARLIER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:(?:your|my|our|his|her) (?:previous|earlier|last|other|first|second|original|initial|recent|new) ",
        r"(?:reply|replies|posts?|answers?|comments?|messages?|e-?mail|question|thread|topic|ticket|case|request|",
        r"response|note|suggestion)",
        r"|(?:reply|post|answer|comment|message) (?:above|below)",
        r"|(?:as|like) (?:i|we|you)(?:'ve| have| had)?(?: already| previously| just)? (?:said|told|mentioned|wrote|",
        r"stated|explained|noted|described|posted|asked|indicated)",
        r"|as (?:already |previously )?(?:mentioned|noted|discussed|stated|described|explained|said) ",
        r"(?:above|before|earlier|previously|in)",
        r"|i(?:'ve| have)? (?:already )?(?:told|answered|replied to|asked) you",
        r"|(?:this|that|another|other|same|following|earlier|previous|your) (?:thread|topic|ticket)",
        r"|(?:ticket|case|order|invoice|reference|bug|request|incident|thread|question)\s*",
        r"(?:no\.?|nr\.?|number|id)?\s*[#:]?\s*\d{4,}",
        r"|our (?:call|chat|conversation)",
        r"|you (?:also |already |just |still |now |only )?(?:mention|mentioned|said|say|stated|state|wrote|write|",
        r"posted|admit|admitted|told|claim|claimed|describe|described|indicated|asked|complain(?:ed)?|",
        r"comment(?:ed)?|quoted)",
        r"|in your (?:post|question|screen ?shot|image|picture|description|comment|reply|ticket|case|first|last|",
        r"original)",
        r"|your (?:post|screen ?shot)s?|duplicate (?:post|question|thread|topic)",
        r"|post(?:ed|ing)? (?:only )?(?:once|twice)|same (?:question|post) (?:twice|again))\b"
    ))
});
/// Points at something that is not sent along.
static ATTACHED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:attached (?:image|picture|photo|pic|screen ?shot|file|document|pdf|video|log|copy|is|are)",
        r"|(?:see|in|as|per|from) (?:the |my )?(?:attached|enclosed|(?:above|below) (?:image|picture|pic|",
        r"screen ?shot|photo|file))",
        r"|see (?:the |my )?attachments?|i(?:'ve| have|'m| am)? ?(?:attach|attached|attaching|enclosed|enclose)",
        r"|(?:image|picture|pic|screen ?shot|photo)s? (?:above|below|attached|enclosed|shows?)",
        r"|(?:see|in|look at) (?:the |this |that |my )?(?:image|picture|pic|photo|screen ?shot))\b"
    ))
});
/// Says that the writer has the same problem, or asks how it ended.
static ME_TOO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:i(?:'m| am|'ve| have)? (?:having|experiencing|seeing|facing|got|had|have|see|get|getting)?\s*",
        r"(?:also |exactly )?(?:the )?(?:exact )?same (?:issue|problem|error|question|trouble|thing|experience|",
        r"symptoms?)",
        r"|same (?:issue|problem|thing|here)(?: here| for me| with me| happen(?:s|ed|ing))",
        r"|me too|i also have (?:this|that)|did you (?:ever )?(?:find|get|figure|solve|resolve) ",
        r"|any (?:updates?|news|luck|solution)\b.{0,30}\?)"
    ))
});
/// Speaks about the reader: what they run, or what they are like.
static ABOUT_READER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^\W*(?:(?:i see|it (?:looks|seems|appears)(?: like| that)?|looks like|since|as|because|so|well|ok),? )?",
        r"(?:you(?:'re| are) (?:on|using|running|still)\b[^?]*$)",
        r"|\b(?:you(?:'re| are) (?:wrong|mistaken|leaping)|your (?:ignorance|attitude|rant|tone|frustration)|",
        r"stupid|nonsense|ridiculous|idiot|rubbish)\b"
    ))
});
/// The same in other languages: earlier messages and attachments.
static ELSEWHERE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let phrases = include_str!("own.txt").lines().filter(|line| !line.starts_with('#'));
    phrases.flat_map(|line| line.split(", ")).map(str::to_owned).collect()
});

/// Whether a sentence makes sense to its first reader only.
pub(super) fn is_for_one(sentence: &str) -> bool {
    let text = URL.replace_all(sentence, " ").replace('’', "'");
    points_elsewhere(&text)
        || ME_TOO.is_match(&text)
        || ABOUT_READER.is_match(&text)
        || has_long_number(&text)
        || Phrased::new(&text).contains_any(ELSEWHERE.iter())
}

/// Whether a text points at an earlier message or at an attachment.
pub(super) fn points_elsewhere(text: &str) -> bool {
    EARLIER.is_match(text) || ATTACHED.is_match(text)
}

/// Whether it has a number that is neither a part of a version nor of an address.
fn has_long_number(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|number| number.trim_end_matches('.'))
        .any(|number| number.len() >= NUMBER_DIGITS_MIN && !number.contains('.'))
}
