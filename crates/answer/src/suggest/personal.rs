//! Makes an old reply fit to be sent to somebody else: no greeting by name, no signature, no quoted mail, and none of
//! the personal data that `redact` finds.

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
    redact::redact(&text[..end].join("\n"), &[]).trim().to_owned()
}

/// Whether a line has personal data of any [`redact::Kind`].
pub fn is_personal(line: &str) -> bool {
    !redact::find(line, &[]).is_empty()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_reply_loses_what_was_meant_for_one_person() {
        for (reply, expected) in [
            ("Hi John,\n\nOpen Settings.\n\nBest regards,\nAda\nAcme", "Open Settings."),
            ("Dear Mrs. Smith,\nPlease restart it.", "Please restart it."),
            ("Hola María:\nReinicie.\nSaludos,\nAda", "Hola [name]:\nReinicie."),
            ("Write to ada@example.org, or call +49 30 1234567.", "Write to [email], or call [phone]."),
            ("Your IBAN is DE89370400440532013000!", "Your IBAN is [iban]!"),
            ("Order #12345678 shipped in 2024.", "Order #12345678 shipped in 2024."),
            ("Version 1.2.3 of 2024-11-21 helps.", "Version 1.2.3 of 2024-11-21 helps."),
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
