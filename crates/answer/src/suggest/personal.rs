//! Makes an old reply fit to be sent to somebody else: no greeting by name, no signature, no quoted mail, no address,
//! no number that belongs to a person.

/// Beginnings of a line that greets, lower case, in the languages with phrases of their own.
const GREETINGS: [&str; 34] = [
    "hi",
    "hello",
    "hey",
    "dear",
    "good morning",
    "good afternoon",
    "good evening",
    "greetings",
    "hallo",
    "guten tag",
    "sehr geehrte",
    "liebe",
    "lieber",
    "hola",
    "estimad",
    "buenos",
    "buenas",
    "bonjour",
    "bonsoir",
    "cher",
    "chère",
    "olá",
    "prezad",
    "caro",
    "cara",
    "ciao",
    "gentile",
    "buongiorno",
    "beste",
    "geachte",
    "здравствуйте",
    "добрый",
    "مرحبا",
    "merhaba",
];
/// Beginnings of a line after which only the signature comes.
const FAREWELLS: [&str; 33] = [
    "best",
    "best regards",
    "kind regards",
    "warm regards",
    "regards",
    "sincerely",
    "yours",
    "cheers",
    "thanks",
    "thank you",
    "many thanks",
    "mit freundlichen",
    "viele grüße",
    "beste grüße",
    "freundliche grüße",
    "liebe grüße",
    "saludos",
    "un saludo",
    "atentamente",
    "cordialement",
    "bien à vous",
    "atenciosamente",
    "cumprimentos",
    "cordiali saluti",
    "saluti",
    "met vriendelijke",
    "groeten",
    "с уважением",
    "مع التحية",
    "saygılarımla",
    "sent from my",
    "--",
    "__",
];
/// Longest greeting or farewell line, in words; longer ones say something.
const MANNERS_WORDS_MAX: usize = 6;
/// Digits from which a number is taken for one of a person: telephone, card, order. Years and versions have fewer.
const DIGITS_MIN: usize = 7;

/// The reply without what was meant for one person only.
pub(super) fn without_personal(reply: &str) -> String {
    let mut lines: Vec<&str> = vec![];
    for line in reply.lines() {
        let line = line.trim_end();
        if line.trim_start().starts_with('>') {
            continue;
        }
        // What follows is the mail that was answered.
        if line.ends_with("wrote:") || line.contains("-----Original Message-----") {
            break;
        }
        lines.push(line);
    }
    while lines.first().is_some_and(|line| line.trim().is_empty() || is_manners(line, &GREETINGS)) {
        lines.remove(0);
    }
    let text = lines.iter().position(|_| true).map_or(&lines[..0], |_| &lines[..]);
    let farewell = text.iter().rposition(|line| is_manners(line, &FAREWELLS));
    // A farewell stands near the end; elsewhere it is a line like others.
    let end = farewell.filter(|at| text.len() - at <= 6 && *at > 0).unwrap_or(text.len());
    text[..end].join("\n").split('\n').map(mask).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Whether a line has a mail address or a number that may belong to a person.
pub fn is_personal(line: &str) -> bool {
    mask(line) != line
}

fn is_manners(line: &str, beginnings: &[&str]) -> bool {
    let lower = line.trim().to_lowercase();
    lower.split_whitespace().count() <= MANNERS_WORDS_MAX
        && beginnings.iter().any(|beginning| {
            lower.strip_prefix(beginning).is_some_and(|rest| {
                let goes_on = rest.starts_with(char::is_alphanumeric);
                // `estimad` stands for estimado and estimada.
                !goes_on || matches!(*beginning, "estimad" | "prezad" | "sehr geehrte" | "geachte")
            })
        })
        && !lower.ends_with(':')
}

/// A line without mail addresses and long numbers. Web addresses stay: they are what many replies are about.
fn mask(line: &str) -> String {
    let mut out: Vec<String> = vec![];
    let mut number: Vec<&str> = vec![];
    for word in line.split(' ') {
        if is_number_part(word) {
            number.push(word);
            continue;
        }
        flush(&mut out, &mut number);
        out.push(if is_mail(word) { masked(word, "[email]") } else { long_digits_masked(word) });
    }
    flush(&mut out, &mut number);
    out.join(" ")
}

fn flush(out: &mut Vec<String>, number: &mut Vec<&str>) {
    let digits: usize = number.iter().map(|word| word.chars().filter(char::is_ascii_digit).count()).sum();
    if digits >= DIGITS_MIN {
        let last = number.last().copied().unwrap_or_default();
        let tail = last.trim_start_matches(|c: char| c.is_ascii_digit() || "+()-/.".contains(c));
        out.push(format!("[number]{tail}{}", if last.ends_with('.') { "." } else { "" }));
    } else {
        out.extend(number.iter().map(|word| (*word).to_owned()));
    }
    number.clear();
}

/// `+49`, `(030)`, `1234-5678`: what telephone and card numbers are made of.
fn is_number_part(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit())
        && word
            .trim_end_matches([',', ';', '.', '!', '?'])
            .chars()
            .all(|c| c.is_ascii_digit() || "+()-/.".contains(c))
}

fn is_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        !word.contains("://")
            && name.ends_with(|c: char| c.is_alphanumeric() || "._-+".contains(c))
            && host.contains('.')
            && host.starts_with(char::is_alphanumeric)
    })
}

/// Replaces a word and keeps the punctuation around it.
fn masked(word: &str, mask: &str) -> String {
    let tail_at = word.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    let head_at = word.find(|c: char| c.is_alphanumeric()).unwrap_or(0);
    format!("{}{mask}{}", &word[..head_at], &word[tail_at..])
}

/// A word such as `DE89370400440532013000` or `#1234567`: a long run of digits within letters.
fn long_digits_masked(word: &str) -> String {
    let longest = word.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    if longest >= DIGITS_MIN && !word.contains("://") { masked(word, "[number]") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_reply_loses_what_was_meant_for_one_person() {
        for (reply, expected) in [
            ("Hi John,\n\nOpen Settings.\n\nBest regards,\nAda\nAcme", "Open Settings."),
            ("Dear Mrs. Smith,\nPlease restart it.", "Please restart it."),
            ("Hola María:\nReinicie.\nSaludos,\nAda", "Hola María:\nReinicie."),
            ("Write to ada@example.org, or call +49 30 1234567.", "Write to [email], or call [number]."),
            ("Your IBAN is DE89370400440532013000!", "Your IBAN is [number]!"),
            ("Order #12345678 shipped in 2024.", "Order #[number] shipped in 2024."),
            ("Version 1.2.3 of 2024-11-21 helps.", "Version 1.2.3 of [number] helps."),
            (
                "See https://example.org/articles/12345678 there.",
                "See https://example.org/articles/12345678 there.",
            ),
            ("Do this:\n1. Open it\n2. Close it", "Do this:\n1. Open it\n2. Close it"),
            (
                "Thanks for writing, we looked into the matter of the printer.",
                "Thanks for writing, we looked into the matter of the printer.",
            ),
            ("Yes.\n\nOn Monday, Cy wrote:\n> secret", "Yes."),
            ("Hello,", ""),
            ("", ""),
        ] {
            assert_eq!(without_personal(reply), expected, "{reply:?}");
        }
    }
}
