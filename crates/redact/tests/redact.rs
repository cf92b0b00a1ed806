//! What a text loses, and what it keeps.

use proptest::prelude::*;
use redact::{find, redact};

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(redact(text, &[]), *expected, "{text:?}");
    }
}

#[test]
fn a_ticket_loses_what_belongs_to_a_person() {
    check(&[
        ("My name is Zbyněk, call me at +49 30 1234567.", "My name is [name], call me at [phone]."),
        (
            "Hi Ada,\n\nit works.\n\nBest regards,\nJörg Xylander",
            "Hi [name],\n\nit works.\n\nBest regards,\n[name]",
        ),
        ("On Monday, Cy Oddname wrote:\n> ok", "On Monday, [name] wrote:\n> ok"),
        (
            "Dear Mrs. Quux, Herr Müller and Mme Dupont agree.",
            "Dear Mrs. [name], Herr [name] and Mme [name] agree.",
        ),
        ("I am Fumiko, my card is 4111 1111 1111 1111", "I am [name], my card is [card]"),
        ("From: Petra Novotná <petra@example.cz>", "From: [name] <[email]>"),
        ("iban de89 3704 0044 0532 0130 00, ssn 460-89-9847", "iban [iban], ssn [id]"),
        ("I live at 12 Main Street, Springfield, IL 62704", "I live at [address]"),
        ("blocked 19.253.176.22, password: hunter2", "blocked [ip], password: [secret]"),
        ("https://ada:hunter2@example.org/?to=ada@example.com", "https://[secret]@example.org/?to=[email]"),
        ("They told Zorblax, Maria and Quentin", "They told [name], [name] and [name]"),
    ]);
}

#[test]
fn a_support_text_keeps_its_versions_settings_and_products() {
    let kept = [
        "Thunderbird 115.10.1 (64-bit) on Windows 10, build 10.0.19045.3803",
        "Set IMAP to port 993 and SMTP to 465 or 587, server 192.168.1.10",
        "Google Calendar and Microsoft Exchange since 2024-11-21 10:30:45, at 5:45 PM",
        "Error 0x80070005, 550 5.7.1, NS_ERROR_FAILURE, case 1401073, 1,234,567 messages",
        "See https://support.mozilla.org/en-US/kb/thunderbird-faq#w_12345678 there.",
        "The size is 25 MB (26214400 bytes), 1920x1080, 12 345 678 bytes.",
        "I am using the latest version. This is Thunderbird. Will it work? May I ask?",
        "The password is wrong, and my name is not shown. Go to Account Settings > Server Settings.",
        "Crash bp-0a1b2c3d-1111-2222-3333-444455556666",
        "Hello,\nI have a problem.\nThanks in advance",
        "Hi there, Dear Support Team, Hello everyone!",
    ];
    check(&kept.map(|text| (text, text)));
}

#[test]
fn names_that_are_known_are_found_in_either_case() {
    for (text, names, expected) in [
        ("Ask zorblax or ZORBLAX's boss.", &["Ada Zorblax"][..], "Ask [name] or [name]'s boss."),
        ("You will see Will there.", &["Will Quux"], "You will see [name] there."),
        ("A. B. wrote it", &["A. B."], "A. B. wrote it"),
        ("Zorblaxian is another word", &["Zorblax"], "Zorblaxian is another word"),
        (
            "zorblax@example.org and https://example.org/zorblax",
            &["Zorblax"],
            "[email] and https://example.org/zorblax",
        ),
    ] {
        assert_eq!(redact(text, names), expected, "{text:?}");
    }
}

/// What searches run through, again and again: nothing may be looked at more often when the text is longer.
#[test]
fn hostile_texts_end() {
    for part in [
        "1 ",
        "1.",
        "a@",
        "@a.",
        "(1)",
        "Ada ",
        "Ada, ",
        "12 Rue A ",
        "eyJ-",
        "::1",
        "Aa0_",
        "[email]",
        "+1 ",
        "Apt. 1\n",
        "password: ",
        "https://",
        "de89 ",
        "Dr. ",
        "'",
        "é",
        "-----BEGIN ",
        "Hi A,\n",
    ] {
        let text = part.repeat(20_000 / part.len());
        for found in find(&text, &["Ada"]) {
            assert!(!text[found.range].is_empty());
        }
    }
}

fn anything() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        ".{0,12}",
        "[0-9 ()+./x-]{1,20}",
        "[A-Z][a-z]{1,8}",
        Just(" ".to_owned()),
        Just("\n".to_owned()),
        proptest::sample::select(vec![
            "[email]",
            "[name]",
            "ada@example.org",
            "Hi Ada,\n",
            "my name is ",
            "Best regards,\nBo",
            "Apt. 5 ",
            "12 Main Street",
            "password: ",
            "+49 30 1234567",
            "Dr. ",
            "https://a:b@example.org/x",
            " and ",
            ", ",
            "19.253.176.22",
            "Grüße\nJörg",
            "GB29NWBK60161331926819",
            "4111111111111111",
            " wrote:",
            "É",
            "e\u{301}",
            "\u{a0}",
            "'s",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(parts, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn findings_are_in_order_and_disjoint(text in anything(), name in "[A-Za-z ]{0,10}") {
        let mut last = 0;
        for found in find(&text, &[&name]) {
            prop_assert!(last <= found.range.start && found.range.start < found.range.end);
            prop_assert!(text.get(found.range.clone()).is_some());
            last = found.range.end;
        }
    }

    #[test]
    fn a_second_pass_changes_nothing(text in anything(), name in "[A-Za-z ]{0,10}") {
        let once = redact(&text, &[&name]);
        prop_assert_eq!(redact(&once, &[&name]), once);
    }
}
